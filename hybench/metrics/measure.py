"""Metrics by their names: what a measure is, the registry of all, and ``RR@10`` read as one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from hybench.errors import UsageError
from hybench.metrics.relevant import Relevant, Values
from hybench.registry import Registry


class Cutoff(Enum):
    """Whether the name of a measure is followed by a cut-off, as in ``RR@10``."""

    OPTIONAL = "optional"
    NEEDED = "needed"
    NONE = "none"


@dataclass(frozen=True)
class Measure:
    """A measure, without a cut-off.

    Attributes:
        function: gives its value for each query, float64 [n]: of the ranks and the relevance of
            the relevant passages, and of how many ranks count, infinity for all.
        cutoff: whether its name is followed by how many ranks count.
        share: whether values lie between 0 and 1; tables show these ×100.
        lower_is_better: whether a lower value is the better one.
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
        name: as ir_measures writes it, such as ``nDCG@10``.
        measure: what computes it.
        cutoff: ranks that count; None for all that a ranking has.
    """

    name: str
    measure: Measure
    cutoff: int | None


def parse_metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UsageError: there is none, its cut-off is missing or is one too many, or the package that
            adds it cannot be imported.
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
