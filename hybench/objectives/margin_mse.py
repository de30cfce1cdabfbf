"""Mean squared error of the margins between the right passage and the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hybench.objectives import Objective, TaughtBatch

if TYPE_CHECKING:
    from torch import Tensor


def margin_mse(batch: TaughtBatch) -> Tensor:
    """Squared error of the margins positive - negative over the in-batch negatives.

    ``1/b(b-1) Σᵢ Σⱼ≠ᵢ (mᵢⱼ - tmᵢⱼ)²`` with ``mᵢⱼ = qᵢ·pᵢ - qᵢ·pⱼ``: Margin-MSE (Hofstätter et al.
    2020, arXiv 2010.02666) with every other passage of the batch as a negative.

    Args:
        batch: vectors float [b, d], and the teacher's float [b, t] of any dimension.

    Returns:
        A scalar.

    Example:
        >>> import torch
        >>> x = torch.eye(2)
        >>> margin_mse(TaughtBatch(x, x, x, -x, 0.1)).item()
        4.0
    """

    def margins(scores: Tensor) -> Tensor:
        return scores.diagonal().unsqueeze(1) - scores

    error = margins(batch.scores) - margins(batch.teacher_scores)
    # A passage has no margin to itself: the diagonal is 0 and does not count.
    return error.square().sum() / (len(error) * (len(error) - 1))


OBJECTIVE = Objective("the margins of the teacher's scores.", margin_mse)
