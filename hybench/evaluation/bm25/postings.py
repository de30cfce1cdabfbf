"""An inverted index in memory with precomputed parts of scores, and its exact search.

BM25 is Lucene's form of Robertson & Zaragoza 2009, exact lengths, without the factor k1 + 1 that
changes no order (Kamphuis et al. 2020, "Which BM25 do you mean?"):

    score(q, p) = Σ over tokens t of q:  log(1 + (N − n_t + ½) / (n_t + ½))
                                         · tf / (tf + k1 · (1 − b + b · length(p) / mean length))

Parts of scores are stored for all postings, as in bm25s (Lù 2024, arXiv 2407.03618), in float32,
and added in float32 in the order of the query's tokens: scores equal those of bm25s to the bit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count

import numpy as np
import numpy.typing as npt
import polars as pl

from hybench.evaluation.bm25.tokens import Tokenise
from hybench.indexes.exact.keys import NO_HIT, Floats, Keys, Orders, Rows, hit_keys
from hybench.indexes.exact.results import Hits, Ranked, Wanted
from hybench.indexes.exact.search import decode_keys

BLOCK = 10_000
"""Passages tokenised and counted in one block."""

DENSE = 8
"""A token in more than one of this many passages also has its parts of scores by row.

Adding such a row in one sweep takes a tenth of the time of following its postings, for at most four
times their memory: 6,100 queries/s instead of 2,400 (benchmarks/bm25.py); 4 and 16 do the same.
"""

GROUP = 16
"""Rows in a block whose best score represents them in the search for the k-th best score."""


@dataclass(frozen=True)
class Postings:
    """Which passages hold which token, and what it adds to their scores.

    Attributes:
        size: number of passages.
        vocabulary: tokens and their numbers.
        starts: int64 [tokens + 1], where each token's postings begin.
        rows: int32 [postings], passages, ascending within a token.
        parts: float32 [postings], parts of scores, above 0.
        dense: float32 [size] of tokens that are in many passages, by number: parts by passage.
    """

    size: int
    vocabulary: dict[str, int]
    starts: Rows
    rows: npt.NDArray[np.int32]
    parts: Floats
    dense: dict[int, Floats]

    def scores(self, tokens: Iterable[str]) -> Floats:
        """float32 [size], the scores of all passages; 0 for those that share no token."""
        scores = np.zeros(self.size, np.float32)
        for token in tokens:
            number = self.vocabulary.get(token)
            if number is None:
                continue
            if (dense := self.dense.get(number)) is not None:
                scores += dense
                continue
            own = slice(self.starts[number], self.starts[number + 1])
            # numpy has a fast loop for indices of its own width only.
            np.add.at(scores, self.rows[own].astype(np.intp), self.parts[own])
        return scores


@dataclass(frozen=True)
class _Counts:
    """How often tokens occur in a block of passages, ordered by token, then row; all int32."""

    terms: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]


def build_postings(
    texts: pl.Series, tokenise: Tokenise, k1: float, b: float, tell: Callable[[int], None]
) -> Postings:
    """Index texts.

    Args:
        texts: one per passage.
        tokenise: text to tokens.
        k1: how soon repeats of a token saturate.
        b: how much long passages are penalised, from 0 to 1.
        tell: called with the number of passages done.
    """
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    lengths = np.zeros(len(texts), np.int64)
    blocks: list[_Counts] = []
    for start in range(0, len(texts), BLOCK):
        tell(start)
        passages = [
            list(map(numbers.__getitem__, tokenise(text))) for text in texts.slice(start, BLOCK)
        ]
        lengths[start : start + BLOCK] = list(map(len, passages))
        blocks.append(_count(passages, start))
    tell(len(texts))
    vocabulary = dict(numbers)
    starts, rows, parts = _join(blocks, lengths, len(vocabulary), k1, b)
    dense: dict[int, Floats] = {}
    for number in np.nonzero(np.diff(starts) > len(texts) / DENSE)[0].tolist():
        own = slice(starts[number], starts[number + 1])
        dense[number] = np.zeros(len(texts), np.float32)
        dense[number][rows[own]] = parts[own]
    return Postings(len(texts), vocabulary, starts, rows, parts, dense)


def _count(passages: Sequence[Sequence[int]], start: int) -> _Counts:
    """Count the tokens of passages whose first row is `start`."""
    lengths = list(map(len, passages))
    terms = np.fromiter(chain.from_iterable(passages), np.int64, sum(lengths))
    rows = np.repeat(np.arange(start, start + len(passages)), lengths)
    pairs, counts = np.unique(terms << 32 | rows, return_counts=True)
    return _Counts((pairs >> 32).astype(np.int32), pairs.astype(np.int32), counts.astype(np.int32))


def _join(
    blocks: Sequence[_Counts], lengths: Rows, terms: int, k1: float, b: float
) -> tuple[Rows, npt.NDArray[np.int32], Floats]:
    """The starts, rows and parts of all blocks' postings, written straight to their places."""
    frequencies = np.zeros(terms, np.int64)
    for block in blocks:
        frequencies += np.bincount(block.terms, minlength=terms)
    starts = np.concatenate([[0], np.cumsum(frequencies)])
    idf = np.log(1 + (len(lengths) - frequencies + 0.5) / (frequencies + 0.5)).astype(np.float32)
    norms = k1 * ((1 - b) + b * lengths / (lengths.mean() if terms else 1.0))
    rows, parts = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
    free = starts[:-1].copy()
    for block in blocks:
        present, first, sizes = np.unique(block.terms, return_index=True, return_counts=True)
        places = np.arange(len(block.terms)) + np.repeat(free[present] - first, sizes)
        rows[places] = block.rows
        parts[places] = idf[block.terms] * (block.counts / (norms[block.rows] + block.counts))
        free[present] += sizes
    return starts, rows, parts


