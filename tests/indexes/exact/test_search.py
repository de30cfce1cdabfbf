from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from hybench.indexes.exact import one_pass, passes, search, spans
from hybench.indexes.exact.keys import id_order
from hybench.indexes.exact.products import Screen
from hybench.indexes.exact.results import Wanted
from hybench.indexes.exact.screens.precision import Precision
from hybench.indexes.exact.search import Part, Pool
from tests.indexes.exact.screens.precisions import NAMES, PRECISIONS

DEVICES = ("cpu", "cpu:0")
"""numpy's way, and on the CPU the way of other devices."""

LANGUAGES = ("yo", "ar", "zh-hant", "zh")


def small_integers(seed: int, rows: int, dimension: int) -> npt.NDArray[np.float32]:
    """Vectors whose products are exact in any order, and often equal."""
    return np.random.default_rng(seed).integers(-1, 2, (rows, dimension)).astype(np.float32)


def make_pool(
    seed: int, sizes: list[int], dimension: int, device: str = "cpu"
) -> tuple[Pool, list[str]]:
    """A pool, and the carried ids of its rows; passage ids collide among its languages."""
    parts, carried = [], {}
    for number, size in enumerate(sizes):
        generator = np.random.default_rng([seed, number])
        ids = [f"é{one}#0" for one in generator.permutation(size)]
        language = LANGUAGES[number]
        vectors = small_integers(seed + number, size, dimension)
        parts.append(Part(language, vectors, id_order(pl.Series(ids, dtype=pl.String))))
        carried[language] = [f"{language}/{one}" for one in ids]
    pool = Pool(parts, device)
    return pool, [one for language in pool.languages for one in carried[language]]


def brute_force(pool: Pool, ids: list[str], query: npt.NDArray[np.float32]) -> list[int]:
    """All rows, best first."""
    scores = np.concatenate([part.vectors for part in pool.parts]) @ query
    rows = range(len(ids))
    return sorted(rows, key=lambda row: (scores[row], ids[row].encode()), reverse=True)


