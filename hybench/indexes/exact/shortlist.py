"""Pairs that approximate products leave in the race for each query's first k."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from hybench.indexes.exact.keys import NO_HIT, Floats, Keys, Orders, Rows, keep_best, key_scores
from hybench.indexes.exact.screens.rough import Rough

Places = npt.NDArray[np.uint16]
"""Places of queries in a group of at most `QUERY_BLOCK`, in a small type as many are stored."""

PENDING = 3
"""Most pairs that wait to be scored, in multiples of the requested hits."""


class Shortlist:
    """Pairs that may be among the k best of each query.

    Args:
        queries: their number.
        k: hits per query.
        keys: returns the keys of pairs, uint64 [m], for queries and rows, int64 [m] each.
    """

    def __init__(self, queries: int, k: int, keys: Callable[[Rows, Rows], Keys]) -> None:
        self.k, self._keys, self._guess = k, keys, np.full(queries, -np.inf, np.float32)
        self._scored = np.full((queries, k), NO_HIT)
        self._low = np.full((queries, k), -np.inf, np.float32)
        self._pending: list[tuple[Places, Orders, Floats]] = []

    def expect(self, scores: Floats) -> None:
        """Drop pairs below a score of their query, float32 [queries], which k may not reach."""
        self._guess = scores

    def add(self, rough: Rough, first: int) -> None:
        """Add the candidates of a block, whose first row in the pool is `first`."""
        least = np.maximum(self._low.min(axis=1), self._guess)
        if np.isneginf(least).any():
            least = np.maximum(least, rough.reached(min(self.k, rough.width)))
        queries, columns, values = rough.reaching(least)
        off = rough.off(queries, values)
        keep_best(self._low, queries, values - off)
        rows = (columns + first).astype(np.uint32)
        self._pending.append((queries.astype(np.uint16), rows, values + off))
        if self._is_long():
            self._prune()
            if self._is_long():
                self._score()

    def score(self) -> None:
        """Score what waits, if it can still be among the best."""
        if self._pending:
            self._prune()
            self._score()

    def best(self) -> Keys:
        """The best keys, uint64 [queries, k], in any order; nothing may be added afterwards."""
        self.score()
        return self._scored

    def missed(self) -> npt.NDArray[np.bool_]:
        """Queries of which fewer than k hits reach what was expected, bool [queries].

        The others have their best: what was dropped scores less than expected, or than k others.
        """
        if not self.k:
            return np.zeros(len(self._scored), np.bool_)
        worst = self._scored.min(axis=1)
        scores = np.where(worst == NO_HIT, -np.inf, key_scores(worst))
        return np.asarray(scores < self._guess)

    def _is_long(self) -> bool:
        return sum(len(places) for places, *_ in self._pending) > PENDING * self._low.size

    def _prune(self) -> None:
        """Drop pairs that can no longer be among the best."""
        places, rows, high = map(np.concatenate, zip(*self._pending, strict=True))
        stays = high >= self._low.min(axis=1)[places]
        self._pending = [(places[stays], rows[stays], high[stays])]

    def _score(self) -> None:
        """Prune the waiting pairs, and score the rest."""
        [(places, in_pool, _)] = self._pending
        by_query = np.argsort(places, kind="stable")
        queries, rows = (each[by_query].astype(np.int64) for each in (places, in_pool))
        keep_best(self._scored, queries, self._keys(queries, rows))
        self._low = np.where(self._scored == NO_HIT, np.float32(-np.inf), key_scores(self._scored))
        self._pending = []
