"""Dots in cells: curves drawn in braille, two by four dots a cell, or in plain signs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hybench.tui.draw.curves import Floats

_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint16)
"""Bits of the dots of a braille cell by row and column (Unicode, Braille Patterns)."""

_PLAIN = " '.:"
"""No dot, the upper, the lower, both."""

DASHES = ((1, 1), (4, 6), (1, 4))
"""Dots drawn, and the period: solid, dashed and dotted lines."""


class Canvas:
    """Dots with an owner each; who draws last owns a cell.

    Args:
        width: cells.
        height: cells.
        braille: draw 2 × 4 dots a cell, else 1 × 2.
    """

    def __init__(self, width: int, height: int, *, braille: bool = True) -> None:
        self.width, self.height, self.braille = width, height, braille
        self.across, self.down = (2, 4) if braille else (1, 2)
        self._dots = np.zeros((height * self.down, width * self.across), np.bool_)
        self._owners = np.full((height, width), -1, np.int16)

    @property
    def columns(self) -> int:
        """Dots across."""
        return self.width * self.across

    @property
    def rows(self) -> int:
        """Dots down."""
        return self.height * self.down

    def spans(self, columns: Floats, low: Floats, high: Floats, owner: int) -> None:
        """Fill upright spans.

        Args:
            columns: dots from the left, f64 [n]; those outside are left out.
            low: shares of the height, 0 at the bottom to 1 at the top, f64 [n].
            high: likewise, at least `low`.
            owner: who they belong to.
        """
        if not len(columns) or not self.rows or not self.columns:
            return
        place = np.round(columns).astype(np.int64)
        inside = (place >= 0) & (place < self.columns) & (high >= 0) & (low <= 1)
        place, low, high = place[inside], low[inside], high[inside]
        top = np.clip(np.round((1 - high) * (self.rows - 1)), 0, self.rows - 1).astype(np.int64)
        bottom = np.clip(np.round((1 - low) * (self.rows - 1)), 0, self.rows - 1).astype(np.int64)
        lengths = bottom - top + 1
        which = np.repeat(np.arange(len(place)), lengths)
        offsets = np.arange(len(which)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        rows, columns_of = top[which] + offsets, place[which]
        self._dots[rows, columns_of] = True
        self._owners[rows // self.down, columns_of // self.across] = owner

    def line(self, columns: Floats, heights: Floats, owner: int, *, dash: int = 0) -> None:
        """Draw a line through points, f64 [n] each as in `spans`; `columns` ascend.

        Args:
            columns: dots from the left.
            heights: shares of the height.
            owner: who it belongs to.
            dash: of `DASHES`.
        """
        columns, low, high = decimate(columns, heights, heights, self.columns)
        if len(columns) == 1:
            self.spans(columns, low, high, owner)
        if len(columns) < 2:
            return
        # Between two points each column spans what the line climbs within it.
        first, last = max(0, int(np.floor(columns[0]))), min(self.columns - 1, int(columns[-1]))
        middle = (low + high) / 2
        edges = np.interp(np.arange(first, last + 2) - 0.5, columns, middle)
        lower, upper = np.minimum(edges[:-1], edges[1:]), np.maximum(edges[:-1], edges[1:])
        places = np.arange(first, last + 1, dtype=np.float64)
        for across, below, above in ((places, lower, upper), (columns, low, high)):
            drawn, period = DASHES[dash]
            kept = across % period < drawn
            self.spans(across[kept], below[kept], above[kept], owner)

    def cells(self) -> tuple[list[str], npt.NDArray[np.int16]]:
        """Lines of signs, and the owner of each cell, int16 [height, width], -1 for none."""
        blocks = self._dots.reshape(self.height, self.down, self.width, self.across)
        if self.braille:
            codes = 0x2800 + (blocks * _DOTS[None, :, None, :]).sum(axis=(1, 3))
            lines = ["".join(map(chr, row)).replace("\u2800", " ") for row in codes.tolist()]
        else:
            upper, lower = blocks[:, 0, :, 0], blocks[:, 1, :, 0]
            kinds = upper.astype(np.int64) + 2 * lower
            lines = ["".join(_PLAIN[kind] for kind in row) for row in kinds.tolist()]
        return lines, self._owners


def decimate(
    columns: Floats, low: Floats, high: Floats, width: int
) -> tuple[Floats, Floats, Floats]:
    """One point a column: its least and its largest value; f64 [m] each, columns ascending.

    Args:
        columns: f64 [n], ascending.
        low: f64 [n].
        high: f64 [n].
        width: of the canvas; the nearest point on either side of it stays, for the line to it.
    """
    place = np.round(columns)
    first = max(0, int(np.searchsorted(place, 0)) - 1)
    last = int(np.searchsorted(place, width)) + 1
    place, low, high = place[first:last], low[first:last], high[first:last]
    if not len(place):
        return place, low, high
    starts = np.flatnonzero(np.diff(place, prepend=place[0] - 1))
    return place[starts], np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
