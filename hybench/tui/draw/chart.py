"""A chart of curves as lines of styled cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.segment import Segment
from rich.style import Style

from hybench.tui.draw.axes import limits, span_text, tick_text, ticks
from hybench.tui.draw.canvas import Canvas
from hybench.tui.draw.curves import Floats
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.palette import Palette
from hybench.tui.draw.text import fit, fit_middle, short, width_of
from hybench.tui.draw.traces import Trace, View, odd_kinds, value_at, x_range

Line = list[Segment]

_Parts = list[tuple[str, Style]]

_SHORTEST = 4
"""Cells of a name that still say something."""

_TWO_TITLES = 8
"""Lines of a chart from which on the title may take two."""

LABELS = 7
"""Cells for the numbers beside the upright axis, and the axis."""


def draw_chart(
    traces: Sequence[Trace],
    view: View,
    width: int,
    height: int,
    palette: Palette,
    glyphs: Glyphs,
) -> list[Line]:
    """Draw curves into `height` lines of `width` cells: a title, the plot, and the x axis."""
    left, right = x_range(traces, view)
    cell = (right - left) / max(1, width - LABELS - 1)
    lines = _titles(traces, view, cell / 2, (width, height), palette, glyphs)
    if height < 4 or width < LABELS + 8:
        return _filled(lines, width, height)
    plot = Canvas(width - LABELS, height - 1 - len(lines), braille=glyphs.braille)
    shown = [_inside(trace, left, right) for trace in traces]
    found = limits(np.concatenate([np.empty(0), *shown]), log=view.log)
    odd = odd_kinds(traces, left, right)
    if found is None and not odd:
        above = " above zero" if view.log else ""
        lines.append([Segment(fit(f"  No values{above} here yet.", width), palette.tone("quiet"))])
        return _filled(lines, width, height)
    scale = _Scale(left, right, *(found or (1.0, 2.0)), log=view.log, columns=plot.columns)
    if found is not None:
        _plot(plot, traces, scale)
    body = _body(plot, traces, view, scale, palette, glyphs, numbered=found is not None)
    if found is None:
        every = f"All values are {' or '.join(odd)}."
        above = "No values above zero here yet."
        said = fit(f"  {above if any(map(len, shown)) else every}", width - LABELS)
        body[0] = [*body[0][:1], Segment(said, palette.tone("warn"))]
    lines += body
    lines.append(_axis(view, scale, width, palette, glyphs))
    return _filled(lines, width, height)


@dataclass(frozen=True)
class _Scale:
    left: float
    right: float
    low: float
    high: float
    log: bool
    columns: int

    def across(self, x: Floats) -> Floats:
        """Dots from the left."""
        return (x - self.left) / (self.right - self.left) * (self.columns - 1)

    def up(self, y: Floats) -> Floats:
        """Shares of the height."""
        low, high = self.low, self.high
        if self.log:
            y, low, high = np.log10(np.maximum(y, 1e-300)), np.log10(low), np.log10(high)
        shares: Floats = (y - low) / (high - low)
        return shares


def _inside(trace: Trace, left: float, right: float) -> Floats:
    """The values between both ends that decide how high the plot is."""
    curve = trace.curve
    there = (curve.x >= left) & (curve.x <= right)
    if not there.any():
        return np.empty(0)
    return np.concatenate([curve.low[there], curve.high[there]])


def _plot(plot: Canvas, traces: Sequence[Trace], scale: _Scale) -> None:
    """Raw values first, so that the averages lie above them."""
    for at, trace in enumerate(traces):
        if trace.smoothed is not None:
            across = scale.across(trace.curve.x)
            low, high = scale.up(trace.curve.low), scale.up(trace.curve.high)
            plot.spans(across, low, high, 2 * at + 1)
    for at, trace in enumerate(traces):
        values = trace.curve.mean if trace.smoothed is None else trace.smoothed
        fine = values > 0 if scale.log else np.ones(len(values), np.bool_)
        places = scale.across(trace.curve.x[fine])
        plot.line(places, scale.up(values[fine]), 2 * at, dash=trace.dash)


def _body(
    plot: Canvas,
    traces: Sequence[Trace],
    view: View,
    scale: _Scale,
    palette: Palette,
    glyphs: Glyphs,
    *,
    numbered: bool,
) -> list[Line]:
    texts, owners = plot.cells()
    marks = _marks(plot, traces, view, scale, palette, glyphs)
    labels = _labels(scale, plot.height) if numbered else {}
    styles = [palette.curve(trace.number) for trace in traces]
    faint = [palette.curve(trace.number, faint=True) for trace in traces]
    lines = []
    for row, (text, owner) in enumerate(zip(texts, owners.tolist(), strict=True)):
        label = labels.get(row, "")
        sign = glyphs.tick if label else glyphs.down
        line = [Segment(fit(label, LABELS - 1, "right") + sign, palette.tone("quiet"))]
        cells: list[tuple[str, Style]] = []
        for column, sign in enumerate(text):
            if (row, column) in marks:
                cells.append(marks[row, column])
            elif owner[column] < 0:
                cells.append((" ", Style.null()))
            else:
                of = faint if owner[column] % 2 else styles
                cells.append((sign, of[owner[column] // 2]))
        lines.append(line + _joined(cells))
    return lines


def _joined(cells: Sequence[tuple[str, Style]]) -> Line:
    """Neighbours of one style together."""
    line: Line = []
    begin = 0
    for at in range(1, len(cells) + 1):
        if at == len(cells) or cells[at][1] is not cells[begin][1]:
            line.append(Segment("".join(sign for sign, _ in cells[begin:at]), cells[begin][1]))
            begin = at
    return line


def _marks(
    plot: Canvas,
    traces: Sequence[Trace],
    view: View,
    scale: _Scale,
    palette: Palette,
    glyphs: Glyphs,
) -> dict[tuple[int, int], tuple[str, Style]]:
    """Signs over the plot: the cursor, alarms above the curves, NaN and infinity below."""
    marks: dict[tuple[int, int], tuple[str, Style]] = {}
    if view.cursor is not None:
        at = _cell(plot, scale, view.cursor)
        quiet = palette.tone("quiet")
        if 0 <= at < plot.width:
            marks |= {(row, at): (glyphs.down, quiet) for row in range(plot.height)}
    warn = palette.tone("warn")
    for trace in traces:
        style = palette.curve(trace.number) + Style(bold=True)
        for x in trace.curve.lost.tolist():
            marks[plot.height - 1, _cell(plot, scale, x)] = (glyphs.lost, style)
        for x in [] if trace.alarms is None else trace.alarms.tolist():
            marks[0, _cell(plot, scale, x)] = (glyphs.alarm, warn)
    return marks


def _cell(plot: Canvas, scale: _Scale, x: float) -> int:
    return round(float(scale.across(np.array([x]))[0])) // plot.across


def _labels(scale: _Scale, rows: int) -> dict[int, str]:
    """Numbers beside the upright axis, by row."""
    places = ticks(scale.low, scale.high, max(2, rows // 3), log=scale.log)
    apart = places[1] - places[0] if len(places) > 1 else 0.0
    labels = {}
    for place in places:
        share = float(scale.up(np.array([place]))[0])
        row = round((1 - share) * (rows - 1))
        labels[row] = short(place) if scale.log else tick_text(place, apart)
    return labels


def _axis(view: View, scale: _Scale, width: int, palette: Palette, glyphs: Glyphs) -> Line:
    name = {"step": "step", "seconds": "time", "examples": "examples"}[view.axis]
    places = ticks(scale.left, scale.right, max(2, (width - LABELS) // 16))
    apart = places[1] - places[0] if len(places) > 1 else 0.0
    cells = [glyphs.across] * (width - LABELS)
    room = len(cells) - len(name) - 1
    for place in places:
        text = span_text(place) if view.axis == "seconds" else tick_text(place, apart)
        share = (place - scale.left) / (scale.right - scale.left)
        start = round(share * (len(cells) - 1)) - len(text) // 2
        start = max(0, start)
        free = all(cell == glyphs.across for cell in cells[max(0, start - 1) : start + len(text)])
        if start + len(text) < room and free:
            cells[start : start + len(text)] = list(text)
    cells[-len(name) - 1 :] = [" ", *name]
    corner = " " * (LABELS - 1) + glyphs.corner
    return [Segment(corner + "".join(cells), palette.tone("quiet"))]


def _titles(
    traces: Sequence[Trace],
    view: View,
    reach: float,
    size: tuple[int, int],
    palette: Palette,
    glyphs: Glyphs,
) -> list[Line]:
    """What is drawn, and of each curve its sign, name and value at the cursor or at the end.

    Two lines in a chart that is high enough, where one has no room for names.
    """
    width, height = size
    head: _Parts = [(view.title, palette.tone("head"))]
    if view.cursor is not None:
        place = span_text(view.cursor) if view.axis == "seconds" else short(round(view.cursor), 6)
        head.append((f" @{place}", palette.tone("accent")))
    several = any(trace.dash for trace in traces)
    values = [glyphs.plain(short(value_at(trace, view.cursor, reach), 4)) for trace in traces]

    def named(head: _Parts, part: slice) -> list[str]:
        room = width - sum(width_of(text) for text in (*(text for text, _ in head), *values[part]))
        return _names(traces[part], room, glyphs)

    def line(head: _Parts, part: slice) -> Line:
        parts = list(head)
        for trace, label, value in zip(traces[part], named(head, part), values[part], strict=True):
            sign = glyphs.dashes[trace.dash] if several else glyphs.marked
            parts.append((f"  {sign}{label}{value}", palette.curve(trace.number)))
        return _cut(parts, width, glyphs)

    if any(named(head, slice(None))) or height < _TWO_TITLES or len(traces) < 2:
        return [line(head, slice(None))]
    half = len(traces) // 2
    return [line(head, slice(half)), line([], slice(half, None))]


def _cut(parts: _Parts, width: int, glyphs: Glyphs) -> Line:
    """Exactly so many cells."""
    line: Line = []
    left = width
    for text, style in parts:
        size = min(width_of(text), left)
        line.append(Segment(fit(text, size, more=glyphs.more), style))
        left -= size
        if left <= 0:
            break
    return [*line, Segment(" " * left)] if left > 0 else line


def _names(traces: Sequence[Trace], room: int, glyphs: Glyphs) -> list[str]:
    """The labels, shortened alike where all have no room, or left out: values matter more."""
    sizes = [width_of(trace.label) for trace in traces]
    room -= 4 * len(traces)  # two blanks, a sign and a blank around each
    most = max(sizes, default=0)
    while sum(min(size, most) for size in sizes) > room:
        most -= 1
    if most < min([_SHORTEST, *sizes]):
        return [""] * len(traces)
    return [
        fit_middle(trace.label, min(size, most), more=glyphs.more) + " "
        for trace, size in zip(traces, sizes, strict=True)
    ]


def _filled(lines: list[Line], width: int, height: int) -> list[Line]:
    """Exactly `height` lines."""
    return (lines + [[Segment(" " * width)] for _ in range(height)])[:height]
