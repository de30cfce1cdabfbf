from __future__ import annotations

import numpy as np
import pytest

from hybench.indexes.approximate.pivots import PIVOTS, grouped, pivots_of


def unit(rows: int, dimension: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((rows, dimension), dtype=np.float32)
    normed: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return normed


@pytest.mark.parametrize("rows", [0, 1, PIVOTS, PIVOTS + 1, 5 * PIVOTS + 3])
def test_pivots_are_spread_over_all_vectors(rows: int) -> None:
    vectors = np.arange(2 * rows, dtype=np.float32).reshape(rows, 2)
    pivots = pivots_of(vectors)
    assert min(rows, 1) <= len(pivots) <= PIVOTS
    steps = np.diff(pivots[:, 0])
    assert (steps == steps[:1]).all()


def test_rows_of_one_pivot_stand_side_by_side_in_their_order() -> None:
    pivots = unit(20, 48, 0)
    vectors = unit(9000, 48, 1)
    order = grouped(vectors, pivots)
    assert np.array_equal(np.sort(order), np.arange(9000))
    nearest = np.argmax(vectors[order] @ pivots.T, axis=1)
    # Where two pivots are equally far to three digits, rounding decides.
    assert np.mean(np.diff(nearest) >= 0) > 0.99
    assert (np.diff(order) > 0).mean() > 0.99


def test_the_order_does_not_depend_on_how_products_are_added_up() -> None:
    vectors, pivots = unit(3000, 1024, 2), unit(64, 1024, 3)
    turned = np.random.default_rng(4).permutation(1024)
    again = grouped(np.ascontiguousarray(vectors[:, turned]), pivots[:, turned])
    assert np.array_equal(grouped(vectors, pivots), again)


def test_nothing_to_group() -> None:
    assert grouped(unit(0, 8, 0), unit(3, 8, 1)).tolist() == []
