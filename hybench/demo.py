"""The demo's plan: the embedded set, and four arms on one budget."""

from __future__ import annotations

from hybench.config.train import TrainConfig
from hybench.studies.cells import Cell
from hybench.studies.plan import Study

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


BASE = "base"
"""The arm of no steps: the encoder as it starts, where that is not noise."""


def demo_study(steps: int = STEPS, seed: int = 0, init: str | None = None) -> Study:
    """The four arms, evaluated on the embedded set.

    Args:
        steps: of every arm.
        seed: of every arm.
        init: a model to make the encoders from, which adds the arm `BASE`.

    Raises:
        UsageError: a value is out of range, or there is no such model.
    """
    shared = {**BUDGET, "steps": steps, "seed": seed}
    arms = ARMS
    if init is not None:
        shared["init"] = init
        arms = {BASE: {"steps": 0}, **ARMS}
    cells = [
        Cell(arm, arm, (), TrainConfig.from_toml({**shared, **own}, "the demo").resolved())
        for arm, own in arms.items()
    ]
    # The distillation first: with its teacher it takes the longest.
    return Study("demo", tuple(reversed(cells)), (DATASET,))
