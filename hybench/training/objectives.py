"""What is minimised: the contrastive loss and the three ways of matching a teacher.

All take L2-normalised vectors of one batch of b pairs and return a scalar, the mean over queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def contrastive(queries: Tensor, passages: Tensor, temperature: float) -> Tensor:
    """InfoNCE over the in-batch passages (arXiv 1807.03748; 2004.04906).

    Args:
        queries: float [b, d].
        passages: float [b, d]; row i answers query i, the others are its negatives.
        temperature: divides the cosines.
    """
    import torch
    from torch.nn import functional

    scores = queries @ passages.T / temperature
    return functional.cross_entropy(scores, torch.arange(len(scores), device=scores.device))


def mse(
    queries: Tensor, passages: Tensor, teacher_queries: Tensor, teacher_passages: Tensor
) -> Tensor:
    """Squared distance to the teacher's vectors of the English texts (arXiv 2004.09813).

    Args:
        queries: float [b, d], in any language.
        passages: float [b, d], in any language.
        teacher_queries: float [b, d], of the same queries in English.
        teacher_passages: float [b, d], of the same passages in English.
    """
    distance = (queries - teacher_queries).square().sum(1) + (
        passages - teacher_passages
    ).square().sum(1)
    return distance.mean() / 2


def margin_mse(
    queries: Tensor, passages: Tensor, teacher_queries: Tensor, teacher_passages: Tensor
) -> Tensor:
    """Squared error of the margins positive - negative over the in-batch negatives.

    Margin-MSE (arXiv 2010.02666) with every other passage of the batch as a negative. Arguments as
    in `mse`; the teacher's dimension may differ.
    """

    def margins(scores: Tensor) -> Tensor:
        return scores.diagonal().unsqueeze(1) - scores

    error = margins(queries @ passages.T) - margins(teacher_queries @ teacher_passages.T)
    # A passage has no margin to itself: the diagonal is 0 and does not count.
    return error.square().sum() / (len(error) * (len(error) - 1))


def kl(
    queries: Tensor,
    passages: Tensor,
    teacher_queries: Tensor,
    teacher_passages: Tensor,
    temperature: float,
) -> Tensor:
    """KL divergence of the student's softmax over the in-batch passages from the teacher's.

    In-batch distillation (Lin et al. 2021, RepL4NLP; arXiv 2010.11386). Arguments as in `mse`; the
    teacher's dimension may differ; temperature divides both models' cosines.
    """
    from torch.nn import functional

    student = functional.log_softmax(queries @ passages.T / temperature, dim=1)
    teacher = functional.log_softmax(teacher_queries @ teacher_passages.T / temperature, dim=1)
    return functional.kl_div(student, teacher, reduction="batchmean", log_target=True)
