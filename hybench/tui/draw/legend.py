"""Which curve is whose, and its value: the title of a chart."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from hybench.tui.draw.axes import span_text
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.palette import Palette
from hybench.tui.draw.text import fit_apart, short, width_of
from hybench.tui.draw.traces import Trace, View, runs_at, value_at

Titles = list[list[tuple[str, Style]]]
"""Lines of parts."""

_SHORTEST = 4
"""Cells of a name that still say something."""

_TWO_TITLES, _ROOMY = 8, 11
"""Lines of a chart from which on the legend may take two: where names would be left out, and where
they would be cut.
"""


def legend(
    traces: Sequence[Trace],
    view: View,
    reach: float,
    size: tuple[int, int],
    palette: Palette,
    glyphs: Glyphs,
) -> Titles:
    """What is drawn, and of each curve its sign, name and value at the cursor or at the end; of how
    many runs it is the mean is said once where all are of as many.

    Two lines in a chart that is high enough, where one has too little room for names.

    Args:
        traces: the curves.
        view: what part of them is shown.
        reach: so far beyond its ends a curve is still read out.
        size: cells for a line, and lines of the chart.
        palette: of the terminal.
        glyphs: likewise.
    """
    width, height = size
    head = [(view.title, palette.tone("head"))]
    if view.cursor is not None:
        place = span_text(view.cursor) if view.axis == "seconds" else short(round(view.cursor), 6)
        head.append((f" @{place}", palette.tone("accent")))
    several = any(trace.dash for trace in traces)
    runs = [0 if trace.counts is None else runs_at(trace, view.cursor) for trace in traces]
    alike = len(set(runs) - {0}) < 2
    if alike and any(runs) and not view.compact:
        head.append((f" n {max(runs)}", palette.tone("quiet")))
    values = [
        _value(trace, view, reach, glyphs) + (f" ({count})" if count and not alike else "")
        for trace, count in zip(traces, runs, strict=True)
    ]

    if view.compact:
        if sum(map(width_of, (view.title, *values))) + len(values) > width:
            found = (value_at(trace, view.cursor, reach) for trace in traces)
            values = [glyphs.plain(short(value, 2)) for value in found]
        shown = zip(traces, values, strict=True)
        return [
            [*head, *((f" {value}", palette.arm_text(t.number, t.shade)) for t, value in shown)]
        ]

    def named(head: list[tuple[str, Style]], part: slice) -> list[str]:
        room = width - sum(width_of(text) for text in (*(text for text, _ in head), *values[part]))
        return _names(traces[part], room, glyphs)

    def line(head: list[tuple[str, Style]], part: slice) -> list[tuple[str, Style]]:
        parts = list(head)
        for trace, label, value in zip(traces[part], named(head, part), values[part], strict=True):
            sign = glyphs.dashes[trace.dash] if several else glyphs.marked
            style = palette.arm_text(trace.number, trace.shade)
            parts.append((f"  {sign}{label}{value}", style))
        return parts

    whole = [f"{trace.label} " for trace in traces]
    names = named(head, slice(None))
    if names == whole or height < (_ROOMY if any(names) else _TWO_TITLES) or len(traces) < 2:
        return [line(head, slice(None))]
    half = len(traces) // 2
    return [line(head, slice(half)), line([], slice(half, None))]


def _value(trace: Trace, view: View, reach: float, glyphs: Glyphs) -> str:
    return glyphs.plain(short(value_at(trace, view.cursor, reach), view.digits))


def _names(traces: Sequence[Trace], room: int, glyphs: Glyphs) -> list[str]:
    """The labels, shortened alike where all have no room, or left out: values matter more."""
    sizes = [width_of(trace.label) for trace in traces]
    room -= 4 * len(traces)  # two blanks, a sign and a blank around each
    most = max(sizes, default=0)
    while sum(min(size, most) for size in sizes) > room:
        most -= 1
    if most < min([_SHORTEST, *sizes]):
        return [""] * len(traces)
    shown = fit_apart([trace.label for trace in traces], most, more=glyphs.more)
    return [f"{name.rstrip()} " for name in shown]
