"""Several processes encode an index: the same bytes as one, whatever becomes of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hybench.data.dataset import Dataset
from hybench.errors import HybenchError
from hybench.files.checksums import sha256_file
from hybench.indexes.model import load_model_of
from hybench.indexes.options import IndexOptions
from hybench.indexes.reader import open_index
from hybench.indexes.writer import build_index
from hybench.runs.run import Run
from hybench.workers.pool import WorkerPool

pytestmark = [pytest.mark.process, pytest.mark.slow]

OPTIONS = IndexOptions(exact=True, shard_rows=10, languages=("de",), force=True)


def digests(run: Run, dataset: Dataset) -> list[str]:
    index = open_index(run, dataset, "de")
    return [sha256_file(index.folder / name) for name in index.manifest.vector_files]


def index(there: Path, name: str, **changes: Any) -> tuple[Run, Dataset]:
    run, dataset = Run(there / "runs" / name), Dataset.open(there / "data" / "toy")
    build_index(run, dataset, load_model_of(run, "cpu"), replace(OPTIONS, **changes))
    return run, dataset


def killing(monkeypatch: pytest.MonkeyPatch, when: Callable[[int], bool]) -> list[int]:
    """Kill a worker as soon as it has a request, if `when` says so of the number of requests."""
    sent: list[int] = []
    plain = WorkerPool._send

    def send(self: WorkerPool, worker: int, *rest: Any) -> None:
        plain(self, worker, *rest)
        sent.append(worker)
        if when(len(sent)):
            os.kill(self._processes[worker].pid, signal.SIGKILL)

    monkeypatch.setattr(WorkerPool, "_send", send)
    return sent


def test_two_processes_write_what_one_writes(copied: Path) -> None:
    alone = digests(*index(copied, "mono"))
    assert len(alone) == 9
    assert digests(*index(copied, "mono", processes=2)) == alone


def test_the_shard_of_a_killed_worker_is_encoded_by_another(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = digests(*index(copied, "mono"))
    sent = killing(monkeypatch, lambda count: count == 1)
    assert digests(*index(copied, "mono", processes=2)) == alone
    assert len(sent) == 10


def test_where_all_die_finished_shards_are_kept(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        killing(patch, lambda count: count > 4)
        with pytest.raises(HybenchError, match="All 2 processes have died"):
            index(copied, "mono", processes=2)
    shards = copied / "runs" / "mono" / "index" / "toy" / ".de.shards"
    assert len(list(shards.glob("*.npy"))) == 4
    sent = killing(monkeypatch, lambda _: False)
    index(copied, "mono", processes=2)
    assert len(sent) == 5


def test_what_a_worker_cannot_do_is_said(copied: Path) -> None:
    run, dataset = Run(copied / "runs" / "mono"), Dataset.open(copied / "data" / "toy")
    encoder = load_model_of(run, "cpu")
    (run.model / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(HybenchError, match=r"mono|model"):
        build_index(run, dataset, encoder, replace(OPTIONS, processes=2))
