"""Vectors in the order of a set's ids, however they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from hybench.indexes.exact.keys import Floats, Rows
from hybench.indexes.exact.sharded import release
from hybench.indexes.handover.checks import Checked, Placing
from hybench.indexes.handover.folder import ROWS


class Ordered:
    """Vectors one after the other, to be taken in pieces of any size.

    Args:
        parts: float32 [m, d] each.
    """

    def __init__(self, parts: Iterator[Floats]) -> None:
        self._parts = parts
        self._left: Floats | None = None

    def take(self, rows: int) -> Iterator[Floats]:
        """The next so many, in parts; fewer if they end."""
        while rows:
            part = next(self._parts, None) if self._left is None else self._left
            if part is None:
                return
            now, self._left = part[:rows], part[rows:] if len(part) > rows else None
            rows -= len(now)
            yield now

    def end(self) -> None:
        """Read to the end, for the checks of what is left out."""
        for _ in self._parts:
            pass


def in_order(checked: Checked, placed: Placing, file: Path, tell: Callable[[int], None]) -> Ordered:
    """The vectors of ids in the order of their rows.

    Args:
        checked: the vectors, in the order of their files.
        placed: where each goes; those that go nowhere are checked and left out.
        file: for vectors in another order, which need not fit into memory.
        tell: called with the vectors that are read.
    """
    kept = _kept(checked, placed, tell)
    if placed.in_order:
        return Ordered(vectors for _, vectors in kept)
    shape = (placed.rows, checked.files.dimension)
    room = np.lib.format.open_memmap(file, "w+", np.float32, shape)
    for places, vectors in kept:
        room[places] = vectors
        room.flush()
        release(room)
    return Ordered(np.asarray(room[at : at + ROWS]) for at in range(0, placed.rows, ROWS))


def _kept(
    checked: Checked, placed: Placing, tell: Callable[[int], None]
) -> Iterator[tuple[Rows, Floats]]:
    """The places of vectors that have one, and these, some at a time."""
    first = 0
    for vectors in checked.vectors():
        places = placed.places[first : first + len(vectors)]
        first += len(vectors)
        yield places[places >= 0], vectors[places >= 0]
        tell(min(first, placed.rows))
