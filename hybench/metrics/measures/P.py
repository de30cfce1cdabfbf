"""P: precision."""

from __future__ import annotations

from hybench.metrics.measure import Cutoff, Measure
from hybench.metrics.relevant import Relevant, Values


def precision(relevant: Relevant, k: float) -> Values:
    """P@k: share of relevant passages among k hits, divided by k however many there are
    (trec_eval P).
    """
    return relevant.sum(relevant.rank <= k) / k


MEASURE = Measure(precision, Cutoff.NEEDED)
