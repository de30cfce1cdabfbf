"""AP: average precision; its mean over queries is called MAP."""

from __future__ import annotations

import numpy as np

from hybench.metrics.measure import Measure
from hybench.metrics.relevant import Relevant, Values, ratio


def average_precision(relevant: Relevant, k: float) -> Values:
    """AP: mean over all relevant passages of the precision at their ranks, 0 for those not found.

    AP@k counts those beyond rank k as not found and divides by all of them (trec_eval map, map_cut;
    Buckley & Voorhees 2005).
    """
    precisions = np.where(relevant.rank <= k, relevant.found / relevant.rank, 0.0)
    return ratio(relevant.sum(precisions), relevant.count)


MEASURE = Measure(average_precision)