def search_postings(
    postings: Postings,
    order: Orders,
    queries: Sequence[Iterable[str]],
    k: int,
    wanted: Wanted | None = None,
) -> tuple[Hits, Ranked | None]:
    """The k best passages per query among those with a score above 0, in trec_eval's order.

    Args:
        postings: the index.
        order: uint32 [size], the places of the passages' ids (`id_order`).
        queries: their tokens.
        k: hits per query, at least 1.
        wanted: rows whose ranks among all passages with a score above 0 are computed, too.
    """
    k = min(k, postings.size)
    best = np.full((len(queries), k), NO_HIT)
    if wanted is None:
        for place, tokens in enumerate(queries):
            keys = _best_keys(postings.scores(tokens), order, k)
            best[place, : len(keys)] = keys
        return decode_keys(best, order), None
    asked = len(wanted.rows)
    ranked = Ranked(np.zeros(asked, np.int64), np.full(asked, np.nan, np.float32))
    members = np.argsort(wanted.queries)
    starts = np.searchsorted(wanted.queries[members], np.arange(len(queries) + 1))
    for place, tokens in enumerate(queries):
        scores = postings.scores(tokens)
        keys = np.sort(_keys(scores, order, np.flatnonzero(scores)))
        best[place, : min(k, len(keys))] = keys[-k:]
        own = members[starts[place] : starts[place + 1]]
        own = own[scores[wanted.rows[own]] > 0]
        rows = wanted.rows[own]
        ranked.scores[own] = scores[rows]
        ranked.ranks[own] = len(keys) - np.searchsorted(keys, _keys(scores, order, rows))
    return decode_keys(best, order), ranked


def _keys(scores: Floats, order: Orders, rows: Rows) -> Keys:
    return hit_keys(scores[rows], order[rows])


def _best_keys(scores: Floats, order: Orders, k: int) -> Keys:
    """The keys of the k best scores above 0, in any order; fewer if there are fewer such scores."""
    groups = len(scores) // GROUP
    least = np.float32(0)
    if groups >= k > 0:
        # The k-th best of some of the scores is no more than the k-th best of all.
        tops = scores[: groups * GROUP].reshape(GROUP, groups).max(axis=0)
        least = np.partition(tops, -k)[-k]
    keys = _keys(scores, order, np.flatnonzero(scores >= least if least > 0 else scores))
    return np.partition(keys, -k)[-k:] if len(keys) > k else keys
