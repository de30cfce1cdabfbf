"""Exact search: blocked products over vectors that may lie on disk, the top k kept as they stream.

On the CPU the products are numpy's, on a GPU torch's. Scores are float32 inner products. Order and
ties are trec_eval's (`hybench.index.keys`); a pool of several languages orders equal scores by the
carried id ``{language}/{passage_id}``. The vectors of equal texts tie where BLAS gives equal bits,
which its edge kernels do not promise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hybench.index.keys import (
    NO_HIT,
    Floats,
    Keys,
    Orders,
    Rows,
    hit_keys,
    key_orders,
    key_scores,
)
from hybench.index.products import Block, multiplier

QUERY_BLOCK = 512
PASSAGE_BLOCK = 8192
KEEP_BYTES = 1 << 28
"""Products of one query block that are kept for counting ranks instead of being made again."""


@dataclass(frozen=True)
class Part:
    """The vectors of one language.

    Attributes:
        language: its code.
        vectors: float32 [n, d], L2-normalised, in memory or memory-mapped.
        order: uint32 [n], the place of each row's passage id among them (`id_order`).
    """

    language: str
    vectors: Floats
    order: Orders


@dataclass(frozen=True)
class Hits:
    """The best rows per query, best first.

    Attributes:
        rows: int64 [queries, k], rows of the pool, -1 where there are fewer than k hits.
        scores: float32 [queries, k], NaN where there is no hit.
    """

    rows: Rows
    scores: Floats


@dataclass(frozen=True)
class Wanted:
    """Rows whose ranks are asked for.

    Attributes:
        queries: int64 [m], places of the queries; any order.
        rows: int64 [m], rows of the pool.
    """

    queries: Rows
    rows: Rows


@dataclass(frozen=True)
class Ranked:
    """What was asked for with `Wanted`, in its order.

    Attributes:
        ranks: int64 [m], from 1; 0 where the row was not retrieved.
        scores: float32 [m], NaN where the row was not retrieved.
    """

    ranks: Rows
    scores: Floats


def _inverse(order: Orders) -> Rows:
    """The row of each place, int64 [n]."""
    rows = np.empty(len(order), dtype=np.int64)
    rows[order] = np.arange(len(order))
    return rows


def _decode(keys: Keys, rows_by_order: Rows) -> Hits:
    keys = np.sort(keys, axis=1)[:, ::-1]
    missing = keys == NO_HIT
    rows = rows_by_order[np.where(missing, 0, key_orders(keys))]
    scores = np.where(missing, np.float32(np.nan), key_scores(keys))
    return Hits(np.where(missing, -1, rows), scores)


def decode_keys(keys: Keys, order: Orders) -> Hits:
    """The rows and scores of `keys` [queries, k], best first, in a pool whose rows have `order`."""
    return _decode(keys, _inverse(order))


class Pool:
    """The passages of one or several languages, searched as one; rows count through its parts.

    Args:
        parts: vectors by language; they are not copied.
        device: ``cpu`` or a CUDA device as torch names it.
    """

    def __init__(self, parts: Iterable[Part], device: str = "cpu") -> None:
        # Sorted so that a part's ids all come before the next one's, as carried ids do.
        self.parts = tuple(sorted(parts, key=lambda part: f"{part.language}/".encode()))
        self._multiplier = multiplier(device)
        lengths = [len(part.vectors) for part in self.parts]
        self.starts: tuple[int, ...] = tuple(int(n) for n in np.cumsum([0, *lengths]))

    @property
    def languages(self) -> tuple[str, ...]:
        """The parts' languages, in the order of their rows."""
        return tuple(part.language for part in self.parts)

    def __len__(self) -> int:
        """Number of rows."""
        return self.starts[-1]

    @cached_property
    def order(self) -> Orders:
        """uint32 [n], the place of each row's carried id among all of the pool."""
        orders = [
            part.order + np.uint32(start)
            for part, start in zip(self.parts, self.starts, strict=False)
        ]
        return np.concatenate(orders)

    @cached_property
    def _rows_by_order(self) -> Rows:
        return _inverse(self.order)

    def decode(self, keys: Keys) -> Hits:
        """The rows and scores of `keys` [queries, k], best first."""
        return _decode(keys, self._rows_by_order)

    def search(self, queries: Floats, k: int, wanted: Wanted | None = None) -> tuple[Hits, Ranked]:
        """The k best rows per query, and the exact ranks in the whole pool of the rows wanted.

        Args:
            queries: float32 [q, d].
            k: hits per query.
            wanted: rows to rank; this takes a second pass over the products.
        """
        k = min(k, len(self))
        keys = np.full((len(queries), k), NO_HIT)
        if wanted is None:
            wanted = Wanted(np.empty(0, np.int64), np.empty(0, np.int64))
        ranked = Ranked(
            np.zeros(len(wanted.rows), np.int64), np.zeros(len(wanted.rows), np.float32)
        )
        for start in range(0, len(queries), QUERY_BLOCK):
            group = slice(start, min(start + QUERY_BLOCK, len(queries)))
            members = np.nonzero((wanted.queries >= group.start) & (wanted.queries < group.stop))[0]
            inside = Wanted(wanted.queries[members] - start, wanted.rows[members])
            keys[group], of_wanted = self._search_group(queries[group], k, inside)
            ranked.ranks[members] = of_wanted.ranks
            ranked.scores[members] = of_wanted.scores
        return self.decode(keys), ranked

    def _search_group(self, queries: Floats, k: int, wanted: Wanted) -> tuple[Keys, Ranked]:
        keep = len(wanted.rows) > 0 and len(queries) * len(self) * 4 <= KEEP_BYTES
        kept: list[tuple[int, Block]] = []
        best = np.full((len(queries), k), NO_HIT)
        scores = np.empty(len(wanted.rows), np.float32)
        for start, block in self._products(queries, reuse=not keep):
            order = self.order[start : start + block.width]
            best = _merge(best, block, order) if k else best
            inside = (wanted.rows >= start) & (wanted.rows < start + block.width)
            scores[inside] = block.at(wanted.queries[inside], wanted.rows[inside] - start)
            if keep:
                kept.append((start, block))
        ranks = np.ones(len(wanted.rows), np.int64)
        if len(ranks):
            for start, block in kept if keep else self._products(queries, reuse=True):
                ranks += _count_better(block, start, self.order, wanted, scores)
        return best, Ranked(ranks, scores)

    def _products(self, queries: Floats, reuse: bool) -> Iterator[tuple[int, Block]]:
        multiply = self._multiplier(queries, reuse)
        for part, first in zip(self.parts, self.starts, strict=False):
            for start in range(0, len(part.vectors), PASSAGE_BLOCK):
                yield first + start, multiply(part.vectors[start : start + PASSAGE_BLOCK])


