"""Mean squared error of the vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hybench.objectives import Objective, TaughtBatch

if TYPE_CHECKING:
    from torch import Tensor


def mse(batch: TaughtBatch) -> Tensor:
    """Squared distance to the teacher's vectors of the English texts.

    ``1/2b Σᵢ ‖qᵢ - tqᵢ‖² + ‖pᵢ - tpᵢ‖²``, the loss of Reimers & Gurevych 2020 (arXiv 2004.09813)
    for queries and passages.

    Args:
        batch: vectors float [b, d], the teacher's in the same dimension.

    Returns:
        A scalar.

    Example:
        >>> import torch
        >>> x, y = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
        >>> mse(TaughtBatch(x, x, x, y, 0.1)).item()
        1.0
    """
    distance = (batch.queries - batch.teacher_queries).square().sum(1) + (
        batch.passages - batch.teacher_passages
    ).square().sum(1)
    return distance.mean() / 2


OBJECTIVE = Objective("the teacher's vectors.", mse, same_dimension=True)
