"""FirstDiscount: the discount of nDCG at the rank of the first relevant passage."""

from __future__ import annotations

import numpy as np

from hybench.metrics.measure import Measure
from hybench.metrics.relevant import Relevant, Values


def first_discount(relevant: Relevant, k: float) -> Values:
    """``1 / log2(1 + r)`` for the rank r of the first relevant passage, 0 where r is beyond k.

    The discount of Järvelin & Kekäläinen 2002, where RR has ``1 / r``: nDCG of a ranking in which
    nothing after the first relevant passage counts, and one was to be found.
    """
    first = (relevant.found == 1) & (relevant.rank <= k)
    return relevant.sum(np.where(first, 1 / np.log2(1 + relevant.rank), 0.0))


MEASURE = Measure(first_discount)
