"""Groups of weights with a learning rate each, as a factor of the schedule's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hybench.encoders.layers import depths

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

RATE_FACTOR = "rate_factor"
"""The key of a group's factor in the optimiser's settings."""


def weight_groups(model: SentenceTransformer, layer_decay: float | None) -> list[dict[str, Any]]:
    """The weights that are trained, with the factor of their learning rate.

    The rate of a weight with n layers between itself and the output is layer_decay^n times that of
    the last layer (Sun et al. 2019, arXiv 1905.05583, section 3.2).

    Args:
        model: the student.
        layer_decay: None for one rate.

    Returns:
        One group per factor, in the order of the model's weights.
    """
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    if layer_decay is None:
        return [{"params": weights, RATE_FACTOR: 1.0}]
    deep = depths(model)
    grouped: dict[int, list[Any]] = {}
    for weight in weights:
        grouped.setdefault(deep[weight], []).append(weight)
    return [{"params": group, RATE_FACTOR: layer_decay**depth} for depth, group in grouped.items()]
