"""Mean squared error of all scores of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hybench.objectives import Objective, TaughtBatch

if TYPE_CHECKING:
    from torch import Tensor


def score_mse(batch: TaughtBatch) -> Tensor:
    """Squared error of the cosines of every query with every passage of the batch.

    ``1/b² Σᵢⱼ (qᵢ·pⱼ - tqᵢ·tpⱼ)²``: similarity-preserving distillation (Tung & Mori 2019, arXiv
    1907.09682), between queries and passages.

    Args:
        batch: vectors float [b, d], and the teacher's float [b, t] of any dimension.

    Returns:
        A scalar.
    """
    return (batch.scores - batch.teacher_scores).square().mean()


OBJECTIVE = Objective("the teacher's scores of all pairs in the batch.", score_mse)
