"""The inner products of a block of queries with a block of passages, on the CPU or a GPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hybench.index.keys import Floats, Rows

STRIPES = 32
"""Products per maximum that is compared with a threshold before they are."""


class Block(Protocol):
    """Products of q queries with `width` passages; all results are numpy arrays."""

    width: int

    def all(self) -> Floats:
        """float32 [q, width]."""

    def at(self, queries: Rows, columns: Rows) -> Floats:
        """The products at these places, float32 [m]."""

    def at_least(self, thresholds: Floats) -> tuple[Rows, Rows, Floats]:
        """Queries, columns and products where a product reaches its query's threshold.

        Sorted by query. `thresholds` is float32 [q]; NaN is above everything.
        """

    def count(self, queries: Rows, scores: Floats) -> tuple[Rows, Rows]:
        """How many products of each query are greater than its score, and how many equal it.

        Args:
            queries: int64 [m], none twice.
            scores: float32 [m].

        Returns:
            Two arrays, int64 [m].
        """

    def ties(self, queries: Rows, scores: Floats) -> tuple[Rows, Rows]:
        """Places in `queries`, ascending, and columns where a product equals the score."""


Multiply = Callable[[Floats], Block]
Multiplier = Callable[[Floats, bool], Multiply]


def multiplier(device: str) -> Multiplier:
    """The maker of blocks on `device`: a function of the queries and of whether a block's memory
    may be used again for the next one.
    """
    return on_cpu if device == "cpu" else on_torch(device)


def on_cpu(queries: Floats, reuse: bool) -> Multiply:
    """Blocks made by numpy; see `multiplier`."""
    memory = np.empty(0, np.float32)

    def multiply(vectors: Floats) -> Block:
        nonlocal memory
        size = len(queries) * len(vectors)
        if not reuse or len(memory) < size:
            memory = np.empty(size, np.float32)
        products = memory[:size].reshape(len(queries), len(vectors))
        np.matmul(queries, vectors.T, out=products)
        return NumpyBlock(products)

    return multiply


def _count_true(mask: NDArray[np.bool_]) -> Rows:
    """True values per row, int64 [n]; counting packed bits is several times faster than sum."""
    counts: Rows = np.bitwise_count(np.packbits(mask, axis=1)).sum(axis=1, dtype=np.int64)
    return counts


class NumpyBlock:
    """A block of products in a numpy array."""

    def __init__(self, products: Floats) -> None:
        self._products = products
        self.width = products.shape[1]

    def all(self) -> Floats:
        """See `Block`."""
        return self._products

    def at(self, queries: Rows, columns: Rows) -> Floats:
        """See `Block`."""
        return self._products[queries, columns]

    def at_least(self, thresholds: Floats) -> tuple[Rows, Rows, Floats]:
        """See `Block`."""
        # Maxima over columns that lie `striped` apart: few stripes reach the threshold once the
        # search is under way, and only those are looked at.
        products, striped = self._products, self.width // STRIPES
        body = products[:, : striped * STRIPES].reshape(len(products), STRIPES, striped)
        at_query, at_stripe = np.nonzero(body.max(axis=1) >= thresholds[:, None])
        reached = body[at_query, :, at_stripe] >= thresholds[at_query, None]
        place, stripe = np.nonzero(reached)
        queries, columns = at_query[place], at_stripe[place] + stripe * striped
        tail = products[:, striped * STRIPES :] >= thresholds[:, None]
        if tail.any():
            more_queries, more_columns = np.nonzero(tail)
            queries = np.concatenate([queries, more_queries])
            columns = np.concatenate([columns, more_columns + striped * STRIPES])
            by_query = np.argsort(queries, kind="stable")
            queries, columns = queries[by_query], columns[by_query]
        return queries, columns, products[queries, columns]

    def _of(self, queries: Rows) -> Floats:
        every = np.array_equal(queries, np.arange(len(self._products)))
        return self._products if every else self._products[queries]

    def count(self, queries: Rows, scores: Floats) -> tuple[Rows, Rows]:
        """See `Block`."""
        products, limit = self._of(queries), scores[:, None]
        above = _count_true(products > limit)
        return above, _count_true(products >= limit) - above

    def ties(self, queries: Rows, scores: Floats) -> tuple[Rows, Rows]:
        """See `Block`."""
        places, columns = np.nonzero(self._of(queries) == scores[:, None])
        return places, columns


def on_torch(device: str) -> Multiplier:
    """Blocks made by torch on `device`; see `multiplier`."""
    import torch

    def with_queries(queries: Floats, _reuse: bool) -> Multiply:
        on_device = torch.from_numpy(queries).to(device)

        def multiply(vectors: Floats) -> Block:
            # np.array: torch wants memory that may be written, which a memory map's is not.
            return TorchBlock(on_device @ torch.from_numpy(np.array(vectors)).to(device).T)

        return multiply

    return with_queries


class TorchBlock:
    """A block of products in a torch tensor; only what is asked for leaves the device."""

    def __init__(self, products: Any) -> None:
        self._products = products
        self.width = int(products.shape[1])

    def _tensor(self, values: Any) -> Any:
        import torch

        return torch.from_numpy(np.ascontiguousarray(values)).to(self._products.device)

    def all(self) -> Floats:
        """See `Block`."""
        values: Floats = self._products.cpu().numpy()
        return values

    def at(self, queries: Rows, columns: Rows) -> Floats:
        """See `Block`."""
        values: Floats = self._products[self._tensor(queries), self._tensor(columns)].cpu().numpy()
        return values

    def at_least(self, thresholds: Floats) -> tuple[Rows, Rows, Floats]:
        """See `Block`."""
        places = (self._products >= self._tensor(thresholds)[:, None]).nonzero().T
        scores = self._products[places[0], places[1]].cpu().numpy()
        queries, columns = places.cpu().numpy()
        return queries, columns, scores

    def count(self, queries: Rows, scores: Floats) -> tuple[Rows, Rows]:
        """See `Block`."""
        products, limit = self._products[self._tensor(queries)], self._tensor(scores)[:, None]
        above, equal = (products > limit).sum(dim=1), (products == limit).sum(dim=1)
        return above.cpu().numpy(), equal.cpu().numpy()

    def ties(self, queries: Rows, scores: Floats) -> tuple[Rows, Rows]:
        """See `Block`."""
        products, limit = self._products[self._tensor(queries)], self._tensor(scores)[:, None]
        places, columns = (products == limit).nonzero().T.cpu().numpy()
        return places, columns
