"""Where ticks stand on an axis, and what is written at them."""

from __future__ import annotations

import math

from hybench.tui.draw.arrays import Floats, np
from hybench.tui.draw.text import short

FARTHEST = 1e300
"""Values that are further out have no room on an axis of floats."""

_ROUND = (1, 2, 2.5, 5, 10)


def ticks(low: float, high: float, most: int, *, log: bool = False) -> list[float]:
    """About `most` round numbers from `low` to `high`, at least two where there are any."""
    if not high > low or most < 1:
        return [low]
    if log:
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        if last - first >= 1:
            skip = -(-(last - first + 1) // most)
            return [10.0**power for power in range(first, last + 1, skip)]
    # Where no two round numbers lie so far apart, ones that are nearer.
    for count in range(max(2, most), max(2, most) + 6):
        raw = (high - low) / (count - 1)
        size = 10.0 ** math.floor(math.log10(raw))
        apart = next(size * step for step in _ROUND if size * step >= raw * (1 - 1e-9))
        first, last = math.ceil(low / apart - 1e-9), math.floor(high / apart + 1e-9)
        if last > first:
            return [apart * number for number in range(first, last + 1)]
    return [low]


def tick_text(value: float, apart: float) -> str:
    """A tick's number, with the digits that tell it from its neighbours."""
    size = abs(value)
    if size < apart * 1e-6:
        return "0"
    if size >= 1000 or size < 1e-3 or not apart:
        return short(value)
    decimals = max(0, math.ceil(-math.log10(apart) - 1e-9)) if apart < 1 else 0
    text = f"{value:.{min(decimals + 1, 6)}f}" if apart < 1 else f"{value:g}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def span_text(seconds: float) -> str:
    """A tick of an axis of time."""
    if seconds < 120:
        return f"{seconds:.3g}s"
    if seconds < 7200:
        return f"{seconds / 60:.3g}min"
    return f"{seconds / 3600:.3g}h"


def limits(values: Floats, *, log: bool) -> tuple[float, float] | None:
    """The lowest and the highest of the finite values, with room where they are one; None where
    there are none (with `log`: above zero).
    """
    kept = values[np.abs(values) < FARTHEST]
    if log:
        kept = kept[kept > 1e-300]
    if not len(kept):
        return None
    low, high = float(kept.min()), float(kept.max())
    if high > low:
        return low, high
    room = abs(low) * 0.1 or 1.0
    return (low * 0.9, high * 1.1) if log else (low - room, high + room)
