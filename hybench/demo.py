"""The demo's plan: the embedded set, four arms on one budget, and what is asked of them."""

from __future__ import annotations

from dataclasses import replace

from hybench.config import TrainConfig

DATASET = "atlas"

BUDGET = TrainConfig(data=(DATASET,), steps=500, validate_every=250, checkpoint_every=0)
"""What all arms share: data, weights at the start, pairs seen, negatives."""


def arms(budget: TrainConfig = BUDGET) -> dict[str, TrainConfig]:
    """The four arms by the name of their runs: X-X, X-Y, hybrid batches, and distillation."""
    return {
        "mono": replace(budget, alpha=1.0),
        "cross": replace(budget, alpha=0.0),
        "hybrid": replace(budget, alpha=0.5),
        "distill": replace(budget, strategy="distill", objective="mse"),
    }
