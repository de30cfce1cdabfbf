"""The loss of a distillation: an objective, its scale, and the contrastive loss beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hybench.config.train import TrainConfig
from hybench.objectives import Objective, TaughtBatch
from hybench.training.contrastive import contrastive

if TYPE_CHECKING:
    from torch import Tensor


def distillation(
    config: TrainConfig,
    objective: Objective,
    batch: TaughtBatch,
    contrastive_loss: Callable[[], Tensor] | None = None,
) -> Tensor:
    """``w_d · s · objective + w_c · contrastive`` of a batch.

    ``w_d`` is ``--distillation-weight`` (1) and ``w_c`` is ``--contrastive-weight`` (0). ``s`` is
    1 or, with ``--distillation-scale temperature-squared``, the square of the student's
    temperature T: the gradient of a softmax divided by T shrinks as 1/T², which the factor undoes
    (Hinton et al. 2015, arXiv 1503.02531, section 2).

    Args:
        config: of the training.
        objective: that `config` names.
        batch: the student's vectors and its teacher's.
        contrastive_loss: gives the contrastive loss; None for that of the batch without further
            negatives.

    Returns:
        A scalar.
    """
    loss = objective.loss(batch)
    if config.distillation_scale == "temperature-squared":
        loss = loss * batch.temperature**2
    if config.distillation_weight is not None:
        loss = loss * config.distillation_weight
    if config.contrastive_weight:
        if contrastive_loss is None:
            extra = contrastive(batch.queries, batch.passages, batch.temperature)
        else:
            extra = contrastive_loss()
        loss = loss + config.contrastive_weight * extra
    return loss
