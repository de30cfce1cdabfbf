from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from hybench.errors import UsageError
from hybench.indexes.approximate.graph import (
    PRECISIONS,
    Graph,
    GraphOptions,
    Precision,
    overlap,
    to_i8,
)
from hybench.indexes.exact.keys import NO_HIT, hit_keys
from hybench.indexes.exact.search import Part, Pool


def clustered(rows: int, seed: int) -> npt.NDArray[np.float32]:
    generator = np.random.default_rng(seed)
    centres = np.random.default_rng(0).standard_normal((100, 48))
    vectors = centres[generator.integers(0, 100, rows)] + 0.7 * generator.standard_normal(
        (rows, 48)
    )
    normed: npt.NDArray[np.float32] = (
        vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    ).astype(np.float32)
    return normed


VECTORS = clustered(3000, 1)
QUERIES = clustered(100, 2)
ORDER = np.random.default_rng(3).permutation(3000).astype(np.uint32)


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_graphs_of_every_precision_find_nearly_all(dtype: Precision) -> None:
    graph = Graph.build(VECTORS, GraphOptions(dtype=dtype))
    found = graph.search(QUERIES, 100, VECTORS, ORDER)
    pool = Pool([Part("en", VECTORS, ORDER)])
    exact, _ = pool.search(QUERIES, 100)
    assert overlap(found, hit_keys(exact.scores, ORDER[exact.rows])) >= 0.97
    hits = pool.decode(found)
    # Whatever the graph's precision, scores are the exact ones and hits are in their order.
    at = np.arange(100)[:, None]
    np.testing.assert_allclose(hits.scores, (QUERIES @ VECTORS.T)[at, hits.rows], atol=1e-6)
    assert (np.diff(hits.scores, axis=1) <= 0).all()


def test_rows_in_several_groups_are_all_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybench.indexes.approximate.graph._GROUP_ROWS", 1000)
    monkeypatch.setattr("hybench.indexes.approximate.graph._ADD_ROWS", 300)
    told: list[int] = []
    graph = Graph.build(VECTORS, GraphOptions(), told.append)
    assert told == [300, 600, 900, 1000, 1300, 1600, 1900, 2000, 2300, 2600, 2900, 3000]
    keys = graph.search(VECTORS, 1, VECTORS, ORDER)
    assert np.array_equal(keys[:, 0] & np.uint64(0xFFFF_FFFF), ORDER)


def test_what_a_query_finds_does_not_depend_on_the_others() -> None:
    graph = Graph.build(VECTORS, GraphOptions())
    alone = [graph.search(QUERIES[n : n + 1], 10, VECTORS, ORDER) for n in range(len(QUERIES))]
    together = graph.search(QUERIES, 10, VECTORS, ORDER)
    assert np.array_equal(np.sort(np.concatenate(alone)), np.sort(together))


def test_a_saved_graph_finds_the_same(tmp_path: Path) -> None:
    options = GraphOptions(dtype="i8")
    graph = Graph.build(VECTORS, options)
    graph.save(tmp_path / "graph")
    loaded = Graph.load(tmp_path / "graph", 48, options, graph.scale)
    mine = np.sort(graph.search(QUERIES, 10, VECTORS, ORDER))
    assert (mine == np.sort(loaded.search(QUERIES, 10, VECTORS, ORDER))).all()


def test_with_one_thread_a_graph_is_reproducible(tmp_path: Path) -> None:
    for name in "ab":
        Graph.build(VECTORS[:500], GraphOptions()).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("queries", [0, 1, 2])
def test_more_hits_asked_for_than_there_are_rows(queries: int) -> None:
    graph = Graph.build(VECTORS[:4], GraphOptions())
    keys = graph.search(QUERIES[:queries], 9, VECTORS[:4], np.arange(4, dtype=np.uint32))
    assert keys.shape == (queries, 4)
    assert (keys != NO_HIT).all()


def test_i8_clips_the_outliers_only() -> None:
    vectors = np.full((20_000, 2), 0.5, np.float32)
    vectors[0, 0] = 10.0
    from hybench.indexes.approximate.graph import i8_scale

    scale = i8_scale(vectors)
    assert scale == pytest.approx(254)
    assert to_i8(vectors, scale)[:2].tolist() == [[127, 127], [127, 127]]
    assert i8_scale(np.zeros((3, 2), np.float32)) == 1.0


def test_overlap_is_the_share_of_exact_hits_found() -> None:
    found = np.array([[1, 2, 3], [4, 5, 6]], np.uint64)
    exact = np.array([[3, 2, 9], [4, 5, 6]], np.uint64)
    assert overlap(found, exact) == pytest.approx((2 / 3 + 1) / 2)


@pytest.mark.parametrize(
    "wrong", [{"dtype": "f64"}, {"connectivity": 1}, {"expansion_add": 0}, {"threads": -1}]
)
def test_wrong_options_name_their_flag(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"--{next(iter(wrong)).replace('_', '-')}"):
        GraphOptions(**wrong)
