"""One pass over a pool's vectors that keeps the best hits and counts better rows, by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybench.indexes.exact.keys import (
    NO_HIT,
    Floats,
    Keys,
    Orders,
    Rows,
    hit_keys,
    keep_best,
    key_scores,
)
from hybench.indexes.exact.products import QUERY_BLOCK, Block, Screen


@dataclass(frozen=True)
class Asked:
    """Rows of a pool whose ranks are requested.

    Attributes:
        queries: int64 [m], places of the queries; any order.
        parts: int64 [m], the number of the row's part.
        keys: uint64 [m], the row's keys (`hybench.indexes.exact.keys`).
    """

    queries: Rows
    parts: Rows
    keys: Keys


class OnePass:
    """The results so far for each part of a pool, and for the whole.

    Args:
        screen: of the queries.
        queries: their number.
        sizes: hits per query by part, and in the whole pool; each at most the number of rows.
        asked: rows whose ranks are requested.
        in_whole: whether their ranks in the whole pool are requested, too.

    Attributes:
        best: uint64 [q, size] keys by part, and in the whole pool; in any order.
        part_ranks: int64 [m], ranks of the requested rows, each in its own part, from 1.
        ranks: int64 [m], their ranks in the pool; 0 if not requested.
    """

    def __init__(
        self, screen: Screen, queries: int, sizes: Sequence[int], asked: Asked, *, in_whole: bool
    ) -> None:
        self._screen, self._asked, self._in_whole = screen, asked, in_whole
        starts = range(0, queries, QUERY_BLOCK)
        group_of = asked.queries // QUERY_BLOCK
        self._groups = [
            (slice(start, start + QUERY_BLOCK), np.nonzero(group_of == number)[0])
            for number, start in enumerate(starts)
        ]
        self.best = [np.full((queries, size), NO_HIT) for size in sizes]
        self.part_ranks = np.ones(len(asked.keys), np.int64)
        self.ranks = np.full(len(asked.keys), int(in_whole), np.int64)

    def take(self, part: int, passages: Floats, order: Orders) -> None:
        """Process a block: the number of its part, its vectors, the places of its rows' ids."""
        self._screen.load(passages)
        for queries, asked in self._groups:
            block = self._screen.multiply(queries)
            for best in (self.best[part], self.best[-1]):
                if best.shape[1]:
                    _merge(best[queries], block, order)
            self._count(part, asked, queries.start, block, order)

    def _count(self, part: int, asked: Rows, first: int, block: Block, order: Orders) -> None:
        """Count the block's rows better than the requested ones of queries from `first`."""
        if not self._in_whole:
            asked = asked[self._asked.parts[asked] == part]
        if not len(asked):
            return
        queries, keys = self._asked.queries[asked] - first, self._asked.keys[asked]
        better = _count_better(block, order, queries, keys)
        self.part_ranks[asked] += np.where(self._asked.parts[asked] == part, better, 0)
        if self._in_whole:
            self.ranks[asked] += better


def _merge(best: Keys, block: Block, order: Orders) -> None:
    """Merge the best keys of a block, whose rows have `order`, into `best` [q, k]."""
    worst = best.min(axis=1)
    if (worst == NO_HIT).any():
        # Without k hits, the block's own k-th score is the least that can be among the best.
        thresholds = block.reached(min(best.shape[1], block.width))
    else:
        thresholds = key_scores(worst)
    queries, columns = block.reaching(thresholds)
    keep_best(best, queries, hit_keys(block.score(queries, columns), order[columns]))


def _count_better(block: Block, order: Orders, queries: Rows, keys: Keys) -> Rows:
    """Number of rows of a block with a larger key for a query, int64 [m].

    Args:
        block: the products.
        order: uint32 [width], of the block's rows.
        queries: int64 [m].
        keys: uint64 [m].
    """
    better, places, columns = block.count(queries, key_scores(keys))
    near = hit_keys(block.score(queries[places], columns), order[columns])
    better += np.bincount(places[near > keys[places]], minlength=len(keys))
    return better
