"""The ranks of a run's relevant hits, without sorting the run.

The few hits that are relevant are found by a table of their ids' hashes that nearly all others
miss. A run's hits mostly stand best first: a hit's rank is then its place, but for ties. Where a
query's do not, its scores are sorted, never its ids: these are compared among equal scores only,
where a relevant hit is one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from hybench.errors import DataError
from hybench.evaluation.ahead import ahead

Places = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

PAIR = ["query_id", "passage_id"]

HITS_AT_ONCE = 2**19
"""Enough for numpy and Polars to work at their best, few enough to stay small."""

_TABLE_BITS = 20
"""Of a hash, for a table: 1 MiB stays in a core's cache."""


@dataclass(frozen=True)
class _Sought:
    """The pairs whose ranks are asked for.

    Attributes:
        pairs: place (int64), query_id, passage_id.
        tables: bool [2, 2^20], whether a pair has these as the last bits of its hash, and as the
            first.
    """

    pairs: pl.DataFrame
    tables: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, pairs: pl.DataFrame) -> _Sought:
        tables = np.zeros((2, 1 << _TABLE_BITS), dtype=np.bool_)
        hashes = _query_hash(pairs["query_id"]) ^ _passage_hash(pairs["passage_id"])
        tables[0, _last(hashes)] = True
        tables[1, _first(hashes)] = True
        return cls(pairs.select(*PAIR, place=pl.int_range(pl.len(), dtype=pl.Int64)), tables)

    def find(self, hits: pl.DataFrame, hashes: Hashes) -> tuple[Places, Places]:
        """The sought pairs among the hits: their rows there, their places here; int64 [m] each."""
        rows = np.flatnonzero(self.tables[0].take(_last(hashes)))
        rows = rows[self.tables[1].take(_first(hashes[rows]))]
        found = hits.select(PAIR)[rows].with_columns(row=rows).join(self.pairs, on=PAIR)
        return found["row"].to_numpy(), found["place"].to_numpy()


def _query_hash(ids: pl.Series) -> Hashes:
    """One half of a pair's hash, the exclusive or of both."""
    return ids.hash(seed=1).to_numpy()


def _passage_hash(ids: pl.Series) -> Hashes:
    """The other half."""
    return ids.hash(seed=2).to_numpy()


def _last(hashes: Hashes) -> Places:
    return hashes.view(np.int64) & ((1 << _TABLE_BITS) - 1)


def _first(hashes: Hashes) -> Places:
    return (hashes >> np.uint64(64 - _TABLE_BITS)).view(np.int64)


@dataclass(frozen=True)
class _Found:
    """Of some whole queries: their ids, whether two hits' hashes are the same, the sought pairs'
    places, int64 [m], and ranks, int64 [m].
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
    """The same hits, some `HITS_AT_ONCE` at a time or more, cut where one query ends."""
    held: list[pl.DataFrame] = []
    for frame in frames:
        if not frame.height:
            continue
        last = _last_query(frame["query_id"])
        if last and sum(part.height for part in held) + last >= HITS_AT_ONCE:
            yield pl.concat([*held, frame[:last]])
            held = [frame[last:]]
        else:
            held.append(frame)
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
    """Ranks of the sought among the hits of some whole queries."""
    queries, scores = hits["query_id"], _scores(hits)
    starts = np.append(0, (queries[1:] != queries[:-1]).arg_true().to_numpy().astype(np.int64) + 1)
    lengths = np.diff(starts, append=len(scores))
    rises = scores[1:] > scores[:-1]
    rises[starts[1:] - 1] = False  # from one query to the next
    if rises.any():
        order = np.lexsort((-scores, np.repeat(starts, lengths)))
        hits, scores = hits[order], scores[order]
    hashes = np.repeat(_query_hash(queries.gather(starts)), lengths)
    hashes ^= _passage_hash(hits["passage_id"])
    rows, places = sought.find(hits, hashes)
    first = starts[np.searchsorted(starts, rows, side="right") - 1]
    ranks = _settle_ties(hits["passage_id"], scores, starts, rows) - first + 1
    return _Found(queries.gather(starts).to_list(), unique and _any_twice(hashes), places, ranks)


def _any_twice(hashes: Hashes) -> bool:
    hashes = np.sort(hashes)
    return bool((hashes[1:] == hashes[:-1]).any())


def _settle_ties(
    passage_ids: pl.Series, scores: npt.NDArray[np.float32], starts: Places, rows: Places
) -> Places:
    """Where hits stand once those of equal score are ordered by id, descending.

    Args:
        passage_ids: [n], by query.
        scores: float32 [n], descending within a query.
        starts: int64 [q], each query's first row.
        rows: int64 [m], the hits that are asked for.

    Returns:
        int64 [m].
    """
    differs = np.ones(len(scores) + 1, dtype=np.bool_)
    differs[1:-1] = scores[1:] != scores[:-1]
    differs[starts] = True
    ties = np.flatnonzero(~(differs[rows] & differs[rows + 1]))
    if not len(ties):
        return rows
    edges = np.flatnonzero(differs)
    group = np.unique(np.searchsorted(edges, rows[ties], side="right") - 1)
    spans = zip(edges[group].tolist(), edges[group + 1].tolist(), strict=True)
    tied = np.concatenate([np.arange(start, end) for start, end in spans])
    ordered = pl.DataFrame(
        {
            "tie": np.arange(len(tied)),
            "group": np.repeat(group, edges[group + 1] - edges[group]),
            "passage_id": passage_ids.gather(tied),
        }
    ).sort("group", "passage_id", descending=[False, True])
    stands = np.empty_like(tied)
    stands[ordered["tie"].to_numpy()] = tied
    settled = rows.copy()
    settled[ties] = stands[np.searchsorted(tied, rows[ties])]
    return settled


def judged_ranks(
    frames: Iterable[pl.DataFrame], pairs: pl.DataFrame, *, unique: bool
) -> Places | None:
    """The ranks, from 1, of pairs of query and passage in a run; 0 for those that are not there.

    Args:
        frames: query_id, passage_id, score: the run in pieces, in order.
        pairs: query_id, passage_id, of the same types [n].
        unique: look for hits that stand twice.

    Returns:
        int64 [n]; None if a query's hits do not stand together, or one seems to stand twice: the
        hashes of two are the same.

    Raises:
        DataError: a score is NaN.
    """
    sought = _Sought.of(pairs)
    ranks = np.zeros(pairs.height, dtype=np.int64)
    seen: set[object] = set()
    rank = partial(_rank_part, sought=sought, unique=unique)
    for found in ahead(rank, _whole_queries(frames)):
        before = len(seen)
        seen.update(found.queries)
        if found.twice or len(seen) < before + len(found.queries):
            return None
        ranks[found.places] = found.ranks
    return ranks
