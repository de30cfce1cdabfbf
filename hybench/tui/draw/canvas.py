"""Dots in cells: lines drawn in braille, two by four dots a cell, or in plain signs; and bands."""

from __future__ import annotations

from dataclasses import dataclass

from hybench.tui.draw.arrays import Bools, Codes, Floats, Ints, Places, np
from hybench.tui.draw.curves import changes

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of the dots of a braille cell by row and column (Unicode, Braille Patterns)."""

_EMPTY = 0x2800
"""A braille cell without dots."""

_PLAIN = " '.:"
"""No dot, the upper, the lower, both."""

DASHES = ((1, 1), (4, 6), (1, 4))
"""Dots drawn, and the period: solid, dashed and dotted lines."""

EIGHTHS = 8
"""Steps of a cell's height in which a band begins and ends."""

_FAR = 1e6
"""Shares of the height beyond which a value is as far out as any."""

_CROSSING = 4
"""Cells that lines may share before the colours of all return."""


@dataclass(frozen=True)
class Cells:
    """What stands in the cells of a canvas, row by row from the top.

    Attributes:
        signs: code points, uint32 [height, width]; a blank for nothing.
        owners: whose line a cell shows, int16 [height, width], -1 for none.
        bands: whose band lies there, likewise.
        floors: where that band begins in the cell, in eighths from the bottom, int16 likewise.
        ceilings: where it ends, likewise.
    """

    signs: Codes
    owners: Ints
    bands: Ints
    floors: Ints
    ceilings: Ints