def _merge(best: Keys, block: Block, order: Orders) -> Keys:
    """The k best keys per query of `best` [q, k] and of a block whose rows have `order`."""
    k = best.shape[1]
    worst = best.min(axis=1)
    if (worst == NO_HIT).any():
        # No k hits yet: the block's own k-th score is the least that can be among the best.
        at = block.width - min(k, block.width)
        thresholds = np.partition(block.all(), at, axis=1)[:, at]
    else:
        thresholds = key_scores(worst)
    queries, columns, scores = block.at_least(thresholds)
    if not len(queries):
        return best
    counts = np.bincount(queries, minlength=len(best))
    touched = np.nonzero(counts)[0]
    places = np.arange(len(queries)) - np.repeat(np.cumsum(counts) - counts, counts)
    row_of = np.cumsum(counts > 0) - 1
    new = np.full((len(touched), k + int(counts.max())), NO_HIT)
    new[:, :k] = best[touched]
    new[row_of[queries], k + places] = hit_keys(scores, order[columns])
    best[touched] = np.partition(new, -k, axis=1)[:, -k:]
    return best


def _count_better(block: Block, start: int, order: Orders, wanted: Wanted, scores: Floats) -> Rows:
    """How many rows of a block, which begins at row `start`, stand before each wanted row.

    `order` is the pool's, `scores` are those of the wanted rows; the result is int64 [m].
    """
    better = np.zeros(len(scores), np.int64)
    own = (wanted.rows >= start) & (wanted.rows < start + block.width)
    for members in _one_per_query(wanted.queries):
        above, equal = block.count(wanted.queries[members], scores[members])
        better[members] += above
        tied = members[equal > own[members]]
        if len(tied):
            places, columns = block.ties(wanted.queries[tied], scores[tied])
            larger = order[start + columns] > order[wanted.rows[tied[places]]]
            better[tied] += np.bincount(places[larger], minlength=len(tied))
    return better


def _one_per_query(queries: Rows) -> Iterator[Rows]:
    """Split the places of `queries` into sets in which no query stands twice, sorted by query."""
    places = np.argsort(queries, kind="stable")
    counts = np.bincount(queries)
    turn = np.arange(len(queries)) - np.repeat(np.cumsum(counts) - counts, counts)
    for number in range(int(turn.max()) + 1):
        yield places[turn == number]