@given(
    seed=st.integers(0, 2**16),
    sizes=st.lists(st.integers(1, 150), min_size=1, max_size=4),
    query_count=st.integers(0, 7),
    k=st.integers(1, 40),
    device=st.sampled_from(DEVICES),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_search_agrees_with_sorting(
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    sizes: list[int],
    query_count: int,
    k: int,
    device: str,
) -> None:
    monkeypatch.setattr(one_pass, "QUERY_BLOCK", 3)
    monkeypatch.setattr(search, "PASSAGE_BLOCK", 70)
    monkeypatch.setattr(spans, "PASSAGE_BLOCK", 70)
    pool, ids = make_pool(seed, sizes, 3, device)
    queries = small_integers(seed + 99, query_count, 3)
    generator = np.random.default_rng(seed)
    asked = generator.integers(0, 4 * query_count + 1)
    at = generator.integers(0, max(query_count, 1), asked)
    rows = generator.integers(0, len(pool), asked)
    hits, ranked = pool.search(queries, k, Wanted(at, rows))
    expected = [brute_force(pool, ids, query) for query in queries]
    assert hits.rows.tolist() == [one[:k] for one in expected]
    table = queries @ np.concatenate([part.vectors for part in pool.parts]).T
    assert (hits.scores == np.take_along_axis(table, hits.rows, axis=1)).all()
    assert ranked.ranks.tolist() == [
        expected[query].index(row) + 1 for query, row in zip(at, rows, strict=True)
    ]
    assert (ranked.scores == table[at, rows]).all()


@pytest.mark.parametrize("k", [1, 10, 1000])
def test_real_valued_vectors_agree_with_argsort(k: int) -> None:
    generator = np.random.default_rng(5)
    vectors = generator.standard_normal((20_000, 24), dtype=np.float32)
    queries = generator.standard_normal((40, 24), dtype=np.float32)
    hits, _ = Pool([Part("en", vectors, np.arange(20_000, dtype=np.uint32))]).search(queries, k)
    exact = np.argsort(-(queries.astype(np.float64) @ vectors.T.astype(np.float64)), axis=1)
    assert (hits.rows == exact[:, :k]).mean() > 0.999
    assert (np.diff(hits.scores, axis=1) <= 0).all()


def embeddings(seed: int, rows: int, dimension: int = 64) -> npt.NDArray[np.float32]:
    """Normal vectors of length 1, about a common direction as those of models are."""
    generator = np.random.default_rng(seed)
    vectors = generator.standard_normal((rows, dimension)) + np.linspace(-1, 1, dimension)
    normed: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return normed.astype(np.float32)


def as_ordered(pool: Pool, queries: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.int64]:
    """The k best rows by the scores of single pairs; equal ones by their place, the last first."""
    (part,) = pool.parts
    scores = np.array([np.vecdot(np.asarray(part.vectors), query) for query in queries])
    return np.lexsort((np.broadcast_to(part.order, scores.shape), scores), axis=1)[:, ::-1][:, :k]


@pytest.mark.parametrize("precision", [None, *PRECISIONS], ids=["none", *NAMES])
@pytest.mark.parametrize("queries", [1, 7, 600])
@pytest.mark.parametrize("copies", [1, 40])
def test_screening_changes_nothing(
    precision: Precision | None, queries: int, copies: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PASSAGE_BLOCK", 700)
    monkeypatch.setattr(spans, "PASSAGE_BLOCK", 700)
    monkeypatch.setattr(passes, "FEW", 1)
    vectors = embeddings(1, 5003)
    generator = np.random.default_rng(2)
    for number in range(30 * (copies > 1)):
        vectors[generator.permutation(len(vectors))[:copies]] = vectors[number]
    pool = Pool([Part("en", vectors, generator.permutation(len(vectors)).astype(np.uint32))])
    pool.precisions = (precision,) if precision else ()
    asked = embeddings(3, queries)
    hits, _ = pool.search(asked, 50)
    expected = as_ordered(pool, asked, 50)
    assert (hits.rows == expected).all()
    # Of the copies, those that are found have one score.
    at = np.arange(queries)[:, None]
    assert (hits.scores == np.array([np.vecdot(vectors, q) for q in asked])[at, expected]).all()


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_products_are_never_further_off_than_their_slack(scale: float) -> None:
    queries, vectors = embeddings(4, 200) * np.float32(scale), embeddings(5, 900)
    screen = Screen(queries)
    screen.load(vectors)
    scores = queries.astype(np.float64) @ vectors.T.astype(np.float64)
    block = screen.multiply(slice(0, 200))
    for rank in (0, 450, 899):
        limits = np.sort(scores, axis=1)[:, rank].astype(np.float32)
        found = np.zeros(scores.shape, np.bool_)
        found[block.reaching(limits)] = True
        assert found[scores >= limits[:, None]].all()
        # Nor is the slack so wide that it saves nothing.
        assert (found.sum(axis=1) <= (899 - rank) + 5).all()
        reached = block.reached(900 - rank)
        assert ((scores >= reached[:, None]).sum(axis=1) >= 900 - rank).all()


@pytest.mark.parametrize("queries", [3, 300])
def test_threads_do_not_change_what_is_found(queries: int) -> None:
    vectors = np.repeat(embeddings(6, 2000), 5, axis=0)
    pool = Pool([Part("en", vectors, np.arange(len(vectors), dtype=np.uint32))])
    asked, wanted = embeddings(7, queries), Wanted(np.arange(queries), np.arange(queries) * 7)
    found = []
    for threads in (1, 2, 3):
        with threadpool_limits(threads):
            found.append((*pool.search(asked, 30, wanted), pool.search(asked, 30)[0]))
    for hits, ranked, alone in found:
        assert (hits.rows == found[0][0].rows).all()
        assert (hits.scores == found[0][0].scores).all()
        assert (ranked.ranks == found[0][1].ranks).all()
        assert (alone.rows == hits.rows).all()


def test_fewer_rows_than_hits_asked_for() -> None:
    pool, _ = make_pool(0, [3], 3)
    hits, _ = pool.search(small_integers(1, 2, 3), 10)
    assert hits.rows.shape == (2, 3)
    assert (hits.rows >= 0).all()


def test_equal_ids_of_two_languages_are_two_passages() -> None:
    same = np.ones((1, 2), np.float32)
    order = np.zeros(1, np.uint32)
    pool = Pool([Part("sw", same, order), Part("ar", same, order)])
    hits, _ = pool.search(np.ones((1, 2), np.float32), 2)
    # Equal scores: the larger carried id, sw/…, comes first; the rows follow the languages.
    assert pool.languages == ("ar", "sw")
    assert hits.rows.tolist() == [[1, 0]]
