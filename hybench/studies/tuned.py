"""What the trials of a study came to, and what was chosen by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hybench.studies.cells import Point


@dataclass(frozen=True)
class TrialResult:
    """What a trial came to.

    Attributes:
        values: of the tuned fields.
        score: the best dev score of each training, mean over seeds; None if one diverged.
        looks: validations, over its seeds and stages.
        seconds: of its trainings, with those that they began with.
        flops: likewise operations, with the teachers'; None if not known.
        joules: likewise energy.
    """

    values: Mapping[str, float]
    score: float | None
    looks: int
    seconds: float
    flops: float | None
    joules: float | None


@dataclass(frozen=True)
class Tuned:
    """What was chosen for an arm at a point of the grid.

    Attributes:
        arm: the arm's name.
        point: of the grid.
        values: the best trial's.
        trials: of the arm, in their order.
    """

    arm: str
    point: Point
    values: Mapping[str, float]
    trials: tuple[TrialResult, ...]

    def to_json(self) -> dict[str, Any]:
        """The values for a study's description; the grid's fields by name."""
        return {**asdict(self), "point": dict(self.point)}
