"""The mean of weights."""

from __future__ import annotations

from hybench.derived import Matrix, Merge, Weights
from hybench.derived.options import Settings


def linear(weights: Weights, settings: Settings) -> Matrix:  # noqa: ARG001
    """``Σᵢ wᵢ θᵢ``, the weighted mean: a model soup (Wortsman et al. 2022, arXiv 2203.05482)."""
    merged = weights.shares[0] * weights.models[0]
    for share, model in zip(weights.shares[1:], weights.models[1:], strict=True):
        merged = merged + share * model
    return merged


MERGE = Merge("the mean.", linear)
