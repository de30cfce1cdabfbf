"""Curves as a chart takes them, what part of them is shown, and their values at a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hybench.tui.draw.arrays import Floats, np
from hybench.tui.draw.curves import Curve

LABELS = 8
"""Cells left of a plot: the frame, and the numbers beside the upright axis."""


@dataclass(frozen=True)
class Trace:
    """One curve of a chart.

    Attributes:
        label: whose it is.
        curve: its values.
        number: of its run's colour.
        dash: of `DASHES`: solid, dashed and dotted lines tell curves of one run apart.
        smoothed: f64 [n], the moving average to draw, over a band in which the values lie; None
            for the values themselves.
        alarms: f64 [m], places on the axis.
        shade: of its colour; seeds of an arm have shades of the arm's.
        counts: f64 [n], of how many runs it is the mean; their extremes are drawn as a band. None
            for one run alone.
        front: whether it lies above the others.
    """

    label: str
    curve: Curve
    number: int
    dash: int = 0
    smoothed: Floats | None = None
    alarms: Floats | None = None
    shade: int = 0
    counts: Floats | None = None
    front: bool = False


@dataclass(frozen=True)
class View:
    """What part of the curves is shown, and how.

    Attributes:
        title: of the chart.
        axis: what x is: step, seconds or examples.
        left: x at the left end; None for where the curves begin.
        right: likewise.
        log: whether y is logarithmic.
        cursor: x whose values are read out; None for none.
        grid: whether lines lead from the numbers of the axes through the plot.
        focused: whether its keys work.
        height: y at the lower and the upper end; None for the extremes of the curves.
        labels: cells left of the plot.
        digits: of a value in the legend.
        compact: whether the legend takes the frame's edge alone.
    """

    title: str
    axis: str = "step"
    left: float | None = None
    right: float | None = None
    log: bool = False
    cursor: float | None = None
    grid: bool = False
    focused: bool = False
    height: tuple[float, float] | None = None
    labels: int = LABELS
    digits: int = 4
    compact: bool = False


def x_range(traces: Sequence[Trace], view: View) -> tuple[float, float]:
    """The x at both ends of what is shown."""
    ends = [end for trace in traces for end in trace.curve.ends or ()]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    left = low if view.left is None else view.left
    right = high if view.right is None else view.right
    return left, right if right > left else left + 1.0


def value_at(trace: Trace, x: float | None, reach: float = 0.0) -> float | None:
    """What is drawn nearest to `x`, or at the end; None where there is nothing.

    Args:
        trace: the curve.
        x: a place on the axis; None for the curve's end.
        reach: so far beyond its ends the curve is still read out.
    """
    curve = trace.curve
    if curve.ends is None:
        return None
    first, last = curve.ends
    place = last if x is None else x
    if not first - reach <= place <= last + reach:
        return None
    values = curve.mean if trace.smoothed is None else trace.smoothed
    near = [
        (abs(float(places[at]) - place), order, float(known[at]))
        for order, (places, known) in enumerate(((curve.lost, curve.odd), (curve.x, values)))
        if len(places)
        for at in [_nearest(places, place)]
    ]
    return min(near)[2]


def _nearest(places: Floats, place: float) -> int:
    """Which of ascending places is nearest to one; the last of several."""
    after = int(places.searchsorted(place, "right"))
    if after == len(places):
        return after - 1
    before = after - 1
    if before >= 0 and place - places[before] < places[after] - place:
        return before
    return int(places.searchsorted(places[after], "right")) - 1


def runs_at(trace: Trace, x: float | None) -> int:
    """Of how many runs the value is that `value_at` reads out."""
    if trace.counts is None or not len(trace.counts):
        return 1
    places = trace.curve.x
    at = len(places) - 1 if x is None else int(np.argmin(np.abs(places - x)))
    return int(trace.counts[at])


def odd_kinds(traces: Sequence[Trace], left: float, right: float) -> list[str]:
    """Which kinds of values between both ends are not finite numbers."""
    found = [
        trace.curve.odd[(trace.curve.lost >= left) & (trace.curve.lost <= right)]
        for trace in traces
    ]
    odd = np.concatenate([np.empty(0), *found])
    kinds = (("NaN", bool(np.isnan(odd).any())), ("infinite", bool(np.isinf(odd).any())))
    return [kind for kind, there in kinds if there]
