"""All runs under some folders: where each is, and the curves of those that are shown."""

from __future__ import annotations

import math
import os
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from hybench.errors import DataError, UsageError
from hybench.runs.notes import NOTES, RunNotes, read_notes
from hybench.runs.run import EVENTS, Run, find_runs, names_of
from hybench.runs.status import AT_WORK, RunStatus, RunWatch
from hybench.tui.model.history import History
from hybench.tui.model.journal import Journal
from hybench.tui.model.run_view import RunView
from hybench.wording.error_messages import what_and_do

BATCH = 25
"""Runs that are looked at before the first are shown."""

DISCOVER_EVERY = 0.01
"""Seconds between two searches for new runs, per known run: a search costs more with each.
"""

AT_ONCE = 500
"""Runs that are not at work and are looked at in one look; of more, the next look takes the next.
"""

MOST_HISTORIES = 96
"""Runs whose curves are kept; those shown longest ago are read again when shown."""


@dataclass
class WatchedRuns(Journal):
    """Runs that are looked at again and again; each look costs what is new.

    Attributes:
        paths: runs, folders of runs, or folders of studies.
        views: by folder, in the order of their names; replaced, never changed, as another thread
            than that which looks may read them.
        missing: of `paths`, those where there is nothing.
        at_work: folders of the runs that are at work.
    """

    paths: Sequence[Path]
    views: dict[Path, RunView] = field(default_factory=dict)
    missing: tuple[Path, ...] = ()
    at_work: set[Path] = field(default_factory=set)
    _known: dict[Path, RunView] = field(default_factory=dict)
    _turn: int = 0
    _watches: dict[Path, RunWatch] = field(default_factory=dict)
    _stamps: dict[Path, Stamp] = field(default_factory=dict)
    _histories: OrderedDict[Path, History] = field(default_factory=OrderedDict)
    _discovered: float = -math.inf

    def look(self, now: float | None = None) -> Iterator[list[RunView]]:
        """Look at every run that may have changed; yields those that were looked at, in batches."""
        self.now = now = time.time() if now is None else now
        if not 0 <= now - self._discovered < DISCOVER_EVERY * len(self._watches):
            self._discover()
            self._discovered = now
        found: list[RunView] = []
        for watch in self._next():
            path, stamp = watch.run.path, _stamp(watch.run)
            known = self._known.get(path)
            quiet = known is not None and known.status.state not in AT_WORK
            if quiet and stamp == self._stamps.get(path):
                continue
            self._stamps[path] = stamp
            found.append(self._look_at(watch, now))
            if len(found) >= BATCH:
                self.views = dict(self._known)
                yield found
                found = []
        if found:
            self.views = dict(self._known)
            yield found

    def _next(self) -> list[RunWatch]:
        """The runs to look at now: those that are new or at work, and the next others."""
        first, count = self._turn, max(1, len(self._watches))
        self._turn = (first + AT_ONCE) % count

        def due(at: int, path: Path) -> bool:
            known = self._known.get(path)
            if known is None or known.status.state in AT_WORK:
                return True
            return (at - first) % count < AT_ONCE

        return [watch for at, (path, watch) in enumerate(self._watches.items()) if due(at, path)]

    def history(self, path: Path) -> History | None:
        """What was read of a run's log so far."""
        return self._histories.get(path)

    def read(self, shown: Iterable[Path], now: float | None = None) -> bool:
        """Take in the next piece of the logs of the runs shown; returns whether more is there."""
        more = False
        for path in shown:
            if path not in self._watches:
                continue
            history = self._histories.setdefault(path, History(self._watches[path].run))
            self._histories.move_to_end(path)
            try:
                more |= history.read(now)
            except FileNotFoundError:
                continue  # a run without a log, or one that is gone, which its state says
            except OSError as error:
                self.log_of(path, what_and_do(error)[0], once="unreadable")
            self._check_log(path, history)
        while len(self._histories) > MOST_HISTORIES:
            self._histories.popitem(last=False)
        return more

    def _discover(self) -> None:
        self.missing = tuple(path for path in self.paths if not path.exists())
        for path in self.missing if len(self.paths) > 1 else ():
            if (path, "missing") not in self._logged:
                self._logged.add((path, "missing"))
                self.log(f"There is no folder {path}.")
        for path in self.paths:
            with suppress(UsageError, OSError):
                for run in find_runs([path], studies=True):
                    if run.path not in self._watches:
                        self._watches[run.path] = RunWatch(run)
        self.names = names_of(self._watches)
        for path, view in self._known.items():
            if view.name != self.names[path]:  # another run has that name now
                self._known[path] = replace(view, name=self.names[path])
                self.views = dict(self._known)

    def _look_at(self, watch: RunWatch, now: float) -> RunView:
        path = watch.run.path
        try:
            status = watch.look(now)
        except Exception as error:  # noqa: BLE001 - a damaged run must not end the others' watch
            self.log_of(path, what_and_do(error)[0], once="damaged")
            status = RunStatus(path.name, path, "?", "gone")
        before = self._known.get(path)
        arm = self._arm(watch, before)
        badges = self._badges(status, path)
        notes = self._notes(path)
        view = RunView(self.names[path], status, now, badges, watch.config, arm, notes)
        self._known[path] = view
        (self.at_work.add if status.state in AT_WORK else self.at_work.discard)(path)
        self.report(before, view)
        return view

    def _notes(self, path: Path) -> RunNotes:
        try:
            return read_notes(path)
        except DataError as error:
            self.log_of(path, error.what, once="notes")
            return RunNotes()

    @staticmethod
    def _arm(watch: RunWatch, before: RunView | None) -> str:
        if before is not None and before.config is watch.config and before.arm:
            return before.arm
        from hybench.comparison.members import Member

        member = Member(watch.run, watch.config)
        with suppress(Exception):  # of a damaged config; its state says so
            if member.trained:
                return member.method
        return str(watch.run.path)

    def _badges(self, status: RunStatus, path: Path) -> tuple[str, ...]:
        found = []
        if status.loss is not None and not math.isfinite(status.loss):
            found.append("NaN" if math.isnan(status.loss) else "inf")
        history = self._histories.get(path)
        torn = max(status.torn, history.torn if history else 0)
        if torn:
            found.append(f"torn {torn}")
        if history is not None and history.ahead:
            found.append("clock")
        return tuple(found)

    def _check_log(self, path: Path, history: History) -> None:
        """Report once what the whole log shows and its end did not."""
        view = self._known.get(path)
        if history.ahead:
            ahead = f"{history.ahead / 60:.0f} min"
            self.log_of(path, f"Its clock is {ahead} ahead of this machine's.", once="clock")
        if history.restarts:
            self.log_of(path, "Its log was started again.", once=f"anew {history.restarts}")
        if view is not None:
            badges = self._badges(view.status, path)
            if badges != view.badges:
                self.report(view, changed := replace(view, badges=badges))
                self._known[path] = changed
                self.views = dict(self._known)


Stamp = tuple[int, int, int] | None


def _stamp(run: Run) -> Stamp:
    """Changes when the run's log or its notes do; None if there is neither."""
    # Strings take a third of the time of paths, and there may be thousands of runs.
    try:
        noted = os.stat(f"{run.path}/{NOTES}").st_mtime_ns  # noqa: PTH116
    except OSError:
        noted = 0
    try:
        found = os.stat(f"{run.path}/{EVENTS}")  # noqa: PTH116
    except OSError:
        # A run without a log, such as BM25's, is gone when its config is.
        gone = not run.config_file.exists()
        return (-1, -1, noted) if gone or noted else None
    return found.st_size, found.st_mtime_ns, noted
