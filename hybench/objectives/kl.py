"""Kullback-Leibler divergence of the scores' softmax."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hybench.objectives import Objective, TaughtBatch

if TYPE_CHECKING:
    from torch import Tensor


def kl(batch: TaughtBatch) -> Tensor:
    """KL divergence of the student's softmax over the in-batch passages from the teacher's.

    ``1/b Σᵢ Σⱼ Tᵢⱼ log(Tᵢⱼ / Sᵢⱼ)`` with ``S = softmax(q·pᵀ/τ)`` and T likewise: in-batch
    distillation (Lin et al. 2021, RepL4NLP; arXiv 2010.11386). The temperature τ divides both
    models' cosines, unless the teacher has one of its own.

    Args:
        batch: vectors float [b, d], and the teacher's float [b, t] of any dimension.

    Returns:
        A scalar.

    Example:
        >>> import torch
        >>> x = torch.eye(2)
        >>> kl(TaughtBatch(x, x, x, x, 0.1)).item()
        0.0
    """
    from torch.nn import functional

    student = functional.log_softmax(batch.scores / batch.temperature, dim=1)
    teacher = functional.log_softmax(batch.teacher_scores / batch.teacher_temperature, dim=1)
    return functional.kl_div(student, teacher, reduction="batchmean", log_target=True)


OBJECTIVE = Objective("the teacher's softmax over the batch's passages.", kl, softmax=True)
