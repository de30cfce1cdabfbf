"""Exact search of many queries on a CPU: few pairs are scored.

Approximate products of all pairs bound their scores. Of a query's pairs, those remain whose upper
bound reaches the k-th largest lower bound so far; the pairs that remain at the end, few more than
k, are scored. So hits and scores equal those of the simple `search_plainly`. Pairs below a guess of
the k-th score are dropped before; queries whose guess was too high are searched for again without
(`guesses`). Groups of queries are processed in parallel, one thread each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from hybench.concurrency.prefetch import prefetched
from hybench.indexes.exact.guesses import Sample
from hybench.indexes.exact.keys import Floats, Keys, Rows, hit_keys
from hybench.indexes.exact.loads import Found, Load
from hybench.indexes.exact.products import QUERY_BLOCK, score_pairs
from hybench.indexes.exact.screens.chosen import fastest
from hybench.indexes.exact.screens.precision import Memory, Precision
from hybench.indexes.exact.sharded import release
from hybench.indexes.exact.shortlist import Shortlist
from hybench.indexes.exact.spans import Block, Span, blocks


def search_coarsely(
    spans: Sequence[Span],
    loads: Sequence[Load],
    precisions: Sequence[Precision],
    *,
    streams: bool = False,
    guesses: bool = True,
    tell: Callable[[int], None] = lambda _: None,
) -> list[Found]:
    """The best keys of queries in each part of a pool, and in all of it.

    Args:
        spans: of the pool.
        loads: what is looked for, without rows to rank.
        precisions: to screen in, one or more; the fastest is used.
        streams: whether blocks are read once and given back: pairs are then scored while their
            block is there.
        guesses: whether the k-th score may be guessed, which takes reading passages at random.
        tell: called with the rows that are done.

    Returns:
        By load, with the keys of `hybench.indexes.exact.reference.search_plainly`.
    """
    import torch

    wanted = blocks(_longest_first(spans, loads))
    first = next(wanted, None)
    if first is None:
        return [Found.nothing(load) for load in loads]
    vectors = first.vectors
    largest = max(loads, key=lambda load: len(load.queries))
    share = max(largest.sizes) / sum(len(span.vectors) for span in spans)
    precision = fastest(precisions, largest.queries, vectors, share)
    read = partial(_read, precision)
    threads = torch.get_num_threads()
    groups = [list(_groups(load, spans, threads, precision, streams=streams)) for load in loads]
    every = [group for each in groups for group in each]
    memory, done = Memory(), 0
    with _single_threads(threads) as pool:
        if guesses and not streams:
            samples = _samples(spans, loads, precision)
            guess = partial(_Group.guess, samples=samples, memory=memory)
            list(pool.map(guess, every))
        ready = chain([read(first, vectors)], prefetched(read, wanted, threads=1))
        for block, vectors, rounded in ready:
            here = Span(block.span.part, block.first, vectors, block.order)
            take = partial(_Group.take, block=here, rounded=rounded, memory=memory)
            list(pool.map(take, every))
            done += len(block.order)
            tell(done)
            if streams:
                release(block.span.vectors)
        results = [list(pool.map(_Group.best, each)) for each in groups]
        missed = [[missed for group in each for missed in group.missed()] for each in groups]
    found = [_joined(load, each) for load, each in zip(loads, results, strict=True)]
    again = [np.flatnonzero(each) for each in missed]
    if any(map(len, again)):
        some = [
            replace(load, queries=load.queries[rows])
            for load, rows in zip(loads, again, strict=True)
        ]
        repeated = search_coarsely(spans, some, [precision], guesses=False)
        for one, rows, other in zip(found, again, repeated, strict=True):
            for best, better in zip(one.best, other.best, strict=True):
                best[rows] = better
    return found


def _longest_first(spans: Sequence[Span], loads: Sequence[Load]) -> list[Span]:
    """The spans in which hits are looked for; the first block shows how vectors lie."""
    wanted = [
        span for span in spans if any(load.sizes[span.part] or load.sizes[-1] for load in loads)
    ]
    return sorted(wanted, key=lambda span: len(span.vectors), reverse=True)


def _joined(load: Load, results: Sequence[Sequence[Keys]]) -> Found:
    """What groups of a load's queries have found."""
    nothing = Found.nothing(load)
    if not results:
        return nothing
    return replace(nothing, best=[np.concatenate(each) for each in zip(*results, strict=True)])


def _samples(
    spans: Sequence[Span], loads: Sequence[Load], precision: Precision
) -> list[Sample | None]:
    """Samples of the parts, and of all, None where no hits are looked for."""
    *parts, whole = zip(*(load.sizes for load in loads), strict=True)
    pools = [[span for span in spans if span.part == part] for part in range(len(parts))]
    return [
        Sample.of(pool, precision) if any(sizes) else None
        for pool, sizes in zip([*pools, spans], [*parts, whole], strict=True)
    ]


def _groups(
    load: Load, spans: Sequence[Span], threads: int, precision: Precision, *, streams: bool
) -> Iterator[_Group]:
    """The queries of a load in groups of at most `QUERY_BLOCK`, in a multiple of the threads."""
    if len(load.queries):
        count = -(-len(load.queries) // QUERY_BLOCK)
        count = min(len(load.queries), -(-count // threads) * threads)
        for some in np.array_split(load.queries, count):
            yield _Group(some, spans, load.sizes, precision, streams=streams)


def _read(
    precision: Precision, block: Block, vectors: Floats | None = None
) -> tuple[Block, Floats, Any]:
    """A block with its vectors, read if they are not there, and these rounded."""
    vectors = block.vectors if vectors is None else vectors
    return block, vectors, precision.passages(vectors)


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


class _Group:
    """A group of queries, with their best pairs so far."""

    def __init__(
        self,
        queries: Floats,
        spans: Sequence[Span],
        sizes: Sequence[int],
        precision: Precision,
        *,
        streams: bool,
    ) -> None:
        self._queries, self._spans, self._streams = queries, spans, streams
        self._rounded = precision.queries(queries)
        self._lists = [Shortlist(len(queries), size, self._keys) for size in sizes]

    def guess(self, samples: Sequence[Sample | None], memory: Memory) -> None:
        """Guess the scores that hits will have, by list."""
        for shortlist, sample in zip(self._lists, samples, strict=True):
            if sample is not None and shortlist.k:
                scores = sample.guess(self._rounded, shortlist.k, memory)
                if scores is not None:
                    shortlist.expect(scores)

    def missed(self) -> list[bool]:
        """Whether a query's best may not be the best, as its guess was too high, by query."""
        missed = [shortlist.missed() for shortlist in self._lists]
        return [bool(each) for each in np.any(missed, axis=0)]

    def take(self, block: Span, rounded: Any, memory: Memory) -> None:
        """Process a block, which is also there rounded."""
        lists = [each for each in (self._lists[block.part], self._lists[-1]) if each.k]
        if not lists:
            return
        rough = self._rounded.multiply(rounded, memory)
        if self._streams:
            self._spans = [block]
        for shortlist in lists:
            shortlist.add(rough, block.first)
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
