"""Keeps the best hits of queries and counts better rows, block by block of a pool's vectors."""

from __future__ import annotations

import numpy as np

from hybench.indexes.exact.keys import (
    NO_HIT,
    Keys,
    Orders,
    Rows,
    hit_keys,
    keep_best,
    key_scores,
)
from hybench.indexes.exact.loaded import Loaded, ProductMemory
from hybench.indexes.exact.loads import Found, Load
from hybench.indexes.exact.products import QUERY_BLOCK, Block, Screen


class OnePass:
    """The results so far of a load for each part of a pool, and for the whole.

    Args:
        load: the queries, and what is to be found for them.
        device: ``cpu``, or a device as torch names it.
        memory: for products.

    Attributes:
        found: the results.
    """

    def __init__(self, load: Load, device: str, memory: ProductMemory) -> None:
        self._screen = Screen(load.queries, device, memory)
        self._asked, self._in_whole = load.asked, load.in_whole
        starts = range(0, len(load.queries), QUERY_BLOCK)
        group_of = load.asked.queries // QUERY_BLOCK
        self._groups = [
            (slice(start, start + QUERY_BLOCK), np.nonzero(group_of == number)[0])
            for number, start in enumerate(starts)
        ]
        self.found = Found.nothing(load)

    def take(self, part: int, passages: Loaded, order: Orders) -> None:
        """Process a block: the number of its part, its vectors, the places of its rows' ids."""
        self._screen.take(passages)
        for queries, asked in self._groups:
            block = self._screen.multiply(queries)
            for best in (self.found.best[part], self.found.best[-1]):
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
        self.found.part_better[asked] += np.where(self._asked.parts[asked] == part, better, 0)
        if self._in_whole:
            self.found.better[asked] += better


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
