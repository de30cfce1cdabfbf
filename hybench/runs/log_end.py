"""The state of a training by the end of its event log: step, rate, scores."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hybench.runs.events import Event

STALLED_AFTER = 600.0
"""Seconds without an event after which a live run is stalled; more if it logs seldom."""

FRESH_FOR = 60.0
"""Seconds after an event in which a run counts as live; more if it logs seldom."""


MOST_ALARMS = 64
"""Alarms of a run that are kept, the last ones."""


@dataclass(frozen=True)
class LoggedAlarm:
    """An alarm in a log.

    Attributes:
        kind: as `hybench.training.alarms` names it.
        step: of the validation at which it was raised.
        text: what happened.
    """

    kind: str
    step: int
    text: str


@dataclass
class LogState:
    """The state of a training by the events of its log that were read so far."""

    head: bytes = b""
    offset: int = 0
    torn: int = 0
    last: str = ""
    time: float | None = None
    step: int = 0
    loss: float | None = None
    score: float | None = None
    reason: str = ""
    validation: float = 0.0
    validations: float = 0.0
    alarms: deque[LoggedAlarm] = field(default_factory=lambda: deque(maxlen=MOST_ALARMS))
    rate_before: float | None = None
    seen: deque[tuple[int, float, float]] = field(default_factory=lambda: deque(maxlen=200))

    def take(self, event: Event) -> None:
        """Update the state by one event; values of a wrong type are ignored."""
        self.last = event["event"]
        self.time = number(event.get("time"), self.time)
        self.reason = str(event.get("reason", event.get("text", ""))) or self.reason
        # A teacher's steps are its own.
        step = None if self.last == "teacher" else number(event.get("step"))
        if step is not None:
            self.step = int(step)
        if self.last == "start":
            self.rate_before = self.rate
            self.seen.clear()
            self.reason = ""
        elif self.last == "step":
            loss = event.get("loss")
            self.loss = loss if isinstance(loss, float) else number(loss)
            seconds = number(event.get("seconds"))
            if step is not None and seconds is not None and self.time is not None:
                self.seen.append((self.step, seconds - self.validations, self.time))
        elif self.last == "alarm":
            text = str(event.get("text", ""))
            self.alarms.append(LoggedAlarm(str(event.get("kind", "")), self.step, text))
        elif self.last == "validation":
            self.take_validation(event)
            self.validations += self.validation

    def take_validation(self, event: Event) -> None:
        """Update score and duration of the last validation."""
        self.score = number(event.get("score"))
        self.validation = number(event.get("seconds")) or 0.0

    @property
    def rate(self) -> float | None:
        """Steps per second since training started or resumed, or before if that is too recent."""
        if len(self.seen) < 2:
            return self.rate_before
        (first, begun, _), (last, ended, _) = self.seen[0], self.seen[-1]
        return (last - first) / (ended - begun) if last > first and ended > begun else None

    @property
    def patience(self) -> float:
        """Seconds without an event after which a live run is stalled."""
        return max(STALLED_AFTER, self._gap)

    @property
    def freshness(self) -> float:
        """Seconds after an event in which a run is likely to be live still."""
        return max(FRESH_FOR, self._gap)

    @property
    def _gap(self) -> float:
        """Ten times the longest interval between two events."""
        times = [logged for _, _, logged in self.seen]
        return 10 * max((later - sooner for sooner, later in pairwise(times)), default=0.0)


def number(value: Any, otherwise: float | None = None) -> float | None:
    """A finite number as float; `otherwise` for anything else."""
    if isinstance(value, (int, float)) and abs(value) < 1e300:
        return float(value)
    return otherwise
