"""Several processes encode what one encodes, to the bit."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.encoders import sharing
from hybench.encoders.batching import Batching
from hybench.encoders.loading import load_encoder
from hybench.encoders.options import EncoderOptions
from hybench.encoders.prompts import TextKind
from hybench.encoders.sharing import Loading
from hybench.errors import StateError
from hybench.workers.pool import WorkerPool, devices_here
from tests.builders import words

TEXTS = [words("yo", number) * (1 + number % 7) for number in range(400)]
KINDS: tuple[TextKind, ...] = ("query", "passage")
OPTIONS = EncoderOptions(query_prefix="q: ", query_length=24, passage_length=48)


@given(st.lists(st.integers(0, 600), max_size=200), st.integers(1, 9))
def test_shares_are_cut_where_batches_begin(lengths: list[int], most: int) -> None:
    import torch

    device, own = torch.device("cpu"), np.sort(np.array(lengths, np.int64))[::-1]
    batching = Batching(static=False)
    cuts = batching.cuts(own, device)
    shares = sharing._shares(cuts, own, most)
    assert len(shares) <= most
    assert [row for first, last in shares for row in range(first, last)] == list(range(len(own)))
    # What is left of each share begins with the batch that one process would make there.
    again = [first + batching.cuts(own[first:last], device) for first, last in shares]
    assert np.unique(np.concatenate([[0], *again])).tolist() == np.unique(cuts).tolist()


@pytest.mark.process
@pytest.mark.slow
def test_vectors_are_those_of_one_process(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(checkpoint, tmp_path / "model")
    loading = Loading(str(tmp_path / "model"), OPTIONS)
    encoder = load_encoder(loading.name, "cpu", OPTIONS)
    loaded = encoder.work  # a few texts are encoded to see that it can
    expected = {kind: encoder.encode(TEXTS, kind) for kind in KINDS}
    alone = encoder.work
    monkeypatch.setattr(sharing, "WORTH", 0)
    plain, sent = WorkerPool._send, list[int]()

    def send(self: WorkerPool, worker: int, *rest: Any) -> None:
        plain(self, worker, *rest)
        sent.append(worker)
        if len(sent) == 1:
            os.kill(self._processes[worker].pid, signal.SIGKILL)

    monkeypatch.setattr(WorkerPool, "_send", send)
    told: list[int] = []
    with sharing.sharing(encoder, loading, ("cpu", "cpu")) as shared:
        for kind, vectors in expected.items():
            found = shared.encode(TEXTS, kind, told.append)
            assert np.array_equal(found.view(np.uint32), vectors.view(np.uint32))
        assert len(sent) >= 5
        assert len(sent) % 2 == 1  # both calls have as many shares, and one was sent twice
        assert max(told) == len(TEXTS)
        assert encoder.work - alone == alone - loaded
    config = tmp_path / "model" / "config.json"
    config.write_text(config.read_text().rstrip() + "\n\n")
    with (
        sharing.sharing(encoder, loading, ("cpu", "cpu")) as shared,
        pytest.raises(StateError, match="has changed"),
    ):
        shared.encode(TEXTS[:50], "query")


def test_one_process_shares_nothing(checkpoint: Path) -> None:
    encoder = load_encoder(checkpoint, "cpu")
    for loading, devices in ((None, ("cpu", "cpu")), (Loading(str(checkpoint)), ("cpu",))):
        with sharing.sharing(encoder, loading, devices) as same:
            assert same is encoder
    assert devices_here("mps", 4) == ("mps",)
    assert devices_here("cuda:0", 4) == ()
    assert len(devices_here("cpu", 10**6)) < 10**6
