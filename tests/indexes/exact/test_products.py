from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from hybench.indexes.exact import products


@pytest.mark.parametrize("pairs", [0, 1, 2, 7, 1000])
def test_scores_are_the_same_in_any_number_of_threads(
    pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(pairs)
    queries, vectors = random.standard_normal((2, 50, 33), dtype=np.float32)
    at, rows = random.integers(0, 50, (2, pairs))
    expected = [np.dot(queries[one], vectors[other]) for one, other in zip(at, rows, strict=True)]
    found = {}
    for threads in (1, 3):
        monkeypatch.setattr(pl, "thread_pool_size", lambda count=threads: count)
        monkeypatch.setattr(products, "PAIRS_A_THREAD", 2)
        found[threads] = products.score_pairs(queries, vectors, at, rows)
    assert found[1].dtype == found[3].dtype == np.float32
    assert np.array_equal(found[1], found[3])
    np.testing.assert_allclose(found[1], np.array(expected, np.float32), atol=1e-5)
