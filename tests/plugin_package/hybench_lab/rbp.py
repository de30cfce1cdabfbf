"""RBP: rank-biased precision, as a reader who goes on to the next hit with a chance of .8 sees."""

from __future__ import annotations

import numpy as np

from hybench.metrics.measure import Measure
from hybench.metrics.relevant import Relevant, Values

PERSISTENCE = 0.8


def rank_biased_precision(relevant: Relevant, k: float) -> Values:
    """RBP@k = (1 - p) · sum over relevant passages at ranks r <= k of p^(r - 1), p = .8.

    Moffat & Zobel, Rank-Biased Precision for Measurement of Retrieval Effectiveness (2008), eq. 8.
    """
    seen = np.where(relevant.rank <= k, PERSISTENCE ** (relevant.rank - 1), 0.0)
    return (1 - PERSISTENCE) * relevant.sum(seen)


MEASURE = Measure(rank_biased_precision)
