"""nDCG: gains discounted by the logarithm of their ranks, as a share of the best possible sum."""

from __future__ import annotations

import numpy as np

from hybench.metrics.measure import Measure
from hybench.metrics.relevant import Relevant, Values, ratio


def ndcg(relevant: Relevant, k: float) -> Values:
    """nDCG@k = DCG / ideal DCG, with DCG = sum over ranks r <= k of gain / log2(r + 1).

    The gain is the relevance itself (Järvelin & Kekäläinen 2002; trec_eval ndcg_cut), and the ideal
    is of the judgements, retrieved or not.
    """
    gained = np.where(relevant.rank <= k, relevant.gain / np.log2(relevant.rank + 1), 0.0)
    ideal = np.where(relevant.ideal <= k, relevant.gain / np.log2(relevant.ideal + 1), 0.0)
    return ratio(relevant.sum(gained), relevant.sum(ideal))


MEASURE = Measure(ndcg)
