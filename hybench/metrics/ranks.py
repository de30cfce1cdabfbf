"""The ranks of a run's relevant hits, without sorting the run.

The few relevant hits are found by a table of their ids' hashes that nearly all others miss. A run's
hits are mostly sorted, best first: a hit's rank is then its place, except for ties. If a query's
hits are not sorted, its scores are sorted, never its ids: these are only compared among equal
scores that a relevant hit has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from hybench.concurrency.prefetch import prefetched
from hybench.errors import DataError
from hybench.metrics.relevant import Places
from hybench.metrics.ties import settle_ties, spans

Hashes = npt.NDArray[np.uint64]

PAIR = ["query_id", "passage_id"]

HITS_AT_ONCE = 2**20
"""Enough for numpy and Polars to be fast, few enough for little memory."""

_TABLE_BITS = 20
"""Bits of a hash that index a table of 1 MiB, which fits a core's cache."""


@dataclass(frozen=True)
class _Sought:
    """The pairs whose ranks are requested.

    Attributes:
        pairs: query_id, passage_id [n].
        hashes: uint64 [n], ascending.
        places: int64 [n], the pair of each hash.
        tables: bool [2, 2^20], whether an index is the last bits of the hash of a pair's passage,
            and the first bits of the hash of a pair.
    """

    pairs: pl.DataFrame
    hashes: Hashes
    places: Places
    tables: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, pairs: pl.DataFrame) -> _Sought:
        tables = np.zeros((2, 1 << _TABLE_BITS), dtype=np.bool_)
        passages = _passage_hash(pairs["passage_id"])
        hashes = passages ^ _query_hash(pairs["query_id"])
        tables[0, _last(passages)] = True
        tables[1, _first(hashes)] = True
        places = np.argsort(hashes)
        return cls(pairs.select(PAIR), hashes[places], places, tables)

    def find(
        self, hits: pl.DataFrame, passages: Hashes, queries: Hashes, starts: Places
    ) -> tuple[Places, Places]:
        """The sought pairs among the hits: their rows there, and their places; int64 [m] each.

        Args:
            hits: query_id, passage_id [n].
            passages: uint64 [n], hashes.
            queries: uint64 [q], hashes of the queries.
            starts: int64 [q], each query's first row.
        """
        rows = np.flatnonzero(self.tables[0].take(_last(passages)))
        query = np.searchsorted(starts, rows, side="right") - 1
        hashes = passages[rows] ^ queries[query]
        kept = np.flatnonzero(self.tables[1].take(_first(hashes)))
        rows, hashes = rows[kept], hashes[kept]
        low = np.searchsorted(self.hashes, hashes)
        counts = np.searchsorted(self.hashes, hashes, side="right") - low
        rows, places = np.repeat(rows, counts), self.places[spans(low, counts)]
        # Two pairs may have the same hash.
        same = [hits[name][rows] == self.pairs[name][places] for name in PAIR]
        kept = (same[0] & same[1]).to_numpy()
        return rows[kept], places[kept]


def _query_hash(ids: pl.Series) -> Hashes:
    """The query's half of a pair's hash, which is the exclusive or of both halves."""
    return ids.hash(seed=1).to_numpy()


def _passage_hash(ids: pl.Series) -> Hashes:
    """The passage's half."""
    return ids.hash(seed=2).to_numpy()


def _last(hashes: Hashes) -> Places:
    return hashes.view(np.int64) & ((1 << _TABLE_BITS) - 1)


def _first(hashes: Hashes) -> Places:
    return (hashes >> np.uint64(64 - _TABLE_BITS)).view(np.int64)


@dataclass(frozen=True)
class _Found:
    """The result for some whole queries: their ids, whether two hits have the same hash, and places
    and ranks of the sought pairs, int64 [m] each.
    """

    queries: list[object]
    twice: bool
    places: Places
    ranks: Places


