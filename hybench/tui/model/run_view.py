"""A run as the dashboard shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hybench.runs.notes import RunNotes
from hybench.runs.status import RunStatus


@dataclass(frozen=True)
class RunView:
    """A run in the dashboard.

    Attributes:
        name: unlike all others here: with its folder's name where any two have the same.
        status: where it is.
        looked: seconds since 1970 when that was so.
        badges: what is odd with it: ``NaN``, ``inf``, ``torn 2``, ``clock``.
        config: the values of its config.
        arm: what the runs of its arm share, as `hybench compare --group-seeds` has it; its folder
            where nothing was trained.
        notes: what people noted of it.
    """

    name: str
    status: RunStatus
    looked: float
    badges: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    arm: str = ""
    notes: RunNotes = field(default_factory=RunNotes)

    @property
    def path(self) -> Path:
        """Its folder."""
        return self.status.path

    def age(self, now: float) -> float | None:
        """Seconds since its last event."""
        age = self.status.age
        return None if age is None else max(0.0, age + now - self.looked)
