"""The whole log of a run, read piece by piece and then only what was appended."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass, field
from threading import Lock

from hybench.runs.events import Event, parse_event
from hybench.runs.run import Run
from hybench.tui.draw.arrays import Floats
from hybench.tui.draw.curves import Curve, curve_of
from hybench.tui.model.series import Buckets

PIECE = 1 << 18
"""Bytes of a log that are read at once: a few milliseconds of parsing."""

MOST_MARKS = 2048
"""Validations and alarms of a run that are kept, the last ones."""

SKEW = 60.0
"""Seconds that an event may lie in the future before a clock is called wrong."""


@dataclass(frozen=True)
class Validation:
    """One look at the dev set.

    Attributes:
        step: when.
        score: its score, NaN where it has none.
        scores: nDCG@10 by set, setting and language.
    """

    step: float
    score: float
    scores: dict[str, dict[str, dict[str, float]]]


@dataclass(frozen=True)
class Alarm:
    """Something that training found odd."""

    step: float
    text: str


@dataclass
class History:
    """One run's curves; `read` takes in the next piece of its log, in a thread of its own.

    Attributes:
        run: whose.
        steps: its step events.
        validations: in their order.
        alarms: in their order.
        torn: lines that were not events.
        ahead: seconds that its last event lies in the future, 0 where it does not.
        restarts: how often the log was replaced by a new one.
        version: counts what was taken in, so that a view knows when to draw again.
    """

    run: Run
    steps: Buckets = field(default_factory=Buckets)
    validations: list[Validation] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    torn: int = 0
    ahead: float = 0.0
    restarts: int = 0
    version: int = 0
    _offset: int = 0
    _head: bytes = b""
    _rest: bytes = b""
    _lock: Lock = field(default_factory=Lock)

    def read(self, now: float | None = None) -> bool:
        """Take in the next piece; returns whether more is there.

        Raises:
            OSError: the log vanished or cannot be read; what was read of it stays.
        """
        with self.run.events_file.open("rb") as file:
            head, size = file.read(64), os.fstat(file.fileno()).st_size
            if not head.startswith(self._head) or size < self._offset:
                self._clear()
            self._head = head
            file.seek(self._offset)
            data = file.read(PIECE)
        with self._lock:
            self._take_in(data, time.time() if now is None else now)
        return self._offset < size

    def _take_in(self, data: bytes, now: float) -> None:
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            event = parse_event(line)
            if event is not None:
                self._take(event, now)
            else:
                self.torn += bool(line.strip())
        self.version += bool(lines)

    def curve(self, name: str, axis: str) -> Curve:
        """A series of step events, or ``score`` of validations."""
        with self._lock:
            if name != "score":
                return self.steps.curve(name, axis)
            points = self.validations
            x = self.steps.place([each.step for each in points], axis)
        return curve_of(x.tolist(), [each.score for each in points])

    def validated(self) -> dict[str, tuple[str, ...]]:
        """Settings by set, of all validations."""
        with self._lock:
            found: dict[str, dict[str, None]] = {}
            for each in self.validations:
                for name, settings in each.scores.items():
                    found.setdefault(name, {}).update(dict.fromkeys(settings))
        return {name: tuple(settings) for name, settings in found.items()}

    def language_curves(self, name: str, setting: str) -> dict[str, Curve]:
        """Dev scores over steps, language by language, of one set in one setting."""
        points: dict[str, tuple[list[float], list[float]]] = {}
        with self._lock:
            for each in self.validations:
                for code, score in each.scores.get(name, {}).get(setting, {}).items():
                    steps, scores = points.setdefault(code, ([], []))
                    steps.append(each.step)
                    scores.append(score)
        return {code: curve_of(*pair) for code, pair in points.items()}

    def alarm_places(self, axis: str) -> Floats:
        """Where its alarms stand."""
        with self._lock:
            return self.steps.place([each.step for each in self.alarms], axis)

    def _clear(self) -> None:
        self.steps, self.validations, self.alarms = Buckets(), [], []
        self._offset, self._rest, self.torn = 0, b"", 0
        self.restarts += 1

    def _take(self, event: Event, now: float) -> None:
        kind, step = event["event"], event.get("step")
        when = event.get("time")
        if isinstance(when, (int, float)) and math.isfinite(when):
            self.ahead = max(0.0, when - now) if when - now > SKEW else 0.0
        if kind == "step":
            self.steps.take(event)
        elif isinstance(step, (int, float)) and kind == "validation":
            self._drop_after(step)
            self.validations.append(Validation(step, _score(event), _scores(event.get("scores"))))
            del self.validations[:-MOST_MARKS]
        elif isinstance(step, (int, float)) and kind in {"alarm", "failed"}:
            self.alarms.append(Alarm(step, str(event.get("text", event.get("reason", "")))))
            del self.alarms[:-MOST_MARKS]
        elif isinstance(step, (int, float)) and kind == "start":
            self._drop_after(step + 1)

    def _drop_after(self, step: float) -> None:
        """Forget what a resumed training repeats."""
        while self.validations and self.validations[-1].step >= step:
            self.validations.pop()
        while self.alarms and self.alarms[-1].step > step:
            self.alarms.pop()


def _score(event: Event) -> float:
    score = event.get("score")
    return float(score) if isinstance(score, (int, float)) else math.nan


def _scores(value: object) -> dict[str, dict[str, dict[str, float]]]:
    """Scores by set, setting and language; what is of another form is left out."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, settings in value.items() if isinstance(value, dict) else ():
        for setting, by_language in settings.items() if isinstance(settings, dict) else ():
            if isinstance(by_language, dict):
                numbers = {
                    str(language): float(score)
                    for language, score in by_language.items()
                    if isinstance(score, (int, float))
                }
                found.setdefault(str(name), {})[str(setting)] = numbers
    return found
