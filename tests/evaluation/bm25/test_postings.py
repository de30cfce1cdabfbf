from __future__ import annotations

from collections.abc import Callable

import bm25s
import numpy as np
import polars as pl
import pytest

from hybench.evaluation.bm25.postings import BLOCK, DENSE, GROUP, build_postings, search_postings
from hybench.evaluation.bm25.tokens import whitespace_tokens
from hybench.indexes.exact.keys import Floats, id_order
from hybench.indexes.exact.results import Wanted

Texts = list[str]
K1, B = 1.2, 0.75


def zipf_texts(rng: np.random.Generator, amount: int, words: int, longest: int) -> Texts:
    """Texts of 0 to `longest` words, of which the first are in most texts and the last in few."""
    lengths = rng.integers(0, longest + 1, amount)
    drawn = np.minimum((words ** rng.random(lengths.sum())).astype(np.int64), words - 1)
    parts = np.split(drawn, np.cumsum(lengths)[:-1])
    return [" ".join(f"w{word}" for word in part) for part in parts]


def bm25s_scores(texts: Texts) -> Callable[[str], Floats]:
    numbers: dict[str, int] = {}
    ids = [[numbers.setdefault(word, len(numbers)) for word in text.split()] for text in texts]
    index = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy")
    index.index((ids, dict(numbers)), show_progress=False)

    def scores(query: str) -> Floats:
        known = [numbers[word] for word in query.split() if word in numbers]
        found: Floats = index.get_scores_from_ids(known)
        return found

    return scores


def test_scores_have_the_bits_of_bm25s() -> None:
    rng = np.random.default_rng(1)
    texts = zipf_texts(rng, 2 * BLOCK + 1, 5000, 30)
    told: list[int] = []
    postings = build_postings(pl.Series(texts), whitespace_tokens, K1, B, told.append)
    assert told == [0, BLOCK, 2 * BLOCK, 2 * BLOCK + 1]
    assert 0 < len(postings.dense) < len(postings.vocabulary)
    assert (np.diff(postings.starts)[list(postings.dense)] > len(texts) / DENSE).all()
    theirs = bm25s_scores(texts)
    for query in ["w0 w0 w3 nowhere w4900", *filter(None, zipf_texts(rng, 30, 5000, 12))]:
        np.testing.assert_array_equal(postings.scores(query.split()), theirs(query))


@pytest.mark.parametrize("size", [1, 5, 10 * GROUP - 1, 10 * GROUP, 40 * GROUP + 3])
@pytest.mark.parametrize("seed", range(5))
def test_hits_and_ranks_are_those_of_sorting_everything(size: int, seed: int) -> None:
    k, rng = 10, np.random.default_rng([size, seed])
    # A dozen words, so that scores tie.
    texts = zipf_texts(rng, size, 12, 4)
    ids = pl.Series([f"d{number}" for number in rng.permutation(size)])
    order = id_order(ids)
    postings = build_postings(pl.Series(texts), whitespace_tokens, K1, B, lambda _: None)
    queries = [text.split() for text in ["w11", "nowhere", "", "w0", *zipf_texts(rng, 20, 12, 5)]]
    expected = []
    for tokens in queries:
        scores = postings.scores(tokens)
        retrieved = [row for row in range(size) if scores[row] > 0]
        retrieved.sort(key=lambda row: (scores[row], ids[row].encode()), reverse=True)
        expected.append((scores, retrieved))
    wanted = Wanted(rng.integers(0, len(queries), 60), rng.integers(0, size, 60))
    hits, none = search_postings(postings, order, queries, k)
    same, ranked = search_postings(postings, order, queries, k, wanted)
    assert none is None
    assert ranked is not None
    for place, (scores, retrieved) in enumerate(expected):
        rows = hits.rows[place][hits.rows[place] >= 0]
        assert rows.tolist() == retrieved[:k]
        np.testing.assert_array_equal(hits.scores[place, : len(rows)], scores[rows])
    np.testing.assert_array_equal(same.rows, hits.rows)
    np.testing.assert_array_equal(same.scores, hits.scores)
    for query, row, rank, score in zip(
        wanted.queries, wanted.rows, ranked.ranks, ranked.scores, strict=True
    ):
        scores, retrieved = expected[query]
        if row in retrieved:
            assert (rank, score) == (retrieved.index(row) + 1, scores[row])
        else:
            assert rank == 0
            assert np.isnan(score)


@pytest.mark.parametrize("texts", [[], ["", ""]])
def test_nothing_to_find(texts: Texts) -> None:
    series = pl.Series(texts, dtype=pl.String)
    postings = build_postings(series, whitespace_tokens, K1, B, lambda _: None)
    order = id_order(pl.Series([str(row) for row in range(len(texts))], dtype=pl.String))
    hits, _ = search_postings(postings, order, [["a"], []], 10)
    assert hits.rows.tolist() == [[-1] * len(texts)] * 2
