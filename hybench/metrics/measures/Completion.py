"""Completion: whether all relevant passages are among the first hits."""

from __future__ import annotations

import numpy as np

from hybench.metrics.measure import Cutoff, Measure
from hybench.metrics.relevant import Relevant, Values


def completion(relevant: Relevant, k: float) -> Values:
    """1 where every relevant passage is within the top k, else 0: in a pool of all languages, where
    all translations of the answer were found.

    A query with more than k relevant passages has 0, one without any too.
    """
    found = relevant.sum(relevant.rank <= k)
    return np.where((found == relevant.count) & (found > 0), 1.0, 0.0)


MEASURE = Measure(completion, Cutoff.NEEDED)
