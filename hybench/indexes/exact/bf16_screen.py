"""Exact search of many queries on processors that multiply bfloat16: few pairs are scored.

Approximate products of all pairs bound their scores. Of a query's pairs, those remain whose upper
bound reaches the k-th largest lower bound so far; the pairs that remain at the end, few more than
k, are scored. So hits and scores equal those of the simple `search_plainly`. Groups of queries are
processed in parallel, one thread each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from hybench.concurrency.prefetch import prefetched
from hybench.indexes.exact.keys import (
    NO_HIT,
    Floats,
    Keys,
    Orders,
    Rows,
    Vectors,
    hit_keys,
    keep_best,
    key_scores,
)
from hybench.indexes.exact.products import (
    QUERY_BLOCK,
    as_column,
    blocks,
    rounding_of_sums,
    score_pairs,
    true_places,
)

Places = npt.NDArray[np.uint16]
"""Places of queries in a group of at most `QUERY_BLOCK`, in a small type as many are stored."""

PENDING = 3
"""Most pairs that wait to be scored, in multiples of the requested hits."""

_CACHED = 1024
"""Vectors that are rounded at a time: they fit a core's cache."""

_ROUNDED = 2.0**-8
"""Half the distance of two neighbours in bfloat16, relative to the smaller one."""

_APART = 8
"""Products of which only the largest is used in a first pass."""


def multiplies_bfloat16() -> bool:
    """Whether the processor is known to have instructions for products of bfloat16."""
    import torch

    # Public, but newer than the oldest supported torch; its predecessor may be gone.
    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    checks = {"avx512_bf16": "_is_avx512_bf16_supported", "amx_tile": "_is_amx_tile_supported"}
    return any(known.get(name) or getattr(torch.cpu, ask, bool)() for name, ask in checks.items())


def search_coarsely(
    parts: Sequence[Vectors], order: Orders, queries: Floats, depths: Sequence[int]
) -> list[Keys]:
    """The best keys of queries in each part of a pool, and in all of it.

    Args:
        parts: float32 [n, d] each, in memory or memory-mapped.
        order: uint32 [all n], the place of each row's id in the pool.
        queries: float32 [q, d].
        depths: hits per query by part, and in the whole; each at most the number of rows.

    Returns:
        uint64 [q, depth] for each of `depths`, in any order (`hybench.indexes.exact.keys`): those
        of `hybench.indexes.exact.reference.search_plainly`.
    """
    import torch

    threads = torch.get_num_threads()
    count = -(-len(queries) // QUERY_BLOCK)
    groups = [
        _Group(some, parts, order, depths)
        for some in np.array_split(queries, min(len(queries), -(-count // threads) * threads))
    ]
    wanted = [block for block in blocks(parts) if depths[block[0]] or depths[-1]]
    with _single_threads(threads) as pool:
        rounded = prefetched(_Rounded.of, (vectors for *_, vectors in wanted), threads=1)
        for (number, first, _), block in zip(wanted, rounded, strict=True):
            list(pool.map(partial(_Group.take, number=number, first=first, block=block), groups))
        results = list(pool.map(_Group.best, groups))
    return [np.concatenate(each) for each in zip(*results, strict=True)]


@contextmanager
def _single_threads(threads: int) -> Iterator[ThreadPoolExecutor]:
    """A pool of as many threads as torch uses, in each of which torch uses one."""
    import torch

    pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)  # some of its libraries have one setting for all threads


@dataclass(frozen=True)
class _Rounded:
    """Vectors in bfloat16.

    Attributes:
        vectors: tensor [n, d].
        lengths: float32 [n], lengths of the unrounded vectors.
        lost: float32 [n], lengths of the rounding errors.
    """

    vectors: Any
    lengths: Floats
    lost: Floats

    @classmethod
    def of(cls, vectors: Floats) -> _Rounded:
        """Round float32 [n, d]."""
        import torch

        rough = torch.empty(vectors.shape, dtype=torch.bfloat16)
        lengths, lost = np.empty((2, len(vectors)), np.float32)
        # A copy: torch requires writable memory, which a memory map's is not.
        memory = np.empty((min(_CACHED, len(vectors)), vectors.shape[1]), np.float32)
        for start in range(0, len(vectors), _CACHED):
            some = slice(start, start + _CACHED)
            exact = memory[: len(vectors[some])]
            exact[:] = vectors[some]
            lengths[some] = np.sqrt(np.vecdot(exact, exact))
            rough[some] = torch.from_numpy(exact)
            torch.from_numpy(exact).sub_(rough[some])
            lost[some] = np.sqrt(np.vecdot(exact, exact))
        return cls(rough, lengths, lost)

    def multiply(self, block: _Rounded) -> Any:
        """The products with a block's vectors, bfloat16 [n, m]."""
        return self.vectors @ block.vectors.T

    def slack(self, block: _Rounded) -> Floats:
        """Bound of the difference between a score and a product with a block, float32 [n].

        The product's own rounding to bfloat16 is not included.
        """
        length, error = block.lengths.max(), block.lost.max()
        # With the rounding errors r: q·v - (q - r_q)·(v - r_v) = q·r_v + r_q·(v - r_v), and
        # |x·y| ≤ |x| |y|.
        sums = rounding_of_sums(block.vectors.shape[1])
        slack: Floats = self.lengths * (error + sums * length) + self.lost * (length + error)
        return slack


class _Group:
    """A group of queries, with their best pairs so far."""

    def __init__(
        self, queries: Floats, parts: Sequence[Vectors], order: Orders, depths: Sequence[int]
    ) -> None:
        self._queries, self._parts, self._order = queries, parts, order
        self._rounded = _Rounded.of(queries)
        self._lists = [_Shortlist(len(queries), depth, self._keys) for depth in depths]

    def take(self, number: int, first: int, block: _Rounded) -> None:
        """Process a block: the number of its part, its first row in the pool, its vectors."""
        products = self._rounded.multiply(block)
        slack = self._rounded.slack(block)
        for shortlist in (self._lists[number], self._lists[-1]):
            if shortlist.k:
                shortlist.add(products, slack, first)

    def best(self) -> list[Keys]:
        """The keys of the best pairs in each part, and in all."""
        return [shortlist.best() for shortlist in self._lists]

    def _keys(self, queries: Rows, rows: Rows) -> Keys:
        """The keys of pairs, uint64 [m]; `queries` are places in the group, `rows` in the pool."""
        scores = np.empty(len(rows), np.float32)
        by_row = np.argsort(rows)  # as they lie on disk
        first = 0
        for vectors in self._parts:
            ends = np.searchsorted(rows, (first, first + len(vectors)), sorter=by_row)
            places = by_row[slice(*ends)]
            inside = rows[places] - first
            scores[places] = score_pairs(self._queries, vectors, queries[places], inside, threads=1)
            first += len(vectors)
        return hit_keys(scores, self._order[rows])


class _Shortlist:
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

    def best(self) -> Keys:
        """The best keys, uint64 [queries, k], in any order; nothing may be added afterwards."""
        if self._pending:
            self._prune()
            self._score()
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
