"""Cells in their colours, beside rules written out cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
from rich.style import Style

from hybench.tui.draw.canvas import EIGHTHS, Canvas, Cells
from hybench.tui.draw.glyphs import ASCII, UNICODE, Glyphs
from hybench.tui.draw.painting import CellPainter
from hybench.tui.draw.palette import Palette, theme_palette

COLORS = [(0, 0), (1, 0), (2, 1)]


def plain_cell(
    cells: Cells, row: int, column: int, palette: Palette, glyphs: Glyphs
) -> tuple[str, Style]:
    """What stands in a cell with nothing before or behind it."""
    owner, band = int(cells.owners[row, column]), int(cells.bands[row, column])
    floor, ceiling = int(cells.floors[row, column]), int(cells.ceilings[row, column])
    tint = palette.tint(*COLORS[band])
    if owner >= 0:
        behind = tint if band >= 0 and ceiling - floor >= EIGHTHS // 2 else None
        sign = chr(cells.signs[row, column])
        return sign, palette.curve(*COLORS[owner]) + Style(bgcolor=behind)
    if band < 0 or ceiling - floor < 2:
        return " ", Style.null()
    if not palette.rich:
        half = ceiling - floor >= EIGHTHS // 2
        return (glyphs.shade, palette.curve(*COLORS[band])) if half else (" ", Style.null())
    if (floor, ceiling) == (0, EIGHTHS):
        return " ", Style(bgcolor=tint)
    if ceiling == EIGHTHS:
        return glyphs.steps[floor - 1], Style(color=palette.paper_color, bgcolor=tint)
    return glyphs.steps[ceiling - floor - 1], Style(color=tint)


@pytest.mark.parametrize(
    ("system", "glyphs"), [("truecolor", UNICODE), ("standard", UNICODE), (None, ASCII)]
)
def test_cells_are_those_of_rules_for_one_cell(system: str | None, glyphs: Glyphs) -> None:
    palette = theme_palette({"background": "#101010"}, system, no_color=False)
    over_style, behind_style = Style(bold=True), Style(dim=True)
    rng = np.random.default_rng(0)
    for _ in range(60):
        width, height = (int(number) for number in rng.integers(1, [30, 9]))
        canvas = Canvas(width, height, braille=glyphs.braille)
        for owner in range(len(COLORS)):
            columns = np.sort(rng.uniform(0, canvas.columns, 6))
            low, high = np.sort(rng.uniform(-0.2, 1.2, (2, 6)), axis=0)
            if rng.integers(2):
                canvas.band(columns, low, high, owner)
            if rng.integers(2):
                canvas.line(columns, low, owner)
        cells = canvas.cells()
        ends = [height + 2, width + 2]
        places = [(row, at) for row, at in rng.integers(-2, ends, (9, 2)).tolist()]
        over = dict.fromkeys(places[:4], ("x", over_style))
        behind = dict.fromkeys(places[4:], (".", behind_style))
        lines = CellPainter(cells, COLORS, palette, glyphs).lines(over, behind)
        assert len(lines) == height
        for row, line in enumerate(lines):
            shown = [(sign, part.style) for part in line for sign in part.text]
            expected = []
            for column in range(width):
                cell = plain_cell(cells, row, column, palette, glyphs)
                if cell == (" ", Style.null()):
                    cell = behind.get((row, column), cell)
                expected.append(over.get((row, column), cell))
            assert shown == expected
