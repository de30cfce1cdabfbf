"""Searching with a screen: the hits and scores of any other search, to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybench.indexes.exact import guesses, passes, screened, shortlist, spans
from hybench.indexes.exact.guesses import Sample
from hybench.indexes.exact.keys import (
    Floats,
    Keys,
    Orders,
    Rows,
    hit_keys,
    key_orders,
    key_scores,
)
from hybench.indexes.exact.loads import Asked, Load
from hybench.indexes.exact.products import score_pairs
from hybench.indexes.exact.reference import search_plainly
from hybench.indexes.exact.screened import search_coarsely
from hybench.indexes.exact.screens import bfloat16, int8
from hybench.indexes.exact.screens.precision import Precision
from hybench.indexes.exact.screens.rough import Rough
from hybench.indexes.exact.shortlist import Shortlist
from hybench.indexes.exact.spans import Span
from tests.indexes.exact.screens.precisions import NAMES, PRECISIONS
from tests.indexes.exact.test_search import embeddings, make_pool, small_integers


def coarsely(
    parts: Sequence[Floats],
    order: Orders,
    queries: Floats,
    depths: Sequence[int],
    precision: Precision,
) -> list[Keys]:
    """The best keys in each part, and in all."""
    starts = np.cumsum([0, *map(len, parts)]).tolist()
    own = [
        Span(number, start, part, order[start : start + len(part)])
        for number, (part, start) in enumerate(zip(parts, starts, strict=False))
    ]
    none = np.empty(0, np.int64)
    load = Load(queries, tuple(depths), Asked(none, none, np.empty(0, np.uint64)), True)
    [found] = search_coarsely(own, [load], [precision])
    return found.best


@given(
    seed=st.integers(0, 2**16),
    sizes=st.lists(st.integers(1, 300), min_size=1, max_size=4),
    query_count=st.integers(1, 12),
    depths=st.lists(st.sampled_from([0, 1, 7, 40]), min_size=4, max_size=4),
    k=st.sampled_from([None, 1, 7, 90]),
    pending=st.sampled_from([0, 1, 3]),
    near=st.sampled_from([None, 1.0, 1e-2, 1e-3]),
    precision=st.sampled_from(PRECISIONS),
)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_finds_what_a_search_in_float32_finds(
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    sizes: list[int],
    query_count: int,
    depths: list[int],
    k: int | None,
    pending: int,
    near: float | None,
    precision: Precision,
) -> None:
    monkeypatch.setattr(passes, "FEW", 1)
    monkeypatch.setattr(screened, "QUERY_BLOCK", 3)
    monkeypatch.setattr(spans, "PASSAGE_BLOCK", 70)
    monkeypatch.setattr(guesses, "LEAST", 60)
    for module in (bfloat16, int8):
        monkeypatch.setattr(module, "_CACHED", 16)
    monkeypatch.setattr(shortlist, "PENDING", pending)
    pool, _ = make_pool(seed, sizes, 3)
    queries = small_integers(seed + 99, query_count, 3)
    if near:  # scores that differ by less than rough products tell
        generator = np.random.default_rng(seed)
        middle, *others = generator.standard_normal((len(pool) + 1, 3), np.float32)
        vectors = np.split(middle + np.float32(near) * np.array(others), pool.starts[1:-1])
        pool.parts = tuple(
            replace(part, vectors=each) for part, each in zip(pool.parts, vectors, strict=True)
        )
        queries = generator.standard_normal(queries.shape, np.float32)
    found = []
    for known in ((precision,), ()):
        pool.precisions = known
        found.append(pool.search_parts(queries, depths[: len(sizes)], k))
    ours, expected = found
    for one, other in zip(
        (*ours.parts, ours.whole), (*expected.parts, expected.whole), strict=True
    ):
        assert (one.rows == other.rows).all()
        assert np.array_equal(one.scores, other.scores, equal_nan=True)
    assert ours.ranks.shape == expected.ranks.shape == (0,)


@given(
    seed=st.integers(0, 2**16),
    sizes=st.lists(st.integers(1, 300), min_size=1, max_size=4),
    query_count=st.integers(1, 12),
    depths=st.lists(st.integers(0, 300), min_size=5, max_size=5),
    near=st.sampled_from([None, 1.0, 1e-2, 1e-3]),
    precision=st.sampled_from(PRECISIONS),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_keys_are_those_of_the_plain_search(
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    sizes: list[int],
    query_count: int,
    depths: list[int],
    near: float | None,
    precision: Precision,
) -> None:
    monkeypatch.setattr(screened, "QUERY_BLOCK", 3)
    monkeypatch.setattr(spans, "PASSAGE_BLOCK", 70)
    monkeypatch.setattr(guesses, "LEAST", 60)
    generator = np.random.default_rng(seed)
    if near is None:  # many equal scores
        vectors, queries = small_integers(seed, sum(sizes), 5), small_integers(~seed % 99, 8, 5)
    else:  # scores closer to each other than rough products tell
        middle, *others = generator.standard_normal((sum(sizes) + 1, 24), np.float32)
        vectors = middle + np.float32(near) * np.array(others)
        queries = generator.standard_normal((query_count, 24), np.float32)
    parts = np.split(vectors, np.cumsum(sizes)[:-1])
    order = generator.permutation(len(vectors)).astype(np.uint32)
    depth = [min(each, size) for each, size in zip(depths, [*sizes, len(vectors)], strict=False)]
    depth[-1] = min(depths[-1], len(vectors))
    found = coarsely(parts, order, queries, depth, precision)
    for ours, plain in zip(found, search_plainly(parts, order, queries, depth), strict=True):
        assert np.array_equal(np.sort(ours, axis=1)[:, ::-1], plain)


def test_the_plain_search_sorts() -> None:
    parts = [np.array([[1, 0], [0, 1]], np.float32), np.array([[1, 0], [-1, 0]], np.float32)]
    order = np.array([1, 0, 3, 2], np.uint32)
    found = search_plainly(parts, order, np.array([[2, 1]], np.float32), [1, 2, 3])
    assert [key_orders(each).tolist() for each in found] == [[[1]], [[3, 2]], [[3, 1, 0]]]
    assert key_scores(found[-1]).tolist() == [[2, 2, 1]]


@pytest.mark.parametrize(("second", "stays"), [(0.85, True), (0.75, False)])
def test_a_pair_stays_while_it_can_be_the_best(second: float, stays: bool) -> None:
    scored = []

    def keys(_: Rows, rows: Rows) -> Keys:
        scored.extend(rows.tolist())
        return hit_keys(np.full(len(rows), 0.9, np.float32), rows)

    waiting = Shortlist(1, 1, keys)
    waiting.add(Rough(torch.tensor([[1.0, second]]), np.array([0.1], np.float32)), 5)
    best = waiting.best()
    assert scored == ([5, 6] if stays else [5])
    assert key_orders(best).tolist() == [scored[-1:]]


@pytest.mark.parametrize("precision", PRECISIONS, ids=NAMES)
def test_few_pairs_are_scored(precision: Precision, monkeypatch: pytest.MonkeyPatch) -> None:
    scored = []

    def count(*arguments: Any, **options: Any) -> Floats:
        scored.append(len(arguments[2]))
        return score_pairs(*arguments, **options)

    monkeypatch.setattr(screened, "score_pairs", count)
    vectors = embeddings(1, 30_000)
    order = np.arange(len(vectors), dtype=np.uint32)
    [_, best] = coarsely([vectors], order, embeddings(2, 100), [0, 20], precision)
    assert best.shape == (100, 20)
    most = 12 if precision.name == "int8" else 2.5
    assert 100 * 20 <= sum(scored) < 100 * 20 * most


@pytest.mark.parametrize("precision", PRECISIONS, ids=NAMES)
@pytest.mark.parametrize("high", [True, False])
def test_a_guess_that_is_too_high_costs_time_alone(
    high: bool, precision: Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, queries = embeddings(1, 6000), embeddings(2, 9)
    scores = np.sort(queries @ vectors.T, axis=1)
    searched = []

    def guess(_: Sample, rounded: Any, k: int, memory: Any) -> Floats:
        searched.append(k)
        # For every other query, fewer than k reach it.
        ranks = np.where(np.arange(9) % 2 * high, k - 1, 4 * k)
        return scores[np.arange(9), -ranks]

    monkeypatch.setattr(Sample, "guess", guess)
    monkeypatch.setattr(screened, "QUERY_BLOCK", 9)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        order = np.random.default_rng(3).permutation(6000).astype(np.uint32)
        found = coarsely([vectors], order, queries, [30, 7], precision)
    finally:
        torch.set_num_threads(before)
    for ours, plain in zip(found, search_plainly([vectors], order, queries, [30, 7]), strict=True):
        assert np.array_equal(np.sort(ours, axis=1)[:, ::-1], plain)
    assert searched == [30, 7]


@pytest.mark.parametrize("threads", [1, 3])
def test_it_leaves_torch_its_threads(threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        order = np.arange(500, dtype=np.uint32)
        coarsely([embeddings(1, 500)], order, embeddings(2, 100), [3, 3], PRECISIONS[0])
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
