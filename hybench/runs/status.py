"""The status of runs, read from their files: the model of every view of live runs.

At first only the end of an event log is read, then what was appended.
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
from hybench.runs.log_end import LoggedAlarm, LogState, number
from hybench.runs.run import LOCK, Run, find_runs, names_of
from hybench.wording.commands import RUNS_DIR, command, named

TAIL = 1 << 14
"""Bytes read at the end of a new log; more if a line is long."""

MOST_LOOK_BACK = 1 << 23
"""Bytes before these that are searched for the last validation."""

ELSEWHERE: Literal["live elsewhere?"] = "live elsewhere?"
"""The state of a run with recent events but no live process on this machine."""

State = Literal["running", "stalled", "live elsewhere?", "interrupted", "failed", "done", "gone"]

AT_WORK: frozenset[State] = frozenset({"running", "stalled", ELSEWHERE})
"""The states of runs that may change without a command here."""


@dataclass(frozen=True)
class RunStatus:
    """The status of a run.

    Attributes:
        name: the run's name.
        path: its folder.
        kind: the kind in its config: ``train``, ``bm25``.
        state: ``running``; ``stalled``, live but long without an event; ``live elsewhere?``, a copy
            of a live run, or a run on a disk that several machines share; ``interrupted``,
            unfinished and not live; ``failed``; ``done``; ``gone``, deleted with its folder.
        step: optimiser steps done.
        steps: those requested; None where unknown.
        steps_per_second: over the last logged steps, without validations; None before there are
            any.
        seconds_left: at that rate, with each remaining validation as long as the last; None where
            the run is not live.
        loss: of the last step; may be NaN.
        score: of the last validation.
        age: seconds since the last event, never below 0; None before the first.
        reason: what is wrong with its config; else why it failed or was interrupted, or its last
            alarm.
        torn: lines read that are not events.
        alarms: the last ones that were read, in their order.
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
    alarms: tuple[LoggedAlarm, ...] = ()


def how_to_finish(run: Run) -> str:
    """Advice for a run whose training is not finished: a command, or to wait."""
    if is_held(run.path / LOCK):
        return "It is being trained: wait for it."
    if RunWatch(run).look().state == ELSEWHERE:
        return "It may be in training on another machine: wait for it."
    return (
        f"Finish its training: {command('train', '--resume', '--name', named(run.path, RUNS_DIR))}."
    )


class RunWatch:
    """Watches one run; each look reads only what is new."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._config: dict[str, Any] = {}
        self._fault = ""
        self._log: LogState | None = None

    @property
    def config(self) -> dict[str, Any]:
        """The values of its config as the last look found them; empty where they cannot be read."""
        return self._config

    def look(self, now: float | None = None) -> RunStatus:
        """The status of the run now.

        Args:
            now: seconds since 1970; None for the clock's time.
        """
        there = True
        try:
            self._read()
        except (OSError, UsageError):
            there = self.run.config_file.is_file()
        log = self._log or LogState()
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
            alarms=tuple(log.alarms),
        )

    def _validations(self, steps: float) -> int:
        """The number of remaining validations; the last step always has one."""
        every = number(self._config.get("validate_every")) or 0
        step = self._log.step if self._log else 0
        if every < 1 or step >= steps:
            return 0
        return math.ceil(steps / every) - int(step // every)

    def _state(self, kind: str, log: LogState, age: float | None) -> State:
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
        """Read what is new in the run's folder.

        Raises:
            OSError: a file vanished, or cannot be read.
            UsageError: the run no longer exists.
        """
        head, size = _head(self.run.events_file)
        log = self._log
        if not (log and log.head and head.startswith(log.head) and log.offset <= size):
            # A log that was started anew is another run's.
            self._config = self._read_config()
            log = LogState()
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

    def _take_last_validation(self, log: LogState, events: int) -> None:
        """Read the last validation before the log's offset, if one is near.

        Args:
            log: the state so far, with that offset.
            events: how many events follow the offset.
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
    """The head of a log, which the time in its first event makes unique, and its size in bytes."""
    try:
        with path.open("rb") as file:
            return file.read(64), os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return b"", 0


def _line_start(path: Path, offset: int) -> int:
    """The start of the first whole line at or after `offset`."""
    if offset == 0:
        return 0
    with path.open("rb") as file:
        file.seek(offset - 1)
        return offset + len(file.readline()) - 1


class StatusBoard:
    """Watches many runs; new ones are added, deleted ones are reported as gone.

    Args:
        paths: runs, or folders of runs or studies.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = list(paths)
        self._watches: dict[Path, RunWatch] = {}

    def look(self, now: float | None = None) -> list[RunStatus]:
        """The status of the runs now, in the order of `find_runs`; those that are gone come last.

        Raises:
            UsageError: there are no runs, now or before.
        """
        try:
            current = find_runs(self._paths, studies=True)
        except UsageError:
            if not self._watches:
                raise
            current = []
        for run in current:
            self._watches.setdefault(run.path, RunWatch(run))
        paths = dict.fromkeys([*(run.path for run in current), *self._watches])
        names = names_of(paths)
        return [replace(self._watches[path].look(now), name=names[path]) for path in paths]
