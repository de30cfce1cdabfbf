"""Precisions: what queries and passages are rounded to, so that a processor multiplies them fast.

Which one is used changes the time that a search takes, and no bit of what it finds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from hybench.indexes.exact.keys import Floats
from hybench.indexes.exact.screens.rough import Rough


class Memory(threading.local):
    """Memory for products, each thread's own: the system takes its time to give it anew."""

    def __init__(self) -> None:
        self._memory: Any = None

    def of(self, rows: int, columns: int, dtype: Any) -> Any:
        """A tensor [rows, columns], which lasts until the thread asks for the next one."""
        import torch

        size = rows * columns
        if self._memory is None or len(self._memory) < size or self._memory.dtype != dtype:
            self._memory = torch.empty(size, dtype=dtype)
        return self._memory[:size].view(rows, columns)


class RoundedQueries(Protocol):
    """Rounded queries."""

    def multiply(self, block: Any, memory: Memory) -> Rough:
        """The products with a block of passages that were rounded alike."""


@dataclass(frozen=True)
class Precision:
    """What vectors are rounded to.

    Attributes:
        name: of the numbers.
        time: of a product, float32's being 1.
        queries: rounds queries, float32 [q, d].
        passages: rounds a block of passages, float32 [n, d], n ≥ 1.
    """

    name: str
    time: float
    queries: Callable[[Floats], RoundedQueries]
    passages: Callable[[Floats], Any]
