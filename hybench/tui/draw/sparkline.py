"""A short history as a line of small bars."""

from __future__ import annotations

from collections.abc import Sequence

from hybench.tui.draw.glyphs import Glyphs


def sparkline(values: Sequence[float | None], cells: int, most: float, glyphs: Glyphs) -> str:
    """The last values in cells of eight heights, the newest at the right.

    Of more values than cells, a cell has the largest of those that it stands for, so that no peak
    is lost; where there is no value, it is empty.

    Args:
        values: from 0 up; None where there is none.
        cells: across.
        most: the value of a full cell; larger ones are full, too.
        glyphs: the terminal's signs.
    """
    apart = max(1, -(-len(values) // cells))
    drawn = []
    for end in range(len(values), 0, -apart):
        known = [each for each in values[max(0, end - apart) : end] if each is not None]
        if not known:
            drawn.append(" ")
            continue
        share = max(0.0, min(max(known) / most, 1.0)) if most > 0 else 0.0
        drawn.append(glyphs.steps[round(share * (len(glyphs.steps) - 1))])
    return "".join(reversed(drawn)).rjust(cells)
