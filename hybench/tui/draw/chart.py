"""A chart of curves in a frame, as lines of styled cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style

from hybench.tui.draw.arrays import Floats, np
from hybench.tui.draw.axes import FARTHEST, limits, span_text, tick_text, ticks
from hybench.tui.draw.canvas import Canvas
from hybench.tui.draw.curves import envelope
from hybench.tui.draw.framing import (
    EDGES,
    Line,
    between_edges,
    cut,
    lower_edge,
    padded,
    upper_edge,
)
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.legend import legend
from hybench.tui.draw.painting import CellPainter, Signs
from hybench.tui.draw.palette import Palette
from hybench.tui.draw.text import fit, short
from hybench.tui.draw.traces import Trace, View, odd_kinds, x_range

_MARGIN = 0.04
"""Share of the height that stays free above and below the curves."""

_APART = 18
"""Cells across for each number below a plot, and `_ROWS` lines for each beside it."""

_ROWS = 4

_MOST_BANDS = 4
"""Curves whose raw values are all shown; of more, those of the first alone."""


def draw_chart(
    traces: Sequence[Trace],
    view: View,
    width: int,
    height: int,
    palette: Palette,
    glyphs: Glyphs,
) -> list[Line]:
    """Draw curves into `height` lines of `width` cells: a frame with the legend in its upper edge
    and the x axis in its lower one, and the plot.
    """
    frame = palette.tone("accent" if view.focused else "frame")
    inner, rows = width - EDGES, height - EDGES
    if rows < 1 or inner < view.labels + 2:
        parts = [(view.title, palette.tone("head"))]
        return _filled([padded(cut(parts, width, glyphs), width)], width, height)
    left, right = x_range(traces, view)
    cell = (right - left) / max(1, inner - view.labels)
    titles = legend(
        traces, view, cell / 2, (width - 6, 0 if view.compact else height), palette, glyphs
    )
    inside = [padded(cut(parts, inner, glyphs), inner) for parts in titles[1:]]
    plot = Canvas(inner - view.labels + 1, rows - len(inside), braille=glyphs.braille)
    shown = [_inside(trace, left, right, log=view.log) for trace in traces]
    found = view.height or limits(np.concatenate([np.empty(0), *shown]), log=view.log)
    odd = odd_kinds(traces, left, right)
    below = ""
    if found is None and not odd:
        above = " above zero" if view.log else ""
        quiet = palette.tone("quiet")
        inside.append([Segment(fit(f"  No values{above} here yet.", inner), quiet)])
        inside += [[Segment(" " * inner)]] * (rows - len(inside))
    else:
        scale = _Scale(left, right, *(found or (1.0, 2.0)), log=view.log, columns=plot.columns)
        if found is not None:
            _plot(plot, traces, view, scale)
        body = _body(plot, traces, view, scale, palette, glyphs, numbered=found is not None)
        if found is None:
            every = f"All values are {' or '.join(odd)}."
            above = "No values above zero here yet."
            said = fit(f"  {above if any(map(len, shown)) else every}", inner)
            body[0] = [Segment(said, palette.tone("warn"))]
        inside += body
        below = _axis(view, scale, inner, glyphs)
    lines = [upper_edge(titles[0], width, frame, glyphs)]
    lines += [between_edges(line, frame, glyphs) for line in inside[:rows]]
    lines.append(lower_edge(below, width, frame, palette.tone("quiet"), glyphs))
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
        shares: Floats = _MARGIN + (1 - 2 * _MARGIN) * (y - low) / (high - low)
        return shares


def _inside(trace: Trace, left: float, right: float, *, log: bool) -> Floats:
    """The values between both ends that decide how high the plot is: their extremes, where no value
    may be out of the axis.
    """
    curve = trace.curve
    there = slice(curve.x.searchsorted(left), curve.x.searchsorted(right, "right"))
    low, high = curve.low[there], curve.high[there]
    if len(low) and not log:
        ends = np.array([low.min(), high.max()])
        if np.abs(ends).max() < FARTHEST:
            return ends
    return np.concatenate([low, high])


def _in_front(traces: Sequence[Trace]) -> list[int]:
    """Places of the curves, those first that lie above the others."""
    return sorted(range(len(traces)), key=lambda at: not traces[at].front)


def _plot(plot: Canvas, traces: Sequence[Trace], view: View, scale: _Scale) -> None:
    for owner, at in enumerate(_in_front(traces)):
        trace = traces[at]
        curve = trace.curve
        across = scale.across(curve.x)
        values = curve.mean if trace.smoothed is None else trace.smoothed
        fine = values > 0 if scale.log else slice(None)
        many = len(traces) > _MOST_BANDS
        if many and (view.compact or (owner > 0 and trace.counts is None)):
            pass  # bands of many would hide each other
        elif trace.smoothed is not None:
            raw = scale.up(curve.low), scale.up(curve.high)
            plot.band(*envelope(across / plot.across, *raw, plot.width, plot.across), owner)
        elif trace.counts is not None:
            plot.band(across, scale.up(curve.low), scale.up(curve.high), owner)
        plot.line(across[fine], scale.up(values[fine]), owner, dash=trace.dash)


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
    marks = _marks(plot, traces, scale, palette, glyphs)
    labels = _labels(scale, plot.height, view.labels - 2) if numbered else {}
    behind = _behind(plot, view, scale, labels, palette, glyphs)
    colors = [(traces[at].number, traces[at].shade) for at in _in_front(traces)]
    painter = CellPainter(plot.cells(), colors, palette, glyphs)
    gutter, quiet = view.labels - 1, palette.tone("quiet")
    lines = []
    for row, line in enumerate(painter.lines(marks, behind)):
        label = fit(labels.get(row, ""), gutter - 1, "right", glyphs.more) + " "
        lines.append([Segment(label, quiet), *line])
    return lines


def _behind(
    plot: Canvas,
    view: View,
    scale: _Scale,
    labels: dict[int, str],
    palette: Palette,
    glyphs: Glyphs,
) -> Signs:
    """What shows where nothing else does: the cursor, and the grid where it is asked for."""
    found: dict[tuple[int, int], tuple[str, Style]] = {}
    if view.grid:
        faint = palette.tone("grid")
        columns = [_cell(plot, scale, place) for place in _places(scale)]
        found |= {(row, at): (glyphs.dots[0], faint) for row in labels for at in range(plot.width)}
        found |= {
            (row, at): (glyphs.dots[1], faint) for row in range(plot.height) for at in columns
        }
    if view.cursor is not None:
        at = _cell(plot, scale, view.cursor)
        style = palette.tone("quiet")
        found |= {(row, at): (glyphs.down, style) for row in range(plot.height)}
    return found


def _marks(
    plot: Canvas,
    traces: Sequence[Trace],
    scale: _Scale,
    palette: Palette,
    glyphs: Glyphs,
) -> Signs:
    """Signs over the plot: alarms above the curves, NaN and infinity below."""
    marks: dict[tuple[int, int], tuple[str, Style]] = {}
    warn = palette.tone("warn")
    for trace in traces:
        if len(trace.curve.lost):
            style = palette.arm_text(trace.number, trace.shade) + Style(bold=True)
            for x in trace.curve.lost.tolist():
                marks[plot.height - 1, _cell(plot, scale, x)] = (glyphs.lost, style)
        for x in [] if trace.alarms is None else trace.alarms.tolist():
            marks[0, _cell(plot, scale, x)] = (glyphs.alarm, warn)
    return marks


def _cell(plot: Canvas, scale: _Scale, x: float) -> int:
    return round(float(scale.across(np.array([x]))[0])) // plot.across


def _labels(scale: _Scale, rows: int, width: int) -> dict[int, str]:
    """Numbers beside the upright axis in at most so many cells, by row."""
    places = ticks(scale.low, scale.high, max(2, rows // _ROWS), log=scale.log)
    apart = places[1] - places[0] if len(places) > 1 else 0.0
    labels = {}
    for place in places:
        share = float(scale.up(np.array([place]))[0])
        text = short(place) if scale.log else tick_text(place, apart)
        labels[round((1 - share) * (rows - 1))] = text if len(text) <= width else short(place, 2)
    return labels


def _places(scale: _Scale) -> list[float]:
    """Where numbers stand below the plot."""
    return ticks(scale.left, scale.right, max(2, scale.columns // (2 * _APART)))


def _axis(view: View, scale: _Scale, width: int, glyphs: Glyphs) -> str:
    """The lower edge of the frame with the numbers of the x axis in it."""
    name = {"step": "step", "seconds": "time", "examples": "examples"}[view.axis]
    places = _places(scale)
    apart = places[1] - places[0] if len(places) > 1 else 0.0
    cells = [glyphs.across] * width
    room = width
    if width >= _APART + len(name):
        cells[-len(name) - 3 :] = [" ", *name, " ", glyphs.across]
        room -= len(name) + 4
    for place in places:
        text = span_text(place) if view.axis == "seconds" else tick_text(place, apart)
        text = f" {text} "
        share = (place - scale.left) / (scale.right - scale.left)
        start = view.labels - 1 + round(share * (width - view.labels)) - len(text) // 2
        free = all(cell == glyphs.across for cell in cells[max(0, start - 1) : start + len(text)])
        if start >= 0 and start + len(text) <= room and free:
            cells[start : start + len(text)] = list(text)
    return "".join(cells)


def _filled(lines: list[Line], width: int, height: int) -> list[Line]:
    """Exactly `height` lines."""
    return (lines + [[Segment(" " * width)] for _ in range(height)])[:height]
