"""The report's figures: differences with their intervals, and curves against a dial."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from hybench.comparison.budgets import compact
from hybench.comparison.curve_lines import BUDGET_DIALS, dial_text
from hybench.comparison.curves import Curve
from hybench.comparison.model import LANGUAGE, Comparison, Difference
from hybench.comparison.units import metric_style
from hybench.report.svg import (
    ARM_COLORS,
    BAND,
    BETTER,
    DASHES,
    INK,
    MARKERS,
    QUIET,
    WORSE,
    draw,
)
from hybench.report.view import Datum, Figure, Table, minus, setting_name
from hybench.wording.text_table import NOT_RUN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH = 400
_CURVE_HEIGHT = 270
_LINE_HEIGHT = 17
_DODGE = 0.012
"""Offset of lines along the dial, as a share of its range, so that no bar is hidden."""

_TICK_ROOM = 0.08
"""Least distance of numbers below the dial, as a share of its range."""

_SHAPES = {
    "better": "^", "worse": "v", "equivalent": "D", "identical": "D", "undecided": "o",
    "too-few": "x",
}  # fmt: skip


def forest(name: str, comparison: Comparison, column: int) -> Figure | None:
    """An arm's differences to the baseline with their intervals, a line per row of the table.

    Args:
        name: prefix of the figure's ids.
        comparison: with the differences.
        column: of the arm.

    Returns:
        The figure; None if there is nothing to compare.
    """
    style = metric_style(comparison.metric)
    found = [
        (row.label, row.kind, cell.difference)
        for row in comparison.rows
        if (cell := row.cells[column]) is not None and cell.difference is not None
    ]
    if not found or comparison.baseline is None:
        return None
    arm, against = (comparison.columns[at].label for at in (column, comparison.baseline))
    ends = [
        end * style.factor
        for row in comparison.rows
        for cell in row.cells
        if cell is not None and cell.difference is not None
        for end in (cell.difference.low, cell.difference.value, cell.difference.high)
        if end is not None
    ]
    margin = comparison.margin * style.factor
    ends += [-1.3 * margin, 1.3 * margin]

    def plot(axes: Axes) -> None:
        axes.axvspan(-margin, margin, color=BAND, linewidth=0)
        axes.axvline(0, color=QUIET, linewidth=0.8)
        for at, (_, kind, difference) in enumerate(found):
            _bar(axes, at, difference, style.factor, bold=kind != LANGUAGE)
        rules = [at for at in range(1, len(found)) if found[at][1] != found[at - 1][1]]
        for at in rules[:1]:
            axes.axhline(at - 0.5, color=QUIET, linewidth=0.5)
        axes.set_yticks(range(len(found)), [label for label, _, _ in found])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(found) - 0.4, -0.6)
        axes.set_xlim(min(ends), max(ends))
        axes.margins(x=0.02)
        axes.grid(visible=False, axis="y")
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(f"{comparison.metric} ×{style.factor:g}, {arm} minus {against}")

    title = f"{arm} minus {against}"
    height = _LINE_HEIGHT * len(found) + 56
    words = f"{title} by language with 95 % intervals; the table next to it has the numbers."
    caption = (
        f"{title}, 95 % intervals. Band: the margin. ▲ better, ▼ worse, ◇ no difference that "
        "matters, ○ undecided, × too few queries."
    )
    return Figure(title, draw(name, words, _WIDTH, height, plot), caption)


def _bar(axes: Axes, at: int, difference: Difference, factor: float, *, bold: bool) -> None:
    decided = difference.outcome in {"better", "worse"}
    color = {"better": BETTER, "worse": WORSE}.get(difference.outcome, INK)
    width = 2.0 if bold else 1.1
    if difference.low is not None and difference.high is not None:
        ends = [difference.low * factor, difference.high * factor]
        axes.plot(ends, [at, at], color=color, linewidth=width, solid_capstyle="butt")
    axes.plot(
        [difference.value * factor],
        [at],
        marker=_SHAPES[difference.outcome],
        markersize=6 if bold else 5,
        markeredgecolor=color,
        markeredgewidth=1.1,
        markerfacecolor=color if decided else "none",
    )


def curve_figure(name: str, curve: Curve) -> Figure:
    """Scores against the dial, a line per arm with 95 % intervals, and the same as a table.

    Args:
        name: prefix of the figure's ids.
        curve: at least one line, each of at least one point.
    """
    style = metric_style(curve.metric)
    where = f"{curve.dataset} ({curve.split})"
    title = f"{setting_name(curve.setting)} · {curve.label} · {curve.metric}"
    dial = _dial(curve.field)
    logarithmic = curve.field != "alpha" and all(x > 0 for x in _places(curve))

    def plot(axes: Axes) -> None:
        from math import log10

        places = _places(curve)
        scaled = [log10(x) for x in places] if logarithmic else places
        step = _DODGE * ((scaled[-1] - scaled[0]) or 1.0)
        for at, line in enumerate(curve.lines):
            shift = (at - (len(curve.lines) - 1) / 2) * step
            middles = [point.value * style.factor for point in line.points]
            lows = [(point.value - point.low) * style.factor for point in line.points]
            highs = [(point.high - point.value) * style.factor for point in line.points]
            axes.errorbar(
                [(log10(point.x) if logarithmic else point.x) + shift for point in line.points],
                middles,
                yerr=[[max(0.0, low) for low in lows], [max(0.0, high) for high in highs]],
                color=ARM_COLORS[at % len(ARM_COLORS)],
                marker=MARKERS[at % len(MARKERS)],
                linestyle=DASHES[at % len(DASHES)],
                markersize=4.5,
                linewidth=1.4,
                elinewidth=0.9,
            )
        kept = _apart(scaled)
        short = compact if curve.field in BUDGET_DIALS else partial(_tick, curve.field)
        axes.set_xticks([scaled[at] for at in kept], [short(places[at]) for at in kept])
        axes.set_xlabel(dial)
        axes.grid(visible=False, axis="x")
        axes.set_ylabel(f"{curve.metric} ×{style.factor:g}")
        handles = [container[0] for container in axes.containers]
        names = [line.arm for line in curve.lines]
        axes.figure.legend(handles, names, loc="outside lower center", ncols=min(3, len(names)))

    languages = " ".join(curve.languages)
    words = f"{title} on {where} against {dial}, a line per arm; the numbers follow as a table."
    caption = f"{where}; query languages: {languages}."
    height = _CURVE_HEIGHT + _LINE_HEIGHT * ((len(curve.lines) - 1) // 3)
    return Figure(
        title, draw(name, words, _WIDTH, height, plot), caption, _curve_table(curve, dial)
    )


def _places(curve: Curve) -> list[float]:
    return sorted({point.x for line in curve.lines for point in line.points})


def _dial(field: str) -> str:
    names = {
        "alpha": "α, the share of monolingual batches",
        "share": "share of the scarce languages' pairs",
        "steps": "optimiser steps",
        "examples": "examples shown",
    }
    return names.get(field, field)


def _tick(field: str, x: float) -> str:
    return f"{100 * x:g} %" if field == "share" else dial_text(field, x)


def _apart(places: list[float]) -> list[int]:
    """Positions of ascending places with room for a number below them."""
    least = _TICK_ROOM * (places[-1] - places[0])
    kept: list[int] = []
    for at, place in enumerate(places):
        if not kept or place - places[kept[-1]] >= least:
            kept.append(at)
    return kept


def _curve_table(curve: Curve, dial: str) -> Table:
    style = metric_style(curve.metric)
    rows = []
    for line in curve.lines:
        for point in line.points:
            ends = f"[{style.text(point.low)}, {style.text(point.high)}]"
            rows.append(
                (
                    Datum(line.arm),
                    Datum(_tick(curve.field, point.x)),
                    Datum(style.text(point.value)),
                    Datum(minus(ends)),
                    Datum(str(point.seeds) if point.seeds else NOT_RUN),
                    Datum(", ".join(point.runs)),
                )
            )
    header = ("arm", dial.partition(",")[0], curve.metric, "95 % interval", "seeds", "runs")
    caption = f"{setting_name(curve.setting)}, {curve.label}: the numbers of the picture"
    return Table(caption, tuple(map(Datum, header)), (tuple(rows),))
