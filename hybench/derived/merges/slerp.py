"""Spherical interpolation of weights."""

from __future__ import annotations

import numpy as np

from hybench.derived import Matrix, Merge, Weights
from hybench.derived.options import Settings

_PARALLEL = 0.9995
"""Tensors with a larger cosine are interpolated linearly, as mergekit does."""


def slerp(weights: Weights, settings: Settings) -> Matrix:  # noqa: ARG001
    """``(sin((1-t)Ω) θ₁ + sin(tΩ) θ₂) / sin Ω``, with Ω the angle between two tensors and t the
    share of the second (Shoemake 1985, doi 10.1145/325165.325242), tensor by tensor.
    """
    one, other = weights.models
    share = weights.shares[1]
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    cosine = float((one * other).sum()) / lengths if lengths else 1.0
    if abs(cosine) > _PARALLEL:
        return (1 - share) * one + share * other
    angle = np.arccos(cosine)
    return np.asarray(
        (np.sin((1 - share) * angle) * one + np.sin(share * angle) * other) / np.sin(angle)
    )


MERGE = Merge("spherical interpolation of two.", slerp, most=2)
