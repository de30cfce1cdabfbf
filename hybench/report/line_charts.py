"""Curves of trainings as an SVG file: one chart, or several beside each other on the same axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hybench.report.page import check_installed
from hybench.report.svg import ARM_COLORS, DASHES, draw_figure, standalone

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Floats = npt.NDArray[np.float64]

_ONE = (720, 400)
_SMALL = (260, 190)
_ACROSS = 4
"""Charts beside each other, at most."""

_LEGEND_LINE = 18
_BAND = 0.16


@dataclass(frozen=True)
class LineCurve:
    """One line.

    Attributes:
        label: whose it is, the same in all charts.
        x: f64 [n], ascending.
        y: f64 [n].
        band: its lower and its upper edge, f64 [n] each; None for none.
        dash: of the kinds of lines.
    """

    label: str
    x: Floats
    y: Floats
    band: tuple[Floats, Floats] | None = None
    dash: int = 0


@dataclass(frozen=True)
class LineChart:
    """One chart.

    Attributes:
        title: what it shows.
        curves: its lines.
    """

    title: str
    curves: Sequence[LineCurve]


def line_charts_svg(charts: Sequence[LineChart], x: str, *, log: bool = False) -> str:
    """An SVG file of the charts, with the legend below them; a label has one colour in all.

    Args:
        charts: at least one; several share the scale of y.
        x: what is below them.
        log: whether y is logarithmic.

    Raises:
        UsageError: the extra ``report`` is not installed.
    """
    check_installed()
    labels = [*dict.fromkeys(curve.label for chart in charts for curve in chart.curves)]
    colors = {label: ARM_COLORS[at % len(ARM_COLORS)] for at, label in enumerate(labels)}
    across = min(_ACROSS, len(charts))
    down = -(-len(charts) // across)
    size = _ONE if len(charts) == 1 else _SMALL
    width, height = across * size[0], down * size[1] + _LEGEND_LINE * (1 + len(labels) // 3)

    def plot(figure: Figure) -> None:
        grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, chart in zip(grid, charts, strict=False):
            _plot(axes, chart, colors)
            if log:
                axes.set_yscale("log")
        for axes in grid[len(charts) :]:
            axes.set_visible(False)
        for axes in grid[max(0, len(charts) - across) : len(charts)]:
            axes.set_xlabel(x)
            axes.tick_params(labelbottom=True)
        handles = {
            line.get_label(): line for axes in grid[: len(charts)] for line in axes.get_lines()
        }
        if handles:
            named = [*handles.values()]
            columns = min(3, len(named))
            figure.legend(handles=named, loc="outside lower center", ncols=columns)

    words = f"Curves of {', '.join(labels)}: {', '.join(chart.title for chart in charts)}."
    return standalone(draw_figure("curves", words, width, height, plot), width, height)


def _plot(axes: Axes, chart: LineChart, colors: dict[str, str]) -> None:
    axes.set_title(chart.title, fontsize=9)
    for curve in chart.curves:
        color = colors[curve.label]
        if curve.band is not None:
            axes.fill_between(curve.x, *curve.band, color=color, alpha=_BAND, linewidth=0)
        line = DASHES[curve.dash % len(DASHES)]
        axes.plot(curve.x, curve.y, color=color, linestyle=line, linewidth=1.4, label=curve.label)
