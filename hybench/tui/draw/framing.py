"""Frames around what is drawn, with a title in their upper edge and signs in their lower one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rich.segment import Segment
from rich.style import Style

from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.text import fit, width_of

Line = list[Segment]

Parts = Sequence[tuple[str, Style]]

EDGES = 2
"""Lines, and cells of a line, that a frame takes."""


def upper_edge(parts: Parts, width: int, style: Style, glyphs: Glyphs) -> Line:
    """The upper edge with a title in it, in exactly `width` cells."""
    left, right, across = glyphs.corners[0], glyphs.corners[1], glyphs.across
    room = width - 6
    inside = cut(parts, room, glyphs) if room > 0 else []
    used = sum(width_of(segment.text) for segment in inside)
    if not used:
        return [Segment((left + across * (width - 2) + right)[:width], style)]
    rest = across * (room - used + 1)
    return [
        Segment(f"{left}{across} ", style),
        *inside,
        Segment(f" {rest}{right}", style),
    ]


def lower_edge(inside: str, width: int, style: Style, ink: Style, glyphs: Glyphs) -> Line:
    """The lower edge, with signs for all of its cells but the corners; texts stand in `ink`."""
    inside = inside or glyphs.across * (width - 2)
    cells = [(sign, style if sign == glyphs.across else ink) for sign in inside[: width - 2]]
    return joined([(glyphs.corners[2], style), *cells, (glyphs.corners[3], style)])


def between_edges(line: Line, style: Style, glyphs: Glyphs) -> Line:
    """A line, two cells narrower than the frame, between its sides."""
    side = Segment(glyphs.down, style)
    return [side, *line, side]


def cut(parts: Parts, width: int, glyphs: Glyphs) -> Line:
    """Parts beside each other, in at most so many cells."""
    line: Line = []
    for text, style in parts:
        size = min(width_of(text), width)
        if size <= 0:
            break
        line.append(Segment(fit(text, size, more=glyphs.more), style))
        width -= size
    return line


def padded(line: Line, width: int) -> Line:
    """A line with blanks up to so many cells."""
    return [*line, Segment(" " * (width - sum(width_of(each.text) for each in line)))]


def joined(cells: Sequence[tuple[str, Style]]) -> Line:
    """Neighbours of one style together."""
    line: Line = []
    begin = 0
    for at in range(1, len(cells) + 1):
        if at == len(cells) or cells[at][1] is not cells[begin][1]:
            line.append(Segment("".join(sign for sign, _ in cells[begin:at]), cells[begin][1]))
            begin = at
    return line


def shares(total: int, count: int) -> list[int]:
    """The cells of each of so many charts beside each other, which together take them all."""
    edges = [total * at // count for at in range(count + 1)]
    return [right - left for left, right in pairwise(edges)]


def share_at(total: int, count: int, place: int) -> tuple[int, int, int]:
    """The chart at a cell, of those that `shares` divides: its number, first cell and width."""
    widths = shares(total, count)
    first = 0
    for at, width in enumerate(widths):
        if place < first + width or at == count - 1:
            return at, first, width
        first += width
    raise ValueError(f"{count} charts")
