"""Inner products of queries with passages: approximate for all pairs, exact for a few.

A screen multiplies blocks, and bounds the difference between a product and the score, which depends
on the order of summation; pairs that could matter are then scored one by one. So a score depends on
neither blocks, threads nor the screen, and equal vectors tie.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from hybench.indexes.exact.keys import Floats, Rows, Vectors
from hybench.indexes.exact.loaded import Loaded, ProductMemory, on_device
from hybench.indexes.exact.sharded import ShardedVectors

QUERY_BLOCK = 512

SORT_FROM = 6
"""Least number of scores to count per query for which sorting its products is faster."""

PAIRS = 256
"""Pairs that are scored at a time on the CPU: their vectors fit a core's cache."""

PAIRS_A_THREAD = 4096
"""Least number of pairs for which another thread is faster."""

PAIRS_ON_DEVICE = 1 << 16


def score_pairs(
    queries: Any, vectors: Any, at: Rows, rows: Rows, threads: int | None = None
) -> Floats:
    """Scores: float32 inner products, each computed alone, always in the same order.

    Args:
        queries: float32 [q, d], an array or a tensor.
        vectors: float32 [n, d], likewise; an array may be memory-mapped.
        at: int64 [m], places of the queries.
        rows: int64 [m], rows of `vectors`.
        threads: on the CPU; None for the fastest number.

    Returns:
        float32 [m].
    """
    if isinstance(vectors, np.ndarray | ShardedVectors):
        threads = threads or max(1, min(pl.thread_pool_size(), len(at) // PAIRS_A_THREAD))
        if threads == 1:
            return _score_pairs(queries, vectors, at, rows)
        with ThreadPoolExecutor(threads) as pool:
            parts = np.array_split(at, threads), np.array_split(rows, threads)
            return np.concatenate(
                list(pool.map(partial(_score_pairs, queries, vectors), *parts)), dtype=np.float32
            )
    # A GPU's order of summation depends on the number of pairs; sums in float64 hide that.
    scores = np.empty(len(at), np.float32)
    for start in range(0, len(at), PAIRS_ON_DEVICE):
        part = slice(start, start + PAIRS_ON_DEVICE)
        products = queries[at[part]].double() * vectors[rows[part]]
        scores[part] = products.sum(dim=1).float().cpu().numpy()
    return scores


def _score_pairs(queries: Floats, vectors: Vectors, at: Rows, rows: Rows) -> Floats:
    """`score_pairs` of arrays, in one thread."""
    scores = np.empty(len(at), np.float32)
    left, right = np.empty((2, min(PAIRS, len(at)), queries.shape[1]), np.float32)
    for start in range(0, len(at), PAIRS):
        part = slice(start, start + PAIRS)
        size = len(at[part])
        # With mode="raise" numpy would copy to `out` from its own buffer.
        queries.take(at[part], axis=0, out=left[:size], mode="clip")
        vectors.take(rows[part], axis=0, out=right[:size], mode="clip")
        np.vecdot(left[:size], right[:size], out=scores[part])
    return scores


def rounding_of_sums(d: int) -> np.float32:
    """Bound of the difference of two float32 sums of d products, relative to the vectors' lengths.

    Each is off by d 2⁻²⁴ |q| |v| at most (Higham, Accuracy and Stability of Numerical Algorithms,
    3.1); twice that leaves room for the lengths, which are such sums themselves.
    """
    return np.float32(4 * (d + 2) * 2.0**-24)


class Screen:
    """Approximate products of a search's queries with one block of passages after another.

    Args:
        queries: float32 [q, d].
        device: ``cpu``, or a device as torch names it.
        memory: for products; None for its own.
    """

    def __init__(
        self, queries: Floats, device: str = "cpu", memory: ProductMemory | None = None
    ) -> None:
        self._device = device
        self._left = on_device(queries, device)
        self._lengths = np.sqrt(np.vecdot(queries, queries))
        self._memory = memory or ProductMemory()

    def load(self, vectors: Floats) -> None:
        """Take the next block of passages, float32 [n, d], n ≥ 1."""
        self.take(Loaded.on(self._device, vectors))

    def take(self, block: Loaded) -> None:
        """Take the next block of passages, loaded on the screen's device."""
        self._right = block.vectors
        sums = rounding_of_sums(block.vectors.shape[1])
        self._slack = self._lengths * (sums * block.length)

    def score(self, at: Rows, rows: Rows) -> Floats:
        """The scores of queries with rows of the block, int64 [m] each; float32 [m]."""
        return score_pairs(self._left, self._right, at, rows)

    def multiply(self, group: slice) -> Block:
        """The products of some of the queries with the block; they last until the next call."""
        left, right = self._left[group], self._right
        memory = self._memory.of((len(left), len(right)), left)
        if isinstance(left, np.ndarray):
            np.matmul(left, right.T, out=memory)
        else:
            import torch

            torch.mm(left, right.T, out=memory)
        return Block(self, group.start, memory, self._slack[group])


class Block:
    """The approximate products of q queries with `width` passages.

    Args:
        screen: the screen that made them.
        first: the place of the first query, which the block counts from 0.
        products: [q, width], an array of float32, or a tensor of it.
        slack: float32 [q], bound of the difference between product and score.
    """

    def __init__(self, screen: Screen, first: int, products: Any, slack: Floats) -> None:
        self._screen, self._first = screen, first
        self._products, self._slack = products, slack
        self.width = int(products.shape[1])

    def score(self, queries: Rows, columns: Rows) -> Floats:
        """The scores of pairs, float32 [m]; `queries` and `columns` are int64 [m]."""
        return self._screen.score(queries + self._first, columns)

    def reached(self, k: int) -> Floats:
        """A score that k passages of each query reach, float32 [q]; k is at most `width`."""
        import torch

        products = torch.as_tensor(self._products)
        least = torch.topk(products, k, dim=1, sorted=False).values.amin(dim=1)
        reached: Floats = least.cpu().numpy() - self._slack
        return reached

    def reaching(self, scores: Floats) -> tuple[Rows, Rows]:
        """Queries, ascending, and columns where the score may be at least that of the query.

        `scores` is float32 [q]; NaN is above everything.
        """
        return true_places(self._products >= as_column(scores - self._slack, self._products))

    def count(self, queries: Rows, scores: Floats) -> tuple[Rows, Rows, Rows]:
        """Number of passages that certainly score above a score, and the pairs in doubt.

        Args:
            queries: int64 [m], in any order.
            scores: float32 [m].

        Returns:
            The counts, int64 [m]; and places in `queries` and columns of the pairs in doubt.
        """
        low, high = scores - self._slack[queries], scores + self._slack[queries]
        if len(queries) >= SORT_FROM * len(self._products):
            above, near = self._count_sorted(queries, low, high)
        else:
            above, near = np.zeros((2, len(queries)), np.int64)
            for members in _one_per_query(queries):
                products = self._of(queries[members])
                above[members] = _count_true(products > as_column(high[members], products))
                near[members] = _count_true(products >= as_column(low[members], products))
        doubtful = np.nonzero(near > above)[0]
        places, columns = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for turn in _one_per_query(queries[doubtful]):
            members = doubtful[turn]
            products = self._of(queries[members])
            within = products >= as_column(low[members], products)
            within &= products <= as_column(high[members], products)
            at, column = true_places(within)
            places.append(members[at])
            columns.append(column)
        return above, np.concatenate(places), np.concatenate(columns)

    def _of(self, queries: Rows) -> Any:
        """The products of some queries; not a copy if they are all, in order."""
        every = np.array_equal(queries, np.arange(len(self._products)))
        return self._products if every else self._products[queries]

    def _count_sorted(self, queries: Rows, low: Floats, high: Floats) -> tuple[Rows, Rows]:
        """Numbers of products above `high`, and of at least `low`, int64 [m] each."""
        by_query = np.argsort(queries, kind="stable")
        ends = np.cumsum(np.bincount(queries, minlength=len(self._products))).tolist()
        low, high = low[by_query], high[by_query]
        within, below = np.empty((2, len(queries)), np.int64)
        start = 0
        for products, end in zip(np.sort(_array(self._products), axis=1), ends, strict=True):
            below[start:end] = products.searchsorted(low[start:end])
            within[start:end] = products.searchsorted(high[start:end], "right")
            start = end
        above, near = np.empty((2, len(queries)), np.int64)
        above[by_query], near[by_query] = self.width - within, self.width - below
        return above, near


def as_column(limits: Floats, products: Any) -> Any:
    """Limits [n] as a column to compare with products, of their dtype and on their device."""
    if isinstance(products, np.ndarray):
        return limits[:, None]
    import torch

    return torch.from_numpy(limits).to(products)[:, None]


def _one_per_query(queries: Rows) -> Iterator[Rows]:
    """Split the places of `queries` into sets with each query at most once, sorted by query."""
    places = np.argsort(queries, kind="stable")
    counts = np.bincount(queries)
    turn = np.arange(len(queries)) - np.repeat(np.cumsum(counts) - counts, counts)
    for number in range(int(counts.max(initial=0))):
        yield places[turn == number]


def _array(values: Any) -> Any:
    return values if isinstance(values, np.ndarray) else values.cpu().numpy()


def true_places(mask: Any) -> tuple[Rows, Rows]:
    """Rows, ascending, and columns of the true values of [n, m]."""
    if isinstance(mask, np.ndarray):
        # numpy finds flat places several times faster than places in two dimensions.
        flat = np.flatnonzero(mask)
        rows = flat // mask.shape[1]
        columns = flat - rows * mask.shape[1]
    else:
        rows, columns = mask.nonzero().T.cpu().numpy()
    return rows, columns


def _count_true(mask: Any) -> Rows:
    """True values per row of [n, m], int64 [n]."""
    if not isinstance(mask, np.ndarray):
        mask = mask.sum(dim=1).cpu().numpy()
        return np.asarray(mask)
    # Counting packed bits is several times faster than a sum.
    packed = np.bitwise_count(np.packbits(mask, axis=1))
    return np.asarray(packed.sum(axis=1, dtype=np.int64))
