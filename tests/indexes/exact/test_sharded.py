"""Vectors in several files are read as one array is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.indexes.exact.results import Wanted
from hybench.indexes.exact.search import Part, Pool
from hybench.indexes.exact.sharded import ShardedVectors

ROWS = 40
WHOLE = np.random.default_rng(0).standard_normal((ROWS, 8)).astype(np.float32)
WHOLE /= np.linalg.norm(WHOLE, axis=1, keepdims=True)

CUTS = st.lists(st.integers(1, ROWS - 1), unique=True, max_size=5).map(sorted)
PLACES = st.none() | st.integers(-ROWS - 2, ROWS + 2)


def sharded(cuts: list[int]) -> ShardedVectors:
    return ShardedVectors(np.split(WHOLE, cuts))


@given(CUTS, PLACES, PLACES, st.none() | st.integers(1, ROWS + 1))
def test_slices(cuts: list[int], first: int | None, last: int | None, step: int | None) -> None:
    rows = slice(first, last, step)
    np.testing.assert_array_equal(sharded(cuts)[rows], WHOLE[rows])


@given(CUTS, st.lists(st.integers(0, ROWS - 1), max_size=9))
def test_rows(cuts: list[int], rows: list[int]) -> None:
    chosen = np.array(rows, np.int64)
    np.testing.assert_array_equal(sharded(cuts)[chosen], WHOLE[chosen])
    out = np.empty((len(rows), 8), np.float32)
    assert sharded(cuts).take(chosen, axis=0, out=out, mode="clip") is out
    np.testing.assert_array_equal(out, WHOLE[chosen])


def test_it_has_the_shape_of_an_array() -> None:
    vectors = sharded([7, 20])
    assert vectors.shape == (ROWS, 8)
    assert len(vectors) == ROWS
    np.testing.assert_array_equal(np.asarray(vectors), WHOLE)
    assert np.shares_memory(vectors[8:19], WHOLE)  # within a shard nothing is copied
    with pytest.raises(IndexError):
        vectors[::-1]


@pytest.mark.parametrize("queries", [3, 80])
def test_a_search_finds_the_same(queries: int) -> None:
    order = np.random.default_rng(1).permutation(ROWS).astype(np.uint32)
    asked = np.resize(WHOLE[::-1], (queries, 8))
    wanted = Wanted(np.arange(queries), np.arange(queries) % ROWS)
    found = [
        Pool([Part("sw", vectors, order)]).search(asked, 5, wanted)
        for vectors in (WHOLE, sharded([1, 16, 33]))
    ]
    for one, other in zip(*found, strict=True):
        for field in ("rows", "ranks", "scores"):
            if hasattr(one, field):
                np.testing.assert_array_equal(getattr(one, field), getattr(other, field))


def test_float16_is_widened() -> None:
    halves = np.split(WHOLE.astype(np.float16), [9])
    vectors = ShardedVectors(halves)
    expected = WHOLE.astype(np.float16).astype(np.float32)
    for rows in (slice(None), slice(3, 30, 4), np.array([20, 1, 9])):
        assert vectors[rows].dtype == np.float32
        np.testing.assert_array_equal(vectors[rows], expected[rows])
