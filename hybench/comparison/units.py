"""Units of metrics in tables, and the margins of differences that matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from hybench.errors import UsageError
from hybench.metrics.bias import COMPLETION, OF_QUERIES, RANK_DISTANCE, SAME_LANGUAGE
from hybench.metrics.language_preference import LANGUAGE_NDCG, PREFERENCE_RATE
from hybench.metrics.measure import parse_metric
from hybench.wording import amounts

SHARE_MARGIN = 0.01
"""The margin of metrics between 0 and 1, unless ``--delta`` sets another."""


@dataclass(frozen=True)
class MetricStyle:
    """How a metric is shown.

    Attributes:
        factor: multiplies values in tables for people.
        decimals: digits after the point there.
        lower_is_better: whether a lower value is the better one.
    """

    factor: float = 100.0
    decimals: int = 1
    lower_is_better: bool = False

    @property
    def share(self) -> bool:
        """Whether values lie between 0 and 1."""
        return self.factor != 1

    @property
    def margin(self) -> float:
        """Differences smaller than this do not matter, by default; 0: unknown."""
        return SHARE_MARGIN if self.share else 0.0

    def text(self, value: float, *, signed: bool = False) -> str:
        """A value as tables show it; a difference with its sign."""
        if signed:
            return amounts.signed(value * self.factor, self.decimals)
        return f"{value * self.factor:z.{self.decimals}f}"

    def interval(self, low: float | None, high: float | None) -> str:
        """An interval of a difference as tables show it; a dash if there is none."""
        if low is None or high is None:
            return "—"
        return f"[{self.text(low, signed=True)}, {self.text(high, signed=True)}]"

    def size(self, difference: float, digits: str = "g") -> str:
        """The size of a difference in the tables' unit: ``1 point``, ``0.5 points``; ``25``."""
        shown = f"{difference * self.factor:{digits}}"
        return shown + (" point" if shown == "1" else " points") * self.share


BIAS_METRICS = OF_QUERIES
"""Language-bias metrics that evaluation stores in the multilingual setting."""

BIAS_WORDS = {
    RANK_DISTANCE: "lower is less biased",
    SAME_LANGUAGE: "1 is unbiased",
    PREFERENCE_RATE: "queries whose first relevant passage is in their own language",
    LANGUAGE_NDCG: "a relevant passage in the query's language gains twice as much",
    COMPLETION: "queries with all their relevant passages among so many hits",
}
"""What a legend says of each."""

_STYLES = {
    RANK_DISTANCE: MetricStyle(1.0, 1, lower_is_better=True),
    SAME_LANGUAGE: MetricStyle(1.0, 2, lower_is_better=True),
}


@lru_cache(maxsize=256)
def metric_style(metric: str) -> MetricStyle:
    """The style of `metric`: that of its measure; an unknown metric is shown as a share."""
    if metric in _STYLES:
        return _STYLES[metric]
    try:
        measure = parse_metric(metric).measure
    except UsageError:
        return MetricStyle()
    shown = MetricStyle() if measure.share else MetricStyle(1.0, 2)
    return replace(shown, lower_is_better=measure.lower_is_better)
