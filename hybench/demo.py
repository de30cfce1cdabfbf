"""The demo's plan: the embedded set, and four arms on one budget."""

from __future__ import annotations

from hybench.config.train import TrainConfig
from hybench.studies.plan import Cell, Study

DATASET = "atlas"

STEPS = 280

BUDGET: dict[str, object] = {
    "data": [DATASET],
    "pivot": "en",
    "validate_every": STEPS // 2,
    "checkpoint_every": 0,
}
"""What all arms share: data, initial weights, pairs seen, negatives."""

ARMS: dict[str, dict[str, object]] = {
    "mono": {"alpha": 1.0},
    "cross": {"alpha": 0.0},
    "hybrid": {"alpha": 0.5},
    "distill": {"strategy": "distill", "objective": "mse"},
}
"""X-X, X-Y, hybrid batches, and distillation."""


def demo_study(steps: int = STEPS, seed: int = 0) -> Study:
    """The four arms, evaluated on the embedded set.

    Raises:
        UsageError: a value is out of range.
    """
    cells = [
        Cell(arm, arm, (), TrainConfig.from_toml(values, "the demo").resolved())
        for arm, own in ARMS.items()
        for values in [{**BUDGET, **own, "steps": steps, "seed": seed}]
    ]
    # The distillation first: with its teacher it takes the longest.
    return Study("demo", tuple(reversed(cells)), (DATASET,))
