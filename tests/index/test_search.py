from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybench.index import search
from hybench.index.keys import id_order
from hybench.index.products import on_cpu, on_torch
from hybench.index.search import Part, Pool, Wanted

LANGUAGES = ("yo", "ar", "zh-hant", "zh")


def small_integers(seed: int, rows: int, dimension: int) -> npt.NDArray[np.float32]:
    """Vectors whose products are exact in any order, and often equal."""
    return np.random.default_rng(seed).integers(-1, 2, (rows, dimension)).astype(np.float32)


def make_pool(seed: int, sizes: list[int], dimension: int) -> tuple[Pool, list[str]]:
    """A pool, and the carried ids of its rows; passage ids collide among its languages."""
    parts, carried = [], {}
    for number, size in enumerate(sizes):
        generator = np.random.default_rng([seed, number])
        ids = [f"é{one}#0" for one in generator.permutation(size)]
        language = LANGUAGES[number]
        vectors = small_integers(seed + number, size, dimension)
        parts.append(Part(language, vectors, id_order(pl.Series(ids, dtype=pl.String))))
        carried[language] = [f"{language}/{one}" for one in ids]
    pool = Pool(parts)
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
    keep=st.booleans(),
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
    keep: bool,
) -> None:
    monkeypatch.setattr(search, "QUERY_BLOCK", 3)
    monkeypatch.setattr(search, "PASSAGE_BLOCK", 70)
    monkeypatch.setattr(search, "KEEP_BYTES", 1 << 20 if keep else 0)
    pool, ids = make_pool(seed, sizes, 3)
    queries = small_integers(seed + 99, query_count, 3)
    generator = np.random.default_rng(seed)
    asked = generator.integers(0, 4 * query_count + 1)
    at = generator.integers(0, max(query_count, 1), asked)
    rows = generator.integers(0, len(pool), asked)
    hits, ranked = pool.search(queries, k, Wanted(at, rows))
    expected = [brute_force(pool, ids, query) for query in queries]
    assert hits.rows.tolist() == [one[:k] for one in expected]
    products = queries @ np.concatenate([part.vectors for part in pool.parts]).T
    assert (hits.scores == np.take_along_axis(products, hits.rows, axis=1)).all()
    assert ranked.ranks.tolist() == [
        expected[query].index(row) + 1 for query, row in zip(at, rows, strict=True)
    ]
    assert (ranked.scores == products[at, rows]).all()


@pytest.mark.parametrize("k", [1, 10, 1000])
def test_real_valued_vectors_agree_with_argsort(k: int) -> None:
    generator = np.random.default_rng(5)
    vectors = generator.standard_normal((20_000, 24), dtype=np.float32)
    queries = generator.standard_normal((40, 24), dtype=np.float32)
    hits, _ = Pool([Part("en", vectors, np.arange(20_000, dtype=np.uint32))]).search(queries, k)
    exact = np.argsort(-(queries.astype(np.float64) @ vectors.T.astype(np.float64)), axis=1)
    assert (hits.rows == exact[:, :k]).mean() > 0.999
    assert (np.diff(hits.scores, axis=1) <= 0).all()


@pytest.mark.parametrize("width", [5, 64, 100])
def test_torch_blocks_agree_with_numpy_ones(width: int) -> None:
    queries, vectors = small_integers(1, 6, 4), small_integers(2, width, 4)
    one, other = on_cpu(queries, False)(vectors), on_torch("cpu")(queries, False)(vectors)
    assert one.width == other.width == width
    assert (one.all() == other.all()).all()
    thresholds = np.array([-9, 0, 1, 2, 9, np.nan], np.float32)
    places = [set(zip(*block.at_least(thresholds), strict=True)) for block in (one, other)]
    assert places[0] == places[1]
    for asked in (np.arange(6), np.array([1, 4])):
        scores = one.at(asked, asked % width)
        for mine, its in zip(one.count(asked, scores), other.count(asked, scores), strict=True):
            assert (mine == its).all()
        ties = [set(zip(*block.ties(asked, scores), strict=True)) for block in (one, other)]
        assert ties[0] == ties[1]


def test_a_torch_pool_searches_as_a_numpy_one_does() -> None:
    pool, _ = make_pool(3, [50, 80], 3)
    other = Pool(pool.parts)
    other._multiplier = on_torch("cpu")
    queries, wanted = small_integers(4, 9, 3), Wanted(np.arange(9), np.arange(9) * 14)
    mine, ranked = pool.search(queries, 20, wanted)
    its, its_ranked = other.search(queries, 20, wanted)
    assert (mine.rows == its.rows).all()
    assert (ranked.ranks == its_ranked.ranks).all()


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
