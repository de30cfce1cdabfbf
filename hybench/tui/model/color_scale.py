"""How high a value is among those of its table: the colour behind it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class ColorScale:
    """A scale from the worst background to the best.

    Attributes:
        low: the least value.
        high: the largest.
        lower_is_better: whether the least value is the best.
    """

    low: float
    high: float
    lower_is_better: bool = False

    @classmethod
    def of(
        cls, values: Iterable[float], *, difference: bool = False, lower_is_better: bool = False
    ) -> ColorScale:
        """The scale of some values, of differences around 0; NaN does not count."""
        found = [value for value in values if not math.isnan(value)]
        if difference:
            reach = max(map(abs, found), default=0.0) or 1.0
            return cls(-reach, reach, lower_is_better)
        return cls(min(found, default=0.0), max(found, default=1.0), lower_is_better)

    def heat(self, value: float) -> float:
        """0 for the worst background, 1 for the best."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return 1 - share if self.lower_is_better else share
