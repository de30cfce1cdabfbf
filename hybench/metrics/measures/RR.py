"""RR: reciprocal rank; its mean over queries is called MRR."""

from __future__ import annotations

import numpy as np

from hybench.metrics.measure import Measure
from hybench.metrics.relevant import Relevant, Values


def reciprocal_rank(relevant: Relevant, k: float) -> Values:
    """RR: one over the rank of the first relevant passage (Kantor & Voorhees 2000; trec_eval
    recip_rank); RR@k is 0 where that is beyond rank k.
    """
    first = np.where((relevant.found == 1) & (relevant.rank <= k), 1 / relevant.rank, 0.0)
    return relevant.sum(first)


MEASURE = Measure(reciprocal_rank)
