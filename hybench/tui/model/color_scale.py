"""How strongly a field is coloured: a value by its height, a difference by its size."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hybench.comparison.model import Cell, Comparison

BY_LANGUAGE, OVER_ALL, NONE = "by language", "one scale for all", "no colours"
SCALES = (BY_LANGUAGE, OVER_ALL, NONE)
"""What differences are measured by: what is detectable in their own row, or in the usual one."""

_STRONGEST = 2.0
"""Times what is detectable from which on a difference has the strongest colour."""


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


@dataclass(frozen=True)
class DifferenceScale:
    """Colours of differences from the reference, by their size against what is detectable.

    Attributes:
        by: of `SCALES`.
        usual: what is detectable in the row in the middle; 0 if it is not known.
        lower_is_better: of the metric.
    """

    by: str
    usual: float
    lower_is_better: bool = False

    @classmethod
    def of(cls, comparison: Comparison, by: str) -> DifferenceScale:
        """The scale of a comparison."""
        from hybench.comparison.units import metric_style

        sizes = [
            each.difference.detectable
            for row in comparison.rows
            for each in row.cells
            if each is not None and each.difference is not None and each.difference.detectable
        ]
        lower = metric_style(comparison.metric).lower_is_better
        return cls(by, median(sizes) if sizes else 0.0, lower)

    def heat(self, cell: Cell) -> float | None:
        """0 for the worst, 0.5 for no difference, 1 for the best; None where nothing is coloured.

        A difference of what is detectable has half of the strongest colour.
        """
        found = cell.difference
        if found is None or self.by == NONE:
            return None
        size = found.detectable if self.by == BY_LANGUAGE else self.usual
        if not size:
            return None
        share = max(-1.0, min(found.value / (_STRONGEST * size), 1.0))
        return 0.5 - share / 2 if self.lower_is_better else 0.5 + share / 2
