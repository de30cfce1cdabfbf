"""The worker, asked in this process."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from hybench.encoders.checkpoint import locate
from hybench.errors import StateError
from hybench.indexes.model import loading_of
from hybench.indexes.shard_worker import ShardWorker
from hybench.indexes.shards import ShardKey
from hybench.runs.run import Run
from hybench.workers.requests import plain

ROWS = 10


def asked(there: Path, run: Run, name: str) -> dict[str, Any]:
    loading = loading_of(run)
    checkpoint = locate(loading.name)
    key = ShardKey(checkpoint.digest, "passages", "fp32", "f32", ROWS, 16, ROWS)
    return plain(
        {
            **loading.asked(checkpoint),
            "digest": checkpoint.digest,
            "dataset": str(there / "data" / "toy"),
            "language": "de",
            "folder": str(there / name),
            "key": asdict(key),
            "number": 0,
            "device": "cpu",
        }
    )


@pytest.mark.slow
def test_a_worker_that_others_share_loads_the_model_that_is_asked_for(copied: Path) -> None:
    worker, alone = ShardWorker(), {}
    runs = {name: Run(copied / "runs" / name) for name in ("mono", "hybrid")}
    for name, run in runs.items():
        ShardWorker().work(asked(copied, run, f"alone-{name}"), lambda _: None)
        alone[name] = (copied / f"alone-{name}" / "vectors.npy").read_bytes()
    assert alone["mono"] != alone["hybrid"]
    for number, name in enumerate(("mono", "hybrid", "hybrid", "mono")):
        worker.work(asked(copied, runs[name], str(number)), lambda _: None)
        assert (copied / str(number) / "vectors.npy").read_bytes() == alone[name]


@pytest.mark.slow
def test_a_model_that_has_changed_is_refused(copied: Path) -> None:
    request = asked(copied, Run(copied / "runs" / "mono"), "shards")
    with pytest.raises(StateError, match="has changed while it was used"):
        ShardWorker().work({**request, "digest": "another"}, lambda _: None)
