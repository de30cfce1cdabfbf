"""Rows of a pool that lie one after the other, and the blocks that they are read in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hybench.indexes.exact.keys import Floats, Orders, Vectors

PASSAGE_BLOCK = 8192


@dataclass(frozen=True)
class Span:
    """Rows of one part of a pool that lie one after the other.

    Attributes:
        part: number of the part.
        first: their first row in the pool.
        vectors: float32 [n, d].
        order: uint32 [n], the places of their ids in the pool.
    """

    part: int
    first: int
    vectors: Vectors
    order: Orders


@dataclass(frozen=True)
class Block:
    """At most `PASSAGE_BLOCK` rows of a span.

    Attributes:
        span: that they are of.
        start: the first of them in the span.
    """

    span: Span
    start: int

    @property
    def first(self) -> int:
        """Their first row in the pool."""
        return self.span.first + self.start

    @property
    def vectors(self) -> Floats:
        """float32 [n, d], read now if they lie in a file."""
        vectors: Floats = self.span.vectors[self.start : self.start + PASSAGE_BLOCK]
        return vectors

    @property
    def order(self) -> Orders:
        """uint32 [n], the places of their ids in the pool."""
        return self.span.order[self.start : self.start + PASSAGE_BLOCK]


def blocks(spans: Sequence[Span]) -> Iterator[Block]:
    """The rows of spans, in their order."""
    for span in spans:
        for start in range(0, len(span.vectors), PASSAGE_BLOCK):
            yield Block(span, start)
