"""Metrics by name: measures, their registry, and the parser of names such as ``RR@10``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from hybench.errors import UsageError
from hybench.metrics.relevant import Relevant, Values
from hybench.registry import Registry


class Cutoff(Enum):
    """Whether the name of a measure has a cut-off, as in ``RR@10``."""

    OPTIONAL = "optional"
    NEEDED = "needed"
    NONE = "none"


@dataclass(frozen=True)
class Measure:
    """A measure, without a cut-off.

    Attributes:
        function: returns its value for each query, float64 [n], from the ranks and the relevance
            of the relevant passages, and from the number of ranks that count, infinity for all.
        cutoff: whether its name has the number of ranks that count.
        share: whether values lie between 0 and 1; tables show these ×100.
        lower_is_better: whether lower values are better.
    """

    function: Callable[[Relevant, float], Values]
    cutoff: Cutoff = Cutoff.OPTIONAL
    share: bool = True
    lower_is_better: bool = False


MEASURES = Registry("metric", "hybench.metrics.measures", "MEASURE", "hybench.metrics", Measure)
"""All measures, named as ir_measures names them."""

_CUTOFF = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Metric:
    """A measure with its cut-off.

    Attributes:
        name: as in ir_measures, such as ``nDCG@10``.
        measure: the measure.
        cutoff: ranks that count; None for all of a ranking.
    """

    name: str
    measure: Measure
    cutoff: int | None


def parse_metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UsageError: there is none, its cut-off is missing or not allowed, or the package that adds
            it cannot be imported.
    """
    stem, at, cutoff = name.partition("@")
    if stem not in MEASURES or (at and not _CUTOFF.fullmatch(cutoff)):
        raise UsageError(
            f"There is no metric {name!r}.",
            f"Choose one of: {' '.join(MEASURES)}; with a cut-off, write nDCG@10.",
        )
    measure = MEASURES[stem]
    if measure.cutoff is Cutoff.NEEDED and not at:
        raise UsageError(f"The metric {name} needs a cut-off.", f"Write {name}@10, for example.")
    if measure.cutoff is Cutoff.NONE and at:
        raise UsageError(f"The metric {stem} takes no cut-off.", f"Write {stem}.")
    return Metric(name, measure, int(cutoff) if at else None)
