"""Lines and bands in their colours, and what stands over and behind them, as lines of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.segment import Segment
from rich.style import Style

from hybench.tui.draw.arrays import Bools, Codes, Places, np
from hybench.tui.draw.canvas import EIGHTHS, Cells
from hybench.tui.draw.framing import Line
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.palette import Palette

Signs = Mapping[tuple[int, int], tuple[str, Style]]
"""Signs and their styles by row and column; those outside are not shown."""

_PLAIN, _BAND, _ABOVE, _BELOW = range(4)
"""How a cell without a line is coloured: not at all, all of it, and where a band begins within it
or ends.
"""

_LINES = 4
"""The first line's number after these."""


@dataclass(frozen=True)
class CellPainter:
    """Signs and styles of cells.

    Attributes:
        cells: lines and bands.
        colors: numbers and shades of the owners' colours.
        palette: of the terminal.
        glyphs: likewise.
    """

    cells: Cells
    colors: Sequence[tuple[int, int]]
    palette: Palette
    glyphs: Glyphs

    def lines(self, over: Signs, behind: Signs) -> list[Line]:
        """All cells, neighbours of one style together.

        Args:
            over: what shows before lines and bands.
            behind: what shows where there are none.
        """
        signs, inks, bands = self._painted()
        height, width = signs.shape
        kinds, looks = np.unique(inks * (len(self.colors) + 1) + bands + 1, return_inverse=True)
        looks = looks.reshape(signs.shape)  # numpy 2.0 alone gives them flat
        styles = [self._style(*divmod(kind, len(self.colors) + 1)) for kind in kinds.tolist()]
        bare = (inks == _PLAIN) & (bands < 0)
        for known, every in ((behind, False), (over, True)):
            numbers: dict[int, int] = {}
            for (row, column), (sign, style) in known.items():
                if 0 <= row < height and 0 <= column < width and (every or bare[row, column]):
                    if id(style) not in numbers:
                        numbers[id(style)] = len(styles)
                        styles.append(style)
                    signs[row, column], looks[row, column] = ord(sign), numbers[id(style)]
        return _lines(signs, looks, styles)

    def _painted(self) -> tuple[Codes, Places, Places]:
        """Code points, what the sign's colour is, and whose band is behind it, -1 for none; each
        [height, width].
        """
        cells = self.cells
        signs, owners = cells.signs.copy(), cells.owners.astype(np.int64)
        bands = cells.bands.astype(np.int64)
        covered = cells.ceilings - cells.floors
        line = owners >= 0
        bands[np.where(line, covered < EIGHTHS // 2, covered < 2)] = -1
        inks = np.where(line, owners + _LINES, _PLAIN)
        band = ~line & (bands >= 0)
        if self.palette.rich:
            self._shape(signs, inks, band)
        else:
            half = band & (covered >= EIGHTHS // 2)
            signs[half] = ord(self.glyphs.shade)
            inks[half] = bands[half] + _LINES
            bands[~line] = -1
        return signs, inks, bands

    def _shape(self, signs: Codes, inks: Places, band: Bools) -> None:
        """Cells with a band alone, where there are colours: part of the cell is its."""
        steps = np.array([ord(sign) for sign in self.glyphs.steps], signs.dtype)
        floors, ceilings = self.cells.floors, self.cells.ceilings
        up = band & (ceilings == EIGHTHS)
        whole, above, below = up & (floors == 0), up & (floors > 0), band & ~up
        inks[whole], inks[above], inks[below] = _BAND, _ABOVE, _BELOW
        signs[above] = steps[floors[above] - 1]
        signs[below] = steps[(ceilings - floors)[below] - 1]

    def _style(self, ink: int, band: int) -> Style:
        """Of a kind of ink and, counted from 1, an owner's band."""
        tint = self.palette.tint(*self.colors[band - 1]) if band else None
        if ink == _PLAIN:
            return Style.null()
        if ink == _BAND:
            return Style(bgcolor=tint)
        if ink == _ABOVE:  # the cell is the band's, and its foot the paper's
            return Style(color=self.palette.paper_color, bgcolor=tint)
        if ink == _BELOW:
            return Style(color=tint)
        return self.palette.curve(*self.colors[ink - _LINES]) + Style(bgcolor=tint)


def _lines(signs: Codes, looks: Places, styles: Sequence[Style]) -> list[Line]:
    """Neighbours of one style together, row by row."""
    height, width = signs.shape
    texts = [row.tobytes().decode("utf-32-le") for row in signs.astype("<u4")]
    edges: list[list[int]] = [[0] for _ in range(height)]
    for row, column in np.argwhere(looks[:, 1:] != looks[:, :-1]).tolist():
        edges[row].append(column + 1)
    numbers = looks.tolist()
    return [
        [
            Segment(text[begin:end], styles[number[begin]])
            for begin, end in pairwise([*places, width])
        ]
        for text, places, number in zip(texts, edges, numbers, strict=True)
    ]
