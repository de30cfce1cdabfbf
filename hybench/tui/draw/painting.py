"""Lines and bands in their colours, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style

from hybench.tui.draw.canvas import EIGHTHS, Cells
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.palette import Palette

NOTHING = (" ", Style.null())
"""An empty cell."""


@dataclass
class CellPainter:
    """Signs and styles of the cells with lines or bands.

    Attributes:
        cells: what is drawn.
        colors: numbers and shades of the owners' colours.
        palette: of the terminal.
        glyphs: likewise.
    """

    cells: Cells
    colors: Sequence[tuple[int, int]]
    palette: Palette
    glyphs: Glyphs

    def __post_init__(self) -> None:
        """Make lists of the arrays, whose items are read faster."""
        self._owners = self.cells.owners.tolist()
        self._bands = self.cells.bands.tolist()
        self._floors, self._ceilings = self.cells.floors.tolist(), self.cells.ceilings.tolist()
        self._styles: dict[tuple[int, int], Style] = {}

    def cell(self, row: int, column: int) -> tuple[str, Style] | None:
        """One of them; None where there is nothing."""
        owner, band = self._owners[row][column], self._bands[row][column]
        if band >= 0:
            floor, ceiling = self._floors[row][column], self._ceilings[row][column]
            if owner < 0:
                return None if ceiling - floor < 2 else self._band(band, floor, ceiling)
            if ceiling - floor < EIGHTHS // 2:
                band = -1
        if owner < 0:
            return None
        return self.cells.signs[row][column], self._style(owner, band)

    def _band(self, band: int, floor: int, ceiling: int) -> tuple[str, Style] | None:
        if not self.palette.rich:
            there = ceiling - floor >= EIGHTHS // 2
            return (self.glyphs.shade, self._style(band, -1)) if there else None
        if floor == 0 and ceiling == EIGHTHS:
            return " ", self._style(-1, band)
        if ceiling == EIGHTHS:
            return self.glyphs.steps[floor - 1], self._style(-2, band)
        return self.glyphs.steps[ceiling - floor - 1], self._style(-3, band)

    def _style(self, owner: int, band: int) -> Style:
        """Of a line on the band of another; -1 no line, -2 the paper's colour on the band's, -3
        the band's on the paper.
        """
        if (owner, band) not in self._styles:
            tint = self.palette.tint(*self.colors[band]) if band >= 0 else None
            paper = self.palette.paper_color
            found = {
                -1: Style(bgcolor=tint), -2: Style(color=paper, bgcolor=tint), -3: Style(color=tint)
            }  # fmt: skip
            if owner >= 0:
                found[owner] = self.palette.curve(*self.colors[owner]) + Style(bgcolor=tint)
            self._styles[owner, band] = found[owner]
        return self._styles[owner, band]
