"""One pass over spans of a pool's vectors, for all loads of a search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from hybench.concurrency.prefetch import prefetched
from hybench.indexes.exact.loaded import Loaded, ProductMemory
from hybench.indexes.exact.loads import Found, Load
from hybench.indexes.exact.one_pass import OnePass
from hybench.indexes.exact.screened import search_coarsely
from hybench.indexes.exact.screens.precision import Precision
from hybench.indexes.exact.sharded import release
from hybench.indexes.exact.spans import Block, Span, blocks

FEW = 64
"""Queries below which rounding the passages costs more than it saves."""

Tell = Callable[[int], None]


def search_spans(
    spans: Sequence[Span],
    loads: Sequence[Load],
    *,
    device: str = "cpu",
    precisions: Sequence[Precision] = (),
    streams: bool = False,
    tell: Tell = lambda _: None,
) -> list[Found]:
    """Search spans of a pool once, for all loads.

    Args:
        spans: in memory or memory-mapped.
        loads: what is looked for.
        device: ``cpu``, or a device as torch names it.
        precisions: that pairs may be screened in, where only the best are looked for.
        streams: whether each block is read once, ahead of its use, and then given back: for spans
            that do not fit into memory.
        tell: called with the rows that are done.

    Returns:
        What was found, by load.
    """
    few = sum(len(load.queries) for load in loads) < FEW
    if precisions and not few and not any(len(load.asked.keys) for load in loads):
        return search_coarsely(spans, loads, precisions, streams=streams, tell=tell)
    memory = ProductMemory()
    passes = [OnePass(load, device, memory) for load in loads]
    load = partial(_loaded, device)
    every = blocks(spans)
    ready = prefetched(load, every, threads=1) if streams else map(load, every)
    done = 0
    for block, passages in ready:
        for each in passes:
            each.take(block.span.part, passages, block.order)
        done += len(block.order)
        tell(done)
        if streams:
            release(block.span.vectors)
    return [each.found for each in passes]


def _loaded(device: str, block: Block) -> tuple[Block, Loaded]:
    return block, Loaded.on(device, block.vectors)
