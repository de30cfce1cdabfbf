"""Guesses of the k-th score: hardly ever too high, and not far too low."""

from __future__ import annotations

import numpy as np
import pytest

from hybench.indexes.exact import guesses
from hybench.indexes.exact.guesses import LEAST, Sample
from hybench.indexes.exact.screens.float32 import FLOAT32
from hybench.indexes.exact.screens.precision import Memory
from hybench.indexes.exact.sharded import ShardedVectors
from hybench.indexes.exact.spans import Span
from tests.indexes.exact.test_search import embeddings


@pytest.mark.parametrize("k", [1, 100, 400])
def test_about_k_passages_or_more_reach_it(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "PASSAGE_BLOCK", 700)
    vectors, queries = embeddings(1, 40_000, 16), embeddings(2, 50, 16)
    vectors = vectors[np.argsort(vectors[:, 0])]  # as texts on one thing lie together
    order = np.arange(40_000, dtype=np.uint32)
    files = ShardedVectors(np.array_split(vectors[:30_000], 3))
    spans = [Span(0, 0, files, order[:30_000]), Span(1, 30_000, vectors[30_000:], order[30_000:])]
    sample = Sample.of(spans, FLOAT32)
    assert len(sample.blocks) == 3
    scores = sample.guess(FLOAT32.queries(queries), k, Memory())
    assert scores is not None
    reach = (queries @ vectors.T >= scores[:, None]).sum(axis=1)
    assert (reach >= k).all()
    assert np.median(reach) < 3 * k + 150


def test_few_passages_are_not_guessed_of() -> None:
    vectors = embeddings(1, LEAST - 1, 2)
    order = np.arange(len(vectors), dtype=np.uint32)
    sample = Sample.of([Span(0, 0, vectors, order)], FLOAT32)
    assert sample.guess(FLOAT32.queries(vectors[:5]), 1, Memory()) is None
    assert Sample.of([], FLOAT32).blocks == []


def test_a_sample_that_is_too_small_guesses_nothing() -> None:
    vectors = embeddings(1, LEAST, 2)
    sample = Sample.of([Span(0, 0, vectors, np.arange(LEAST, dtype=np.uint32))], FLOAT32)
    assert sample.guess(FLOAT32.queries(vectors[:5]), LEAST, Memory()) is None
