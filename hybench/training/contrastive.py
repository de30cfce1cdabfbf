"""The contrastive loss, of hybrid batches and optionally of a distillation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def contrastive(queries: Tensor, passages: Tensor, temperature: float) -> Tensor:
    """InfoNCE over the in-batch passages (arXiv 1807.03748; 2004.04906).

    ``-1/b Σᵢ log softmaxⱼ(qᵢ·pⱼ/τ)ᵢ``.

    Args:
        queries: float [b, d], L2-normalised.
        passages: float [b, d], L2-normalised; row i answers query i, the others are its negatives.
        temperature: τ, which divides the cosines.

    Returns:
        A scalar, the mean over queries.
    """
    import torch
    from torch.nn import functional

    scores = queries @ passages.T / temperature
    return functional.cross_entropy(scores, torch.arange(len(scores), device=scores.device))
