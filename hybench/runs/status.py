"""How far each run is, read from what it wrote: the model behind every view of live runs.

Of an event log only the end is read, and from then on what was appended.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from hybench.errors import DataError, UsageError
from hybench.files.locks import is_held, may_be_held_elsewhere
from hybench.runs.events import parse_event, read_events
from hybench.runs.log_end import LogSoFar, number
from hybench.runs.run import LOCK, Run, find_runs, names_of
from hybench.wording.commands import RUNS_DIR, command, named

TAIL = 1 << 14
"""Bytes at the end of a log not looked at before that are read; more where a line is long."""

MOST_LOOK_BACK = 1 << 23
"""Bytes before them that are searched for the last validation."""

ELSEWHERE: Literal["live elsewhere?"] = "live elsewhere?"
"""The state of a run that somebody was just at work on, though nobody on this machine is."""

State = Literal["running", "stalled", "live elsewhere?", "interrupted", "failed", "done", "gone"]

AT_WORK: frozenset[State] = frozenset({"running", "stalled", ELSEWHERE})
"""The states of runs that change without anybody here doing anything."""


@dataclass(frozen=True)
class RunStatus:
    """Where a run is.

    Attributes:
        name: the run's name.
        path: its folder.
        kind: what its config says: ``train``, ``bm25``.
        state: ``running``; ``stalled``, at work but silent for long; ``live elsewhere?``, as a copy
            of a run at work looks, or one on a disk that several machines share; ``interrupted``,
            unfinished and nobody at work; ``failed``; ``done``; ``gone``, with its folder.
        step: optimiser steps done.
        steps: those asked for; None where that is not known.
        steps_per_second: over the last steps that were logged, without validations; None before
            there are any.
        seconds_left: at that rate, and with the validations to come each as long as the last;
            None where the run is not at work.
        loss: of the last step; NaN where it was.
        score: of the last validation.
        age: seconds since the last event, never below 0; None before the first.
        reason: what is wrong with its config; else why it failed or was interrupted, or its last
            alarm.
        torn: lines that were no event, of those read.
    """

    name: str
    path: Path
    kind: str
    state: State
    step: int = 0
    steps: int | None = None
    steps_per_second: float | None = None
    seconds_left: float | None = None
    loss: float | None = None
    score: float | None = None
    age: float | None = None
    reason: str = ""
    torn: int = 0


def how_to_finish(run: Run) -> str:
    """What to do about a run whose training is not finished: a command, or to wait."""
    if is_held(run.path / LOCK):
        return "It is being trained: wait for it."
    if RunWatch(run).look().state == ELSEWHERE:
        return "It may be in training on another machine: wait for it."
    return (
        f"Finish its training: {command('train', '--resume', '--name', named(run.path, RUNS_DIR))}."
    )


class RunWatch:
    """Looks at one run again and again; each look reads what is new."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._config: dict[str, Any] = {}
        self._fault = ""
        self._log: LogSoFar | None = None

    def look(self, now: float | None = None) -> RunStatus:
        """Where the run is now.

        Args:
            now: seconds since 1970; None asks the clock.
        """
        there = True
        try:
            self._read()
        except (OSError, UsageError):
            there = self.run.config_file.is_file()
        log = self._log or LogSoFar()
        age = None
        if log.time is not None:
            age = max(0.0, (time.time() if now is None else now) - log.time)
        kind = str(self._config.get("kind", "train" if not self._fault or log.step else ""))
        state = self._state(kind, log, age) if there else "gone"
        steps = number(self._config.get("steps"))
        left = None
        if state == "running" and steps is not None and log.rate is not None:
            left = (
                max(0.0, (steps - log.step) / log.rate) + self._validations(steps) * log.validation
            )
        return RunStatus(
            name=self.run.name,
            path=self.run.path,
            kind=kind,
            state=state,
            step=log.step,
            steps=None if steps is None else int(steps),
            steps_per_second=log.rate,
            seconds_left=left,
            loss=log.loss,
            score=log.score,
            age=age,
            reason=self._fault or log.reason,
            torn=log.torn,
        )

    def _validations(self, steps: float) -> int:
        """How many validations are to come; the last step has one in any case."""
        every = number(self._config.get("validate_every")) or 0
        step = self._log.step if self._log else 0
        if every < 1 or step >= steps:
            return 0
        return math.ceil(steps / every) - int(step // every)

    def _state(self, kind: str, log: LogSoFar, age: float | None) -> State:
        if log.last in {"done", "failed"}:
            return "done" if log.last == "done" else "failed"
        if kind != "train":
            return "done"
        lock = self.run.path / LOCK
        if not is_held(lock):
            fresh = log.last != "interrupted" and age is not None and age <= log.freshness
            return ELSEWHERE if fresh and may_be_held_elsewhere(lock) else "interrupted"
        return "stalled" if age is not None and age > log.patience else "running"

    def _read(self) -> None:
        """Take in what is new in the run's folder.

        Raises:
            OSError: something vanished, or cannot be read.
            UsageError: there is no run any more.
        """
        head, size = _head(self.run.events_file)
        log = self._log
        if not (log and log.head and head.startswith(log.head) and log.offset <= size):
            # One that was begun anew is another run.
            self._config = self._read_config()
            log = LogSoFar()
        log.head = head
        path, begin = self.run.events_file, log.offset
        skipped = size - begin > TAIL
        log.offset = _line_start(path, size - TAIL) if skipped else begin
        read, length = read_events(path, log.offset), TAIL
        while skipped and not read.events and length < size - begin:
            length *= 8
            log.offset = _line_start(path, max(begin, size - length))
            read = read_events(path, log.offset)
        if skipped and not any(event["event"] == "validation" for event in read.events):
            self._take_last_validation(log, len(read.events))
        for event in read.events:
            log.take(event)
        log.offset, log.torn = read.offset, log.torn + read.torn
        self._log = log

    def _read_config(self) -> dict[str, Any]:
        self._fault = ""
        try:
            return self.run.read_config()
        except DataError as error:
            self._fault = error.what
            return {}

    def _take_last_validation(self, log: LogSoFar, events: int) -> None:
        """Take in the last validation before where the log is read, if one is near.

        Args:
            log: what is known; its offset is that place.
            events: how many events follow from there.
        """
        end = log.offset
        every, logged = (number(self._config.get(f"{name}_every")) for name in ("validate", "log"))
        apart = (every or 0) / max(1, logged or 1)
        most = min(end, MOST_LOOK_BACK, int(2 * apart * TAIL / max(1, events)))
        size = min(TAIL, most)
        while size:
            with self.run.events_file.open("rb") as file:
                file.seek(end - size)
                data = file.read(size)
            at = data.rfind(b'"event": "validation"')
            begin = data.rfind(b"\n", 0, max(0, at)) + 1
            if at >= 0 and (begin or size == end):
                line = parse_event(data[begin : data.find(b"\n", at)])
                if line is not None:
                    log.take_validation(line)
                return
            size = 0 if size == most else min(most, 4 * size)


def _head(path: Path) -> tuple[bytes, int]:
    """How a log begins, which the time in its first event makes its own, and its size in bytes."""
    try:
        with path.open("rb") as file:
            return file.read(64), os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return b"", 0


def _line_start(path: Path, offset: int) -> int:
    """The place after the first line's end from the byte before `offset` on."""
    if offset == 0:
        return 0
    with path.open("rb") as file:
        file.seek(offset - 1)
        return offset + len(file.readline()) - 1


class StatusBoard:
    """Looks at many runs again and again; those that come are found, those that go are told.

    Args:
        paths: runs, or folders of runs or studies.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = list(paths)
        self._watches: dict[Path, RunWatch] = {}

    def look(self, now: float | None = None) -> list[RunStatus]:
        """Where the runs are now, in the order of `find_runs`; those that are gone come last.

        Raises:
            UsageError: there are no runs, and there never were.
        """
        try:
            found = find_runs(self._paths, studies=True)
        except UsageError:
            if not self._watches:
                raise
            found = []
        for run in found:
            self._watches.setdefault(run.path, RunWatch(run))
        paths = dict.fromkeys([*(run.path for run in found), *self._watches])
        names = names_of(paths)
        return [replace(self._watches[path].look(now), name=names[path]) for path in paths]
