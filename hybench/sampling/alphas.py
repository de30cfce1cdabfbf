"""α, the share of monolingual batches, by batch number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hybench.config.alpha import AlphaSchedule

CONSTANT = AlphaSchedule()


class Alphas:
    """α of every batch: a pure function of its number, and of what validations have decided.

    Args:
        start: α where the schedule does not say otherwise.
        schedule: how it changes.
        steps: of the training; a linear schedule reaches its end there, and stays.
        accumulation: batches in a step.
    """

    def __init__(
        self,
        start: float,
        schedule: AlphaSchedule = CONSTANT,
        steps: int = 0,
        accumulation: int = 1,
    ) -> None:
        self._start = start
        self._schedule = schedule
        self._steps = steps
        self._accumulation = accumulation
        self._turns = list(schedule.turns)

    def decide(self, decisions: Sequence[tuple[int, float]]) -> int:
        """Take what validations decided: steps after which α has another value, in their order.

        Returns:
            The number of the first batch whose α this may have changed.
        """
        turns = [(step + 1, alpha) for step, alpha in decisions]
        same = 0
        for old, new in zip(self._turns, turns, strict=False):
            if old != new:
                break
            same += 1
        changed = [step for step, _ in (*self._turns[same:], *turns[same:])]
        self._turns = turns
        return (min(changed, default=1) - 1) * self._accumulation

    def of(self, batches: NDArray[np.int64]) -> NDArray[np.float64]:
        """α of batches, float64 [m], by their numbers, int64 [m]."""
        steps = batches // self._accumulation + 1
        if self._schedule.kind == "linear":
            low, high = self._schedule.ends
            done = np.minimum(steps - 1, max(1, self._steps - 1)) / max(1, self._steps - 1)
            return low + (high - low) * done
        turns = np.array([step for step, _ in self._turns], dtype=np.int64)
        values = np.array([self._start, *(alpha for _, alpha in self._turns)], dtype=np.float64)
        taken: NDArray[np.float64] = values[np.searchsorted(turns, steps, side="right")]
        return taken

    @property
    def range(self) -> tuple[float, float]:
        """The smallest and the largest value that it may have."""
        if self._schedule.kind == "dev":
            return 0.0, 1.0
        values = self._schedule.values
        unused = self._schedule.kind == "linear" or (
            self._schedule.kind == "steps" and self._schedule.turns[0][0] == 1
        )
        every = values if unused else (self._start, *values)
        return min(every), max(every)
