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
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from hybench.concurrency.prefetch import prefetched
from hybench.indexes.exact.keys import Floats, Keys, Rows, hit_keys
from hybench.indexes.exact.loads import Found, Load
from hybench.indexes.exact.products import QUERY_BLOCK, rounding_of_sums, score_pairs
from hybench.indexes.exact.sharded import release
from hybench.indexes.exact.shortlist import Shortlist
from hybench.indexes.exact.spans import Block, Span, blocks

_CACHED = 1024
"""Vectors that are rounded at a time: they fit a core's cache."""


def multiplies_bfloat16() -> bool:
    """Whether the processor is known to have instructions for products of bfloat16."""
    import torch

    # Public, but newer than the oldest supported torch; its predecessor may be gone.
    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    checks = {"avx512_bf16": "_is_avx512_bf16_supported", "amx_tile": "_is_amx_tile_supported"}
    return any(known.get(name) or getattr(torch.cpu, ask, bool)() for name, ask in checks.items())


def search_coarsely(
    spans: Sequence[Span],
    loads: Sequence[Load],
    *,
    streams: bool = False,
    tell: Callable[[int], None] = lambda _: None,
) -> list[Found]:
    """The best keys of queries in each part of a pool, and in all of it.

    Args:
        spans: of the pool.
        loads: what is looked for, without rows to rank.
        streams: whether blocks are read once and given back: pairs are then scored while their
            block is there.
        tell: called with the rows that are done.

    Returns:
        By load, with the keys of `hybench.indexes.exact.reference.search_plainly`.
    """
    import torch

    threads = torch.get_num_threads()
    groups = [list(_groups(load, spans, threads, streams=streams)) for load in loads]
    every = [group for each in groups for group in each]
    done = 0
    with _single_threads(threads) as pool:
        wanted = (
            block
            for block in blocks(spans)
            if any(load.sizes[block.span.part] or load.sizes[-1] for load in loads)
        )
        for block, vectors, rounded in prefetched(_read, wanted, threads=1):
            here = Span(block.span.part, block.first, vectors, block.order)
            list(pool.map(partial(_Group.take, block=here, rounded=rounded), every))
            done += len(block.order)
            tell(done)
            if streams:
                release(block.span.vectors)
        results = [list(pool.map(_Group.best, each)) for each in groups]
    best = [
        [np.concatenate(each) for each in zip(*result, strict=True)]
        if result
        else Found.nothing(load).best
        for load, result in zip(loads, results, strict=True)
    ]
    return [replace(Found.nothing(load), best=each) for load, each in zip(loads, best, strict=True)]


def _groups(load: Load, spans: Sequence[Span], threads: int, *, streams: bool) -> Iterator[_Group]:
    """The queries of a load in groups of at most `QUERY_BLOCK`, in a multiple of the threads."""
    if len(load.queries):
        count = -(-len(load.queries) // QUERY_BLOCK)
        count = min(len(load.queries), -(-count // threads) * threads)
        for some in np.array_split(load.queries, count):
            yield _Group(some, spans, load.sizes, streams=streams)


def _read(block: Block) -> tuple[Block, Floats, _Rounded]:
    vectors = block.vectors
    return block, vectors, _Rounded.of(vectors)


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
        self, queries: Floats, spans: Sequence[Span], sizes: Sequence[int], *, streams: bool
    ) -> None:
        self._queries, self._spans, self._streams = queries, spans, streams
        self._rounded = _Rounded.of(queries)
        self._lists = [Shortlist(len(queries), size, self._keys) for size in sizes]

    def take(self, block: Span, rounded: _Rounded) -> None:
        """Process a block."""
        lists = [each for each in (self._lists[block.part], self._lists[-1]) if each.k]
        if not lists:
            return
        products = self._rounded.multiply(rounded)
        slack = self._rounded.slack(rounded)
        if self._streams:
            self._spans = [block]
        for shortlist in lists:
            shortlist.add(products, slack, block.first)
            if self._streams:
                shortlist.score()

    def best(self) -> list[Keys]:
        """The keys of the best pairs in each part, and in all."""
        return [shortlist.best() for shortlist in self._lists]

    def _keys(self, queries: Rows, rows: Rows) -> Keys:
        """The keys of pairs, uint64 [m]; `queries` are places in the group, `rows` in the pool."""
        keys = np.empty(len(rows), np.uint64)
        by_row = np.argsort(rows)  # as they lie on disk
        for span in self._spans:
            ends = np.searchsorted(
                rows, (span.first, span.first + len(span.vectors)), sorter=by_row
            )
            places = by_row[slice(*ends)]
            inside = rows[places] - span.first
            scores = score_pairs(self._queries, span.vectors, queries[places], inside, threads=1)
            keys[places] = hit_keys(scores, span.order[inside])
        return keys
