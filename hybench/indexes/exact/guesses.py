"""What the k-th best score of a query may be, guessed from a sample of the passages.

A search that drops what is below the guess meets few pairs; it is exact if k pairs are found at or
above the guess, which it sees in the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import numpy as np

from hybench.indexes.exact.keys import Floats
from hybench.indexes.exact.screens.precision import Memory, Precision, RoundedQueries
from hybench.indexes.exact.spans import PASSAGE_BLOCK, Span

ONE_IN = 25
"""Passages of which one is in the sample."""

LEAST = 4 * PASSAGE_BLOCK
"""Passages of which a sample is worth its time."""


@dataclass(frozen=True)
class Sample:
    """Passages drawn at random, one of each 25.

    Attributes:
        blocks: the passages in blocks, rounded.
        width: passages of the smallest block.
    """

    blocks: list[Any]
    width: int

    @classmethod
    def of(cls, spans: Sequence[Span], precision: Precision) -> Sample:
        """Draw from spans, always the same; nothing if they are short."""
        starts = np.cumsum([0, *(len(span.vectors) for span in spans)])
        size = int(starts[-1]) // ONE_IN if starts[-1] >= LEAST else 0
        # One of each 25 that lie together: passages on one thing do, and would be drawn together.
        drawn = np.arange(size) * ONE_IN + np.random.default_rng(0).integers(0, ONE_IN, size)
        blocks = []
        for rows in np.array_split(drawn, -(-size // PASSAGE_BLOCK)) if size else []:
            ends = np.searchsorted(rows, starts)
            parts = [
                span.vectors[rows[first:last] - start]
                for span, start, first, last in zip(spans, starts, ends, ends[1:], strict=False)
                if last > first
            ]
            blocks.append(precision.passages(np.concatenate(parts)))
        return cls(blocks, size // max(1, len(blocks)))

    def guess(self, queries: RoundedQueries, k: int, memory: Memory) -> Floats | None:
        """A score that about k passages reach or more, hardly ever fewer; float32 [q].

        Of the k best, a share of 1/25 is expected in the sample, μ, and more than μ + 4√μ + 3 are
        there once in 50,000 times (Poisson).
        """
        expected = k / ONE_IN
        rank = ceil(expected + 4 * sqrt(expected) + 3)
        if rank > self.width:
            return None
        best = [queries.multiply(block, memory).best(rank) for block in self.blocks]
        return np.partition(np.concatenate(best, axis=1), -rank, axis=1)[:, -rank]