class Canvas:
    """Lines and bands with an owner each.

    A cell shows the line of one owner alone. Where several meet, that of the lowest number wins;
    where they go on together, the others' colours return in every other cell.

    Args:
        width: cells.
        height: cells.
        braille: draw 2 × 4 dots a cell, else 1 × 2.
    """

    def __init__(self, width: int, height: int, *, braille: bool = True) -> None:
        self.width, self.height, self.braille = width, height, braille
        self.across, self.down = (2, 4) if braille else (1, 2)
        self._dots: dict[int, Bools] = {}
        self._bands: dict[int, tuple[Floats, Floats]] = {}

    @property
    def columns(self) -> int:
        """Dots across."""
        return self.width * self.across

    @property
    def rows(self) -> int:
        """Dots down."""
        return self.height * self.down

    def line(self, columns: Floats, heights: Floats, owner: int, *, dash: int = 0) -> None:
        """Draw a line through points; between them no dot is missing.

        Args:
            columns: dots from the left, f64 [n], ascending; those outside are left out.
            heights: shares of the height, 0 at the bottom to 1 at the top, f64 [n].
            owner: who it belongs to.
            dash: of `DASHES`.
        """
        columns, low, high = decimate(columns, heights, heights, self.columns)
        if not len(columns) or not self.rows or not self.columns:
            return
        first, last = max(0, int(columns[0])), min(self.columns - 1, int(columns[-1]))
        if first > last:
            return
        places = np.arange(first, last + 1)
        own = slice(columns.searchsorted(first), columns.searchsorted(last, "right"))
        middles = np.interp(places, columns, (low + high) / 2)
        rows = self._row(np.concatenate([middles, high[own], low[own]]))
        count = len(places)
        middle, (highest, lowest) = rows[:count], rows[count:].reshape(2, -1)
        # Each of two neighbours reaches half-way to the other where they are further apart.
        steps = middle[1:] - middle[:-1]
        half = (steps + (steps < 0)) >> 1  # towards zero
        reached, met = middle[:-1] + half, middle[:-1] + half + np.sign(steps)
        tops, bottoms = middle.copy(), middle.copy()
        np.minimum(tops[:-1], reached, out=tops[:-1])
        np.minimum(tops[1:], met, out=tops[1:])
        np.maximum(bottoms[:-1], reached, out=bottoms[:-1])
        np.maximum(bottoms[1:], met, out=bottoms[1:])
        at = columns[own].astype(np.int64) - first
        tops[at] = np.minimum(tops[at], highest)
        bottoms[at] = np.maximum(bottoms[at], lowest)
        drawn, period = DASHES[dash]
        if period > 1:
            tops[places % period >= drawn] = self.rows  # below the last
        self._fill(slice(first, last + 1), tops, bottoms, owner)

    def band(self, columns: Floats, low: Floats, high: Floats, owner: int) -> None:
        """Fill what lies between two lines, from the first to the last of their points.

        Args:
            columns: dots from the left, f64 [n], ascending.
            low: shares of the height, f64 [n].
            high: likewise, at least `low`.
            owner: who it belongs to.
        """
        cells = np.floor(columns / self.across)
        cells, low, high = decimate(cells, low, high, self.width)
        places = np.arange(self.width, dtype=np.float64)
        if not len(cells):
            return
        out = (places < cells[0]) | (places > cells[-1])
        floor, ceiling = np.interp(places, cells, low), np.interp(places, cells, high)
        floor[out] = ceiling[out] = np.nan
        self._bands[owner] = (floor, ceiling)

    def cells(self) -> Cells:
        """What is drawn."""
        shape = (self.height, self.width)
        owners, signs = np.full(shape, -1, np.int16), np.full(shape, ord(" "), np.uint32)
        if self._dots:
            numbers = sorted(self._dots)
            dots = np.stack([self._dots[owner] for owner in numbers])
            blocks = dots.reshape(-1, self.height, self.down, self.width, self.across)
            present: Bools = np.any(blocks, axis=(2, 4))
            chosen = _shown(present)
            owners = np.where(chosen < 0, -1, np.array(numbers, np.int16)[chosen])
            down, across = np.indices(shape)
            signs = self._signs(blocks[np.maximum(chosen, 0), down, :, across])
        return Cells(signs, owners, *self._in_eighths())

    def _row(self, heights: Floats) -> Places:
        """Dots from the top, those outside included."""
        near = np.minimum(np.maximum(heights, -_FAR), _FAR)
        shares = (1 - near).round(6)  # noise must not move a line
        rows: Places = np.rint(shares * (self.rows - 1)).astype(np.int64)
        return rows

    def _fill(self, places: slice, tops: Places, bottoms: Places, owner: int) -> None:
        """Dots of columns from a row down to another, both included."""
        if owner not in self._dots:
            self._dots[owner] = np.zeros((self.rows, self.columns), np.bool_)
        rows = np.arange(self.rows)[:, None]
        self._dots[owner][:, places] |= (rows >= tops) & (rows <= bottoms)

    def _signs(self, dots: Bools) -> Codes:
        """Signs of cells [height, width, down, across]."""
        if self.braille:
            kinds = (dots * np.array(_DOTS, np.uint32)).sum(axis=(2, 3), dtype=np.uint32)
            return np.where(kinds > 0, kinds + np.uint32(_EMPTY), np.uint32(ord(" ")))
        kinds = dots[:, :, 0, 0] + 2 * dots[:, :, 1, 0].astype(np.int64)
        signs: Codes = np.array([ord(sign) for sign in _PLAIN], np.uint32)[kinds]
        return signs

    def _in_eighths(self) -> tuple[Ints, Ints, Ints]:
        """Whose band lies in each cell, and its eighths from the bottom, int16 [height, width]."""
        shape = (self.height, self.width)
        bands = np.full(shape, -1, np.int16)
        floors, ceilings = np.zeros(shape, np.int16), np.zeros(shape, np.int16)
        base = EIGHTHS * np.arange(self.height - 1, -1, -1)[:, None]
        for owner in sorted(self._bands, reverse=True):
            ends = np.nan_to_num(np.clip(self._bands[owner], -1, 2), nan=-1) * shape[0] * EIGHTHS
            floor, ceiling = (np.clip(np.round(end)[None] - base, 0, EIGHTHS) for end in ends)
            there = ceiling > floor
            bands[there] = owner
            floors[there], ceilings[there] = floor[there], ceiling[there]
        return bands, floors, ceilings


def _shown(present: Bools) -> Places:
    """Which of the layers a cell shows, int64 [height, width], -1 for none.

    Args:
        present: whether a layer has dots there, [layers, height, width]; the first wins.
    """
    count = present.sum(axis=0)
    shared = count > 1
    columns = np.arange(shared.shape[1])
    alone = ~shared.any(axis=0)
    # How far along columns, and down a column, lines have gone together.
    along = columns - np.maximum.accumulate(np.where(alone, columns + 1, 0))
    down = np.arange(shared.shape[0])[:, None] - shared.argmax(axis=0)[None]
    # A crossing, which takes a few cells, is the first's.
    turn = np.where(shared, np.maximum(along[None] + down + 1 - _CROSSING, 0), 0)
    turn %= np.maximum(count, 1)
    nth = np.cumsum(present, axis=0) == turn[None] + 1
    chosen: Places = np.where(count > 0, (nth & present).argmax(axis=0), -1)
    return chosen


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
    place = np.rint(columns)
    first = max(0, int(place.searchsorted(0)) - 1)
    last = int(place.searchsorted(width)) + 1
    place, low, high = place[first:last], low[first:last], high[first:last]
    if not len(place):
        return place, low, high
    starts = changes(place)
    if len(starts) == len(place):
        return place, low, high
    return place[starts], np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
