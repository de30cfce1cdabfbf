"""Group vectors that are near each other, so that they can be stored and searched together."""

from __future__ import annotations

import numpy as np

from hybench.indexes.exact.keys import Floats, Rows, Vectors

PIVOTS = 512
"""Most pivots, the vectors that others are grouped around."""

_BLOCK = 8192
_WHOLE = np.float32(2048)


def pivots_of(vectors: Vectors) -> Floats:
    """Every n-th of `vectors`, float32 [p, d], p at most `PIVOTS`."""
    step = max(1, -(-len(vectors) // PIVOTS))
    return np.array(vectors[::step])


def grouped(vectors: Floats, pivots: Floats) -> Rows:
    """The rows of `vectors`, int64 [n], in the order of the pivots that they are nearest to.

    Args:
        vectors: float32 [n, d], L2-normalised.
        pivots: float32 [p, d], likewise.
    """
    nearest = np.empty(len(vectors), np.int64)
    turned = _whole(pivots).T
    for start in range(0, len(vectors), _BLOCK):
        block = slice(start, start + _BLOCK)
        nearest[block] = np.argmax(_whole(vectors[block]) @ turned, axis=1)
    return np.argsort(nearest, kind="stable")


def _whole(vectors: Floats) -> Floats:
    """Vectors rounded to whole numbers with products below 2²⁴: sums are exact in any order."""
    whole: Floats = np.rint(vectors * _WHOLE)
    return whole
