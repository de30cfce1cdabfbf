"""Cosine distance to the teacher's vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hybench.objectives import Objective, TaughtBatch

if TYPE_CHECKING:
    from torch import Tensor


def cosine(batch: TaughtBatch) -> Tensor:
    """Cosine distance between the student's vectors and the teacher's.

    ``1/2b Σᵢ (1 - qᵢ·tqᵢ) + (1 - pᵢ·tpᵢ)``: the cosine distillation of MIMO (arXiv 2605.31171),
    which trains on ``.8 · cosine + .2 · contrastive``. All vectors are L2-normalised, so that this
    is half of `hybench.objectives.mse.mse`: the two differ in their weight beside a contrastive
    loss, and in what gradient clipping makes of them.

    Args:
        batch: vectors float [b, d], the teacher's in the same dimension.

    Returns:
        A scalar.

    Example:
        >>> import torch
        >>> x, y = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
        >>> cosine(TaughtBatch(x, x, x, y, 0.1)).item()
        0.5
    """
    similar = (batch.queries * batch.teacher_queries).sum(1) + (
        batch.passages * batch.teacher_passages
    ).sum(1)
    return 1 - similar.mean() / 2


OBJECTIVE = Objective("the direction of the teacher's vectors.", cosine, same_dimension=True)
