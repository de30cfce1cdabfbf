"""The marks of values and differences in tables."""

from __future__ import annotations

from hybench.comparison.model import Difference
from hybench.comparison.units import MetricStyle

BETTER, WORSE, BEST = "▲", "▼", "*"


def marked(difference: Difference | None, style: MetricStyle) -> tuple[str, str]:
    """The mark and the tone of a significant difference; both empty for others."""
    if difference is None or not difference.significant:
        return "", ""
    better = (difference.value > 0) != style.lower_is_better
    return (BETTER, "better") if better else (WORSE, "worse")
