"""Success: whether anything relevant was found; also called hit rate, and accuracy in QA."""

from __future__ import annotations

import numpy as np

from hybench.metrics.measure import Cutoff, Measure
from hybench.metrics.relevant import Relevant, Values


def success(relevant: Relevant, k: float) -> Values:
    """Success@k: 1 if any of the first k hits is relevant, else 0 (trec_eval success)."""
    return np.minimum(relevant.sum(relevant.rank <= k), 1.0)


MEASURE = Measure(success, Cutoff.NEEDED)
