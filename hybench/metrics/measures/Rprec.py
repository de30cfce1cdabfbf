"""Rprec: precision at the rank that a perfect ranking would need."""

from __future__ import annotations

from hybench.metrics.measure import Cutoff, Measure
from hybench.metrics.relevant import Relevant, Values, ratio


def r_precision(relevant: Relevant, _k: float) -> Values:
    """Rprec: of a query with R relevant passages, their share among the first R hits (trec_eval
    Rprec; Buckley & Voorhees 2005).
    """
    first = relevant.rank <= relevant.count[relevant.query]
    return ratio(relevant.sum(first), relevant.count)


MEASURE = Measure(r_precision, Cutoff.NONE)