def _last_query(queries: pl.Series) -> int:
    """The first row of the last query."""
    size = 1024
    while True:
        tail = queries.tail(size)
        others = (tail != queries[-1]).arg_true()
        if len(others):
            return int(others[-1]) + 1 + len(queries) - len(tail)
        if len(tail) == len(queries):
            return 0
        size *= 8


def _whole_queries(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same hits, at least about `HITS_AT_ONCE` at a time, split between queries."""
    held: list[pl.DataFrame] = []
    for frame in frames:
        start = 0
        while start < frame.height:
            part = frame[start : start + HITS_AT_ONCE]
            start += part.height
            last = _last_query(part["query_id"])
            more = start < frame.height
            if last and (more or sum(each.height for each in held) + last >= HITS_AT_ONCE):
                yield pl.concat([*held, part[:last]])
                held, start = [], start - part.height + last
            else:
                held.append(part)
    if held:
        yield pl.concat(held)


def _scores(hits: pl.DataFrame) -> npt.NDArray[np.float32]:
    scores: npt.NDArray[np.float32] = hits["score"].cast(pl.Float32).to_numpy()
    if np.isnan(scores.min()):
        query_id, passage_id = hits[int(np.isnan(scores).argmax())].select(PAIR).row(0)
        raise DataError(
            f"The score of {passage_id!r} for query {query_id!r} is NaN.",
            "A ranking needs numbers.",
        )
    return scores


def _rank_part(hits: pl.DataFrame, sought: _Sought, unique: bool) -> _Found:
    """Ranks of the sought pairs among the hits of some whole queries."""
    queries, scores = hits["query_id"], _scores(hits)
    starts = np.append(0, np.flatnonzero(_changes(queries)) + 1)
    lengths = np.diff(starts, append=len(scores))
    rises = scores[1:] > scores[:-1]
    rises[starts[1:] - 1] = False  # from one query to the next
    if rises.any():
        order = np.lexsort((-scores, np.repeat(starts, lengths)))
        hits, scores = hits[order], scores[order]
    passages, query = _passage_hash(hits["passage_id"]), _query_hash(queries[starts])
    rows, places = sought.find(hits, passages, query, starts)
    first = starts[np.searchsorted(starts, rows, side="right") - 1]
    ranks = settle_ties(hits["passage_id"], scores, starts, rows) - first + 1
    twice = unique and _any_twice(passages ^ np.repeat(query, lengths))
    return _Found(queries[starts].to_list(), twice, places, ranks)


def _changes(values: pl.Series) -> npt.NDArray[np.bool_]:
    """Whether each value but the first differs from the one before, bool [n - 1]."""
    if values.dtype.is_integer():  # numpy compares these faster
        numbers = values.to_numpy()
        return np.asarray(numbers[1:] != numbers[:-1])
    return (values[1:] != values[:-1]).to_numpy()


def _any_twice(hashes: Hashes) -> bool:
    # numpy's sort takes four times as long on processors where its AVX-512 code is slow (Zen 4).
    ordered = pl.Series(hashes).sort()
    return bool((ordered[1:] == ordered[:-1]).any())


def judged_ranks(
    frames: Iterable[pl.DataFrame], pairs: pl.DataFrame, *, unique: bool
) -> Places | None:
    """The ranks, from 1, of pairs of query and passage in a run; 0 for missing ones.

    Args:
        frames: query_id, passage_id, score: the run in pieces, in order.
        pairs: query_id, passage_id, of the same types [n].
        unique: check that no hit occurs twice.

    Returns:
        int64 [n]; None if a query's hits are not contiguous, or one may occur twice: two hashes are
        equal.

    Raises:
        DataError: a score is NaN.
    """
    sought = _Sought.of(pairs)
    ranks = np.zeros(pairs.height, dtype=np.int64)
    seen: set[object] = set()
    rank = partial(_rank_part, sought=sought, unique=unique)
    for part in prefetched(rank, _whole_queries(frames)):
        before = len(seen)
        seen.update(part.queries)
        if part.twice or len(seen) < before + len(part.queries):
            return None
        ranks[part.places] = part.ranks
    return ranks
