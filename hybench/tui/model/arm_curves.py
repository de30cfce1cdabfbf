"""The curve of an arm: the mean of its seeds, and their extremes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hybench.tui.draw.arrays import Floats, np
from hybench.tui.draw.curves import Curve
from hybench.tui.model.history import History

MOST = 1024
"""Places at which an arm's curve is known."""


@dataclass(frozen=True)
class Made:
    """A curve as a chart takes it.

    Attributes:
        curve: of a run; of several their mean, and the least and the largest of them.
        smoothed: the moving average of a run; None for none.
        counts: how many runs reach each place, f64 [n]; None for one run.
    """

    curve: Curve
    smoothed: Floats | None = None
    counts: Floats | None = None


def make_curve(histories: Sequence[History], series: str, axis: str, decay: float) -> Made:
    """The curve of a run, or the mean of the runs' moving averages.

    Args:
        histories: of the runs.
        series: of `SERIES`, or ``score``.
        axis: of `AXES`.
        decay: of the moving average; 0 for none.
    """
    curves = [each.curve(series, axis) for each in histories]
    smoothed = [curve.smoothed(decay) if decay and len(curve) > 2 else None for curve in curves]
    if len(curves) == 1:
        return Made(curves[0], smoothed[0])
    return mean_curve(
        [
            (curve, curve.mean if smooth is None else smooth)
            for curve, smooth in zip(curves, smoothed, strict=True)
        ]
    )


def mean_curve(parts: Sequence[tuple[Curve, Floats]]) -> Made:
    """The mean of curves; at each place, of those that reach it.

    Args:
        parts: the runs' curves, and their values to average, f64 [n] each.
    """
    places = np.unique(np.concatenate([np.empty(0), *(curve.x for curve, _ in parts)]))
    if len(places) > MOST:
        places = np.linspace(places[0], places[-1], MOST)
    table = np.full((max(1, len(parts)), len(places)), np.nan)
    for row, (curve, values) in enumerate(parts):
        if len(curve):
            table[row] = np.interp(places, curve.x, values, left=np.nan, right=np.nan)
    there = ~np.isnan(table)
    counts = there.sum(axis=0).astype(np.float64)
    known = counts > 0
    table, there, places, counts = table[:, known], there[:, known], places[known], counts[known]
    mean = np.where(there, table, 0.0).sum(axis=0) / counts
    low = np.where(there, table, np.inf).min(axis=0)
    high = np.where(there, table, -np.inf).max(axis=0)
    lost = np.concatenate([np.empty(0), *(curve.lost for curve, _ in parts)])
    odd = np.concatenate([np.empty(0), *(curve.odd for curve, _ in parts)])
    order = np.argsort(lost, kind="stable")
    return Made(Curve(places, low, high, mean, lost[order], odd[order]), None, counts)
