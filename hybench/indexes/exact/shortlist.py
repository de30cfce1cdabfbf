"""Pairs that approximate products leave in the race for each query's first k."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from hybench.indexes.exact.keys import NO_HIT, Floats, Keys, Orders, Rows, keep_best, key_scores
from hybench.indexes.exact.products import as_column, true_places

Places = npt.NDArray[np.uint16]
"""Places of queries in a group of at most `QUERY_BLOCK`, in a small type as many are stored."""

PENDING = 3
"""Most pairs that wait to be scored, in multiples of the requested hits."""

_ROUNDED = 2.0**-8
"""Half the distance of two neighbours in bfloat16, relative to the smaller one."""

_APART = 8
"""Products of which only the largest is used in a first pass."""


class Shortlist:
    """Pairs that may be among the k best of each query.

    Args:
        queries: their number.
        k: hits per query.
        keys: returns the keys of pairs, uint64 [m], for queries and rows, int64 [m] each.
    """

    def __init__(self, queries: int, k: int, keys: Callable[[Rows, Rows], Keys]) -> None:
        self.k, self._keys = k, keys
        self._scored = np.full((queries, k), NO_HIT)
        self._low = np.full((queries, k), -np.inf, np.float32)
        self._pending: list[tuple[Places, Orders, Floats]] = []

    def add(self, products: Any, slack: Floats, first: int) -> None:
        """Add the candidates of a block, whose first row in the pool is `first`."""
        least = self._low.min(axis=1)
        if np.isneginf(least).any():
            least = np.maximum(least, reached(products, min(self.k, products.shape[1])) - slack)
        queries, columns, rough = reaching(products, least - slack)
        off = np.add(slack[queries], np.abs(rough) * np.float32(_ROUNDED), dtype=np.float32)
        keep_best(self._low, queries, rough - off)
        rows = (columns + first).astype(np.uint32)
        self._pending.append((queries.astype(np.uint16), rows, rough + off))
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


def reached(products: Any, k: int) -> Floats:
    """A value that k unrounded products of each query reach, float32 [q].

    Args:
        products: bfloat16 [q, n].
        k: at most n.
    """
    import torch

    parts = products.shape[1] // _APART
    if parts >= 4 * k:
        products = products[:, : parts * _APART].view(len(products), _APART, parts).amax(dim=1)
    least = torch.topk(products.float(), k, dim=1, sorted=False).values.amin(dim=1)
    least -= least.abs() * _ROUNDED
    values: Floats = least.numpy()
    return values


def reaching(products: Any, limits: Floats) -> tuple[Rows, Rows, Floats]:
    """Queries, ascending, columns and values of products that may be at least the query's limit.

    Args:
        products: bfloat16 [q, n].
        limits: float32 [q].
    """
    import torch

    column = as_column(limits, products)  # rounded as they were: that keeps ≥
    if (limits > 0).all():
        # Positive numbers have the order of their bits, which numpy compares far faster.
        mask = products.view(torch.int16).numpy() >= column.view(torch.int16).numpy()
    else:
        mask = (products >= column).numpy()
    queries, columns = true_places(mask)
    return (
        queries,
        columns,
        products[tuple(map(torch.from_numpy, (queries, columns)))].float().numpy(),
    )
