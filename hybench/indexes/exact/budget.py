"""How much of a search is in memory at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from hybench.concurrency.memory import machine_memory
from hybench.errors import UsageError
from hybench.indexes.exact.loads import Load
from hybench.indexes.exact.products import QUERY_BLOCK
from hybench.indexes.exact.spans import PASSAGE_BLOCK
from hybench.values.byte_sizes import size_text
from hybench.wording.amounts import count

ROW_BYTES = 56
"""Of a passage besides its vector: its id in a table and in another, 48 as most are; its place
among all ids and back, 8."""

_HIT_BYTES = 48
"""Of a hit of a query during a pass: its key, what bounds it, and what waits to be scored."""

_BLOCKS = 3
"""Blocks of vectors in memory: the one that is multiplied, the next, and a copy of one."""

_PAIR_BYTES = 8
"""Of a query's product with a passage: itself, what it is compared with and the answer."""

_TABLES = 64 << 20
"""Bytes of the tables that hits are put into, some at a time."""


@dataclass(frozen=True)
class Budget:
    """What fits into the memory of a search.

    Attributes:
        memory: bytes; None for half of the machine's.
        rows: passages of the pool.
        dimension: components of a vector.
    """

    memory: int | None
    rows: int
    dimension: int

    @cached_property
    def _bytes(self) -> int:
        return machine_memory() // 2 if self.memory is None else self.memory

    @cached_property
    def streams(self) -> bool:
        """Whether the vectors, as float32, are more than that."""
        return self.rows * (self.dimension * 4 + ROW_BYTES) > self._bytes

    @property
    def _fixed(self) -> int:
        """Bytes that a pass takes, however many queries it has."""
        block = _BLOCKS * PASSAGE_BLOCK * self.dimension * 4
        products = QUERY_BLOCK * PASSAGE_BLOCK * _PAIR_BYTES
        return self.rows * ROW_BYTES + block + products + _TABLES

    def passes(
        self, loads: Iterable[Load], *, sharing: bool, processes: int = 1
    ) -> Iterator[list[Load]]:
        """Loads to search for in one pass each, in their order.

        Args:
            loads: taken as they are needed.
            sharing: as many in a pass as fit; else one.
            processes: that search, each of which has them all.

        Raises:
            UsageError: there is too little memory for one.
        """
        if not sharing:
            yield from ([load] for load in loads)
            return
        room, taken, together = self._bytes // processes - self._fixed, 0, list[Load]()
        for load in loads:
            takes = _load_bytes(load)
            if takes > room and self.streams:
                raise UsageError(
                    f"--memory is {size_text(self._bytes)}: too little to search "
                    f"{count(self.rows)} passages of {self.dimension} components.",
                    f"Give {size_text((self._fixed + takes) * processes)} or more.",
                )
            if together and taken + takes > room:
                yield together
                taken, together = 0, []
            taken += takes
            together.append(load)
        if together:
            yield together


def _load_bytes(load: Load) -> int:
    """Bytes that a load takes during a pass."""
    queries, dimension = load.queries.shape
    asked = len(load.asked.keys) * 5 * 8
    return int(queries * (dimension * 6 + sum(load.sizes) * _HIT_BYTES) + asked)
