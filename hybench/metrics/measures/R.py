"""R: recall."""

from __future__ import annotations

from hybench.metrics.measure import Cutoff, Measure
from hybench.metrics.relevant import Relevant, Values, ratio


def recall(relevant: Relevant, k: float) -> Values:
    """R@k: share of the relevant passages among the first k hits (trec_eval recall)."""
    return ratio(relevant.sum(relevant.rank <= k), relevant.count)


MEASURE = Measure(recall, Cutoff.NEEDED)
