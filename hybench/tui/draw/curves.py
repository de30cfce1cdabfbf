"""One series of a run as a curve: its points, their extremes, and its moving average."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hybench.tui.draw.arrays import Floats, Places, np

_DIGITS = 100
"""Powers down to ten to the minus this are numbers, times values too."""


@dataclass(frozen=True)
class Curve:
    """One series of a run, bucket by bucket; buckets without a value are left out.

    Attributes:
        x: f64 [n], ascending.
        low: f64 [n], the least value in the bucket.
        high: f64 [n], the largest.
        mean: f64 [n].
        lost: f64 [m], where values are NaN or infinite.
        odd: f64 [m], what they are there: NaN, or infinity with its sign.
        weight: steps that a bucket stands for.
    """

    x: Floats
    low: Floats
    high: Floats
    mean: Floats
    lost: Floats
    odd: Floats
    weight: float = 1.0

    def __len__(self) -> int:
        return len(self.x)

    @cached_property
    def ends(self) -> tuple[float, float] | None:
        """The first and the last x, NaN and infinite values included; None if there are none."""
        places = np.concatenate([self.x[:1], self.x[-1:], self.lost[:1], self.lost[-1:]])
        return (float(places.min()), float(places.max())) if len(places) else None

    def smoothed(self, decay: float) -> Floats:
        """Exponential moving average over steps, without bias towards its start, f64 [n].

        Args:
            decay: weight that the average keeps at a step, 0 to 1 (Adam's bias correction,
                arXiv 1412.6980, section 3).
        """
        kept = decay**self.weight
        if kept < 1e-12:
            return self.mean
        # In blocks within which powers of what is kept are numbers: there a sum does it, and from
        # block to block goes one number.
        block = max(1, int(-_DIGITS / math.log10(kept)))
        size = min(block, len(self.mean))
        powers = kept ** np.arange(1, size + 1)
        values = np.zeros((-(-len(self.mean) // max(1, size)), size))
        values.reshape(-1)[: len(self.mean)] = self.mean
        totals = (1 - kept) * np.cumsum(values / powers, axis=1) * powers
        total, before = 0.0, []
        for last in totals[:, -1:].ravel().tolist():
            before.append(total)
            total = total * float(powers[-1]) + last
        totals += powers * np.array(before)[:, None]
        totals = totals.reshape(-1)[: len(self.mean)]
        smooth: Floats = totals / (1 - kept ** np.arange(1, len(totals) + 1))
        return smooth


def curve_of(x: Sequence[float], y: Sequence[float]) -> Curve:
    """A curve of points, NaN told apart."""
    places, values = np.array(x, np.float64), np.array(y, np.float64)
    fine = np.isfinite(values)
    kept = values[fine]
    return Curve(places[fine], kept, kept, kept, places[~fine], values[~fine])


def changes(values: Floats) -> Places:
    """Where a value differs from the one before it, int64 [m]; the first does."""
    differs = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=differs[1:])
    found: Places = differs.nonzero()[0]
    return found


def envelope(
    cells: Floats, low: Floats, high: Floats, width: int, across: int
) -> tuple[Floats, Floats, Floats]:
    """The band in which values lie: the extremes of a cell's and of those beside it.

    Args:
        cells: where the values stand, in cells from the left, f64 [n], ascending.
        low: f64 [n].
        high: f64 [n].
        width: cells.
        across: dots in a cell.

    Returns:
        Dots from the left, the lower end and the upper one, f64 [m] each.
    """
    place = np.clip(np.floor(cells), -1, width)
    starts = changes(place)
    if not len(starts):
        return cells, low, high
    known = place[starts]
    least, most = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    floor, ceiling = least.copy(), most.copy()
    for these, others in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
        floor[these] = np.minimum(floor[these], least[others])
        ceiling[these] = np.maximum(ceiling[these], most[others])
    return known * across, floor, ceiling
