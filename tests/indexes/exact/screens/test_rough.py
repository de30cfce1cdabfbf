"""What the products of each precision say of the scores."""

from __future__ import annotations

import numpy as np
import pytest

from hybench.indexes.exact.keys import Floats
from hybench.indexes.exact.screens import rough as rough_module
from hybench.indexes.exact.screens.precision import Memory, Precision
from hybench.indexes.exact.screens.rough import Rough
from tests.indexes.exact.screens.precisions import NAMES, PRECISIONS
from tests.indexes.exact.test_search import embeddings


def products(precision: Precision, queries: Floats, vectors: Floats) -> Rough:
    """The products of queries with a block."""
    return precision.queries(queries).multiply(precision.passages(vectors), Memory())


@pytest.mark.parametrize("scale", [1e-18, 1e-3, 1.0, 30.0])
@pytest.mark.parametrize("few", [False, True])
@pytest.mark.parametrize("precision", PRECISIONS, ids=NAMES)
def test_products_are_never_further_off_than_they_say(
    precision: Precision, few: bool, scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rough_module, "_APART", 2 if few else 10**6)
    queries, vectors = embeddings(4, 200) * np.float32(scale), embeddings(5, 900)
    rough = products(precision, queries, vectors)
    assert (len(rough), rough.width) == (200, 900)
    scores = queries.astype(np.float64) @ vectors.T.astype(np.float64)
    for rank in (0, 450, 850, 899):
        limits = np.sort(scores, axis=1)[:, rank].astype(np.float32)
        at, columns, values = rough.reaching(limits)
        found = np.zeros(scores.shape, np.bool_)
        found[at, columns] = True
        assert (np.diff(at) >= 0).all()
        assert (np.abs(values - scores[at, columns]) <= rough.off(at, values)).all()
        assert found[scores >= limits[:, None]].all()
        # Nor are the bounds so wide that they save nothing.
        assert (found.sum(axis=1) <= (899 - rank) + 150).all()
        least = rough.reached(900 - rank)
        assert ((scores >= least[:, None]).sum(axis=1) >= 900 - rank).all()
        assert ((scores >= least[:, None]).sum(axis=1) <= 900 - rank + 190).all()


@pytest.mark.parametrize("shift", [0.0, 5.0, -3.0])
@pytest.mark.parametrize("wide", [1.0, 100.0])
@pytest.mark.parametrize("precision", PRECISIONS, ids=NAMES)
def test_common_directions_and_large_components_are_allowed_for(
    precision: Precision, shift: float, wide: float
) -> None:
    queries, vectors = embeddings(6, 64) + np.float32(shift), embeddings(7, 500) + np.float32(shift)
    queries[:, 3] *= np.float32(wide)
    vectors[::50, 9] *= np.float32(wide)
    vectors[7] = 0
    rough = products(precision, queries, vectors)
    scores = queries.astype(np.float64) @ vectors.T.astype(np.float64)
    at, columns, values = rough.reaching(np.full(64, -np.inf, np.float32))
    assert len(at) == 64 * 500
    assert (np.abs(values - scores[at, columns]) <= rough.off(at, values)).all()


@pytest.mark.parametrize("query", [1.0, 1.0039])
@pytest.mark.parametrize("passage", [1.0, 1.0039])
@pytest.mark.parametrize("precision", PRECISIONS, ids=NAMES)
def test_roundings_that_add_up_are_allowed_for(
    precision: Precision, query: float, passage: float
) -> None:
    # bfloat16 has 1 and 1.0078 and nothing between: all components are rounded down. About 127 it
    # has steps of half, so that the loss is not hidden by the rounding of the product.
    queries = np.full((64, 127), query, np.float32)
    vectors = np.full((99, 127), passage, np.float32)
    rough = products(precision, queries, vectors)
    score = np.full(64, np.vecdot(queries[0], vectors[0]))
    assert len(rough.reaching(score)[0]) == 64 * 99
    assert (rough.reached(1) <= score).all()


@pytest.mark.parametrize("precision", PRECISIONS, ids=NAMES)
def test_rounded_products_are_no_promise(precision: Precision) -> None:
    # In bfloat16 1 + 3·2⁻⁹ is rounded up to 1 + 2⁻⁷, though both vectors are exact.
    queries, vectors = np.ones((64, 2), np.float32), np.array([[1, 3 * 2**-9]], np.float32)
    assert (products(precision, queries, vectors).reached(1) <= 1 + 3 * 2**-9).all()
