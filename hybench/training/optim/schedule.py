"""The learning rate as a pure function of the step, without state to save."""

from __future__ import annotations

import math

from hybench.config.train import TrainConfig


def learning_rate(config: TrainConfig, step: int) -> float:
    """Learning rate of a step, from 1: a linear rise, then the schedule's fall.

    Args:
        config: a resolved config.
        step: from 1 to `config.steps`; the rate would reach 0 one step later.
    """
    peak = config.learning_rate
    warmup = round(config.warmup * config.steps)
    if step <= warmup:
        return peak * step / warmup
    share = (step - warmup - 1) / max(1, config.steps - warmup)
    if config.schedule == "linear":
        return peak * (1 - share)
    if config.schedule == "cosine":
        return peak * (1 + math.cos(math.pi * share)) / 2
    return peak
