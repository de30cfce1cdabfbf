"""Objectives of distillation: the losses that a student minimises, one file per objective.

A module binds ``OBJECTIVE`` to an `Objective`; its file's name is what ``--objective`` takes. Other
packages add theirs as entry points in ``hybench.objectives``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hybench.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class TaughtBatch:
    """A batch of b pairs, embedded by the student and by its teacher.

    All vectors are L2-normalised, so that an inner product is a cosine. Row i of each belongs to
    pair i; the other rows' passages are its in-batch negatives. The student's have gradients.

    Attributes:
        queries: the student's vectors, float [b, d], of queries in any language.
        passages: the student's, float [b, d], of their passages in any language.
        teacher_queries: the teacher's, float [b, t], of the same queries as it reads them: in
            English, or in the student's language.
        teacher_passages: the teacher's, float [b, t], of the same passages.
        temperature: divides the student's cosines in a softmax.
        own_teacher_temperature: divides the teacher's; None if that is the same.
    """

    queries: Tensor
    passages: Tensor
    teacher_queries: Tensor
    teacher_passages: Tensor
    temperature: float
    own_teacher_temperature: float | None = None

    @property
    def teacher_temperature(self) -> float:
        """Divides the teacher's cosines in a softmax."""
        own = self.own_teacher_temperature
        return self.temperature if own is None else own

    @property
    def scores(self) -> Tensor:
        """The student's cosines, float [b, b]: of each query (row) with each passage (column)."""
        return self.queries @ self.passages.T

    @property
    def teacher_scores(self) -> Tensor:
        """The teacher's cosines, float [b, b]."""
        return self.teacher_queries @ self.teacher_passages.T


@dataclass(frozen=True)
class Objective:
    """A way of matching a teacher.

    Attributes:
        help: what the student matches, in a few words and a full stop, for the command's help.
        loss: the loss of a batch, a scalar: a mean over its pairs, so that it does not grow with
            the batch. The batch is whole, however many processes and chunks embed it.
        same_dimension: whether the loss compares a student's vector with a teacher's. The teacher's
            then come in the student's dimension (t = d), projected or padded.
        softmax: whether the loss has temperatures.
    """

    help: str
    loss: Callable[[TaughtBatch], Tensor]
    same_dimension: bool = False
    softmax: bool = False


OBJECTIVES = Registry("objective", __name__, "OBJECTIVE", "hybench.objectives", Objective)
