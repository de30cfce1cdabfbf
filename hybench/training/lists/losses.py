"""Losses over lists: the contrastive one with hard negatives, and those of a teacher's scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def contrastive_with_negatives(
    queries: Tensor, passages: Tensor, negatives: Tensor, false: Tensor, temperature: float
) -> Tensor:
    """InfoNCE over the in-batch passages and the hard negatives of all queries of the batch.

    ``-1/b Σᵢ log softmaxⱼ(qᵢ·cⱼ/τ)ᵢ`` with ``c`` the passages, then the negatives (DPR, arXiv
    2004.04906, section 3.2; the same as sentence-transformers' MultipleNegativesRankingLoss). A
    negative that answers a query does not count for it.

    Args:
        queries: float [b, d], L2-normalised.
        passages: float [b, d], L2-normalised; row i answers query i.
        negatives: float [m, d], L2-normalised.
        false: bool [b, m], whether a negative answers a query.
        temperature: τ, which divides the cosines.

    Returns:
        A scalar, the mean over queries.
    """
    import torch
    from torch.nn import functional

    against = (queries @ negatives.T).masked_fill(false, -torch.inf)
    scores = torch.cat([queries @ passages.T, against], dim=1) / temperature
    return functional.cross_entropy(scores, torch.arange(len(scores), device=scores.device))


@dataclass(frozen=True)
class ScoredBatch:
    """b queries, each with its own list of n passages that a teacher has scored.

    The first passage of a list is the query's own, the others are its negatives.

    Attributes:
        scores: the student's cosines, float [b, n], with gradients.
        teacher_scores: the teacher's, float [b, n], of any scale.
        there: bool [b, n], whether the list has that entry.
        temperature: divides the student's scores in a softmax.
        teacher_temperature: divides the teacher's.
    """

    scores: Tensor
    teacher_scores: Tensor
    there: Tensor
    temperature: float
    teacher_temperature: float

    @classmethod
    def of(
        cls,
        queries: Tensor,
        passages: Tensor,
        negatives: Tensor,
        columns: Tensor,
        teacher_scores: Tensor,
        temperature: float,
        teacher_temperature: float | None = None,
    ) -> ScoredBatch:
        """From the student's vectors.

        Args:
            queries: float [b, d], L2-normalised.
            passages: float [b, d], the queries' own passages.
            negatives: float [m, d], of all lists.
            columns: int64 [b, k], rows of `negatives` in each list, -1 for none.
            teacher_scores: float [b, 1 + k], of the own passage and of the others; NaN for none.
            temperature: of the student.
            teacher_temperature: of the teacher; None for the same.
        """
        import torch

        own = (queries * passages).sum(1, keepdim=True)
        others = (queries @ negatives.T).gather(1, columns.clamp(min=0))
        there = ~teacher_scores.isnan()
        there[:, 1:] &= columns >= 0
        return cls(
            torch.cat([own, others], dim=1),
            teacher_scores.nan_to_num(),
            there,
            temperature,
            temperature if teacher_temperature is None else teacher_temperature,
        )


def listwise_margin_mse(batch: ScoredBatch) -> Tensor:
    """Squared error of the margins of a query's own passage and its negatives.

    ``1/Σᵢkᵢ Σᵢ Σⱼ (mᵢⱼ - tmᵢⱼ)²`` with ``mᵢⱼ = sᵢ₀ - sᵢⱼ``: Margin-MSE (Hofstätter et al. 2020,
    arXiv 2010.02666) on the negatives that the teacher has scored.

    Returns:
        A scalar, the mean over all negatives of the batch.
    """

    def margins(scores: Tensor) -> Tensor:
        return scores[:, :1] - scores[:, 1:]

    there = batch.there[:, :1] & batch.there[:, 1:]
    error = (margins(batch.scores) - margins(batch.teacher_scores)).square() * there
    return error.sum() / there.sum().clamp(min=1)


def listwise_kl(batch: ScoredBatch) -> Tensor:
    """KL divergence of the student's softmax over a query's list from the teacher's.

    ``1/b Σᵢ Σⱼ Tᵢⱼ log(Tᵢⱼ / Sᵢⱼ)`` with ``S = softmax(s/τ)`` and T likewise, over the entries of
    each list: Translate-Distill (Yang et al. 2024, arXiv 2401.04810), after Lin et al. 2020 (arXiv
    2010.11386).

    Returns:
        A scalar, the mean over queries.
    """
    import torch
    from torch.nn import functional

    def log_shares(scores: Tensor, temperature: float) -> Tensor:
        lowest = torch.finfo(scores.dtype).min
        return functional.log_softmax(
            (scores / temperature).masked_fill(~batch.there, lowest), dim=1
        )

    student = log_shares(batch.scores, batch.temperature)
    teacher = log_shares(batch.teacher_scores, batch.teacher_temperature)
    each = teacher.exp() * (teacher - student)
    return each.masked_fill(~batch.there, 0.0).sum() / len(each)


OF_SCORES: Mapping[str, Callable[[ScoredBatch], Tensor]] = {
    "margin-mse": listwise_margin_mse,
    "kl": listwise_kl,
}
"""The losses over lists, by the name of the objective that they are the listwise form of."""
