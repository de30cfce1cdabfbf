"""All runs under some folders: where each is, and the curves of those that are shown."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hybench.errors import DataError, UsageError
from hybench.runs.notes import NOTES, RunNotes, read_notes
from hybench.runs.run import Run, find_runs, names_of
from hybench.runs.status import AT_WORK, RunStatus, RunWatch
from hybench.tui.model.history import History
from hybench.wording.error_messages import what_and_do

BATCH = 25
"""Runs that are looked at before the first are shown."""

DISCOVER_EVERY = 0.01
"""Seconds between two searches for new runs, per known run: a search costs more with each.
"""

MOST_HISTORIES = 96
"""Runs whose curves are kept; those shown longest ago are read again when shown."""

MOST_LINES = 500
"""Lines of the log panel."""

_BADGES = {"NaN": "Its loss is NaN.", "inf": "Its loss is infinite.", "clock": ""}
"""What the log says of a badge."""


@dataclass(frozen=True)
class Notice:
    """A line of the log panel.

    Attributes:
        time: seconds since 1970.
        run: name of the run it is about, if any.
        text: the line.
        wrong: whether something went wrong.
    """

    time: float
    run: str
    text: str
    wrong: bool = True


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


@dataclass
class WatchedRuns:
    """Runs that are looked at again and again; each look costs what is new.

    Attributes:
        paths: runs, folders of runs, or folders of studies.
        views: by folder, in the order of their names.
        notices: what went wrong, and commands of what was written; the last at the end.
        stopped: runs that were stopped from here.
        missing: of `paths`, those where there is nothing.
    """

    paths: Sequence[Path]
    views: dict[Path, RunView] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    stopped: set[Path] = field(default_factory=set)
    missing: tuple[Path, ...] = ()
    _watches: dict[Path, RunWatch] = field(default_factory=dict)
    _stamps: dict[Path, Stamp] = field(default_factory=dict)
    _histories: OrderedDict[Path, History] = field(default_factory=OrderedDict)
    _logged: set[tuple[Path, str]] = field(default_factory=set)
    _names: dict[Path, str] = field(default_factory=dict)
    _discovered: float = -math.inf
    _now: float = 0.0

    def look(self, now: float | None = None) -> Iterator[list[RunView]]:
        """Look at every run that may have changed; yields those that were looked at, in batches."""
        self._now = now = time.time() if now is None else now
        if not 0 <= now - self._discovered < DISCOVER_EVERY * len(self._watches):
            self._discover()
            self._discovered = now
        found: list[RunView] = []
        for path, watch in list(self._watches.items()):
            stamp = _stamp(watch.run)
            known = self.views.get(path)
            quiet = known is not None and known.status.state not in AT_WORK
            if quiet and stamp == self._stamps.get(path):
                continue
            self._stamps[path] = stamp
            found.append(self._look_at(watch, now))
            if len(found) >= BATCH:
                yield found
                found = []
        if found:
            yield found

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
                self._log(path, what_and_do(error)[0], once="unreadable")
            self._check_log(path, history)
        while len(self._histories) > MOST_HISTORIES:
            self._histories.popitem(last=False)
        return more

    @property
    def wrong(self) -> int:
        """How many lines of the log say that something went wrong."""
        return sum(notice.wrong for notice in self.notices)

    def log(self, text: str, run: str = "", *, wrong: bool = True) -> None:
        """Add a line to the log panel, but never the same line twice in a row."""
        if self.notices and (self.notices[-1].run, self.notices[-1].text) == (run, text):
            return
        self.notices.append(Notice(self._now, run, text, wrong))
        del self.notices[:-MOST_LINES]

    def _discover(self) -> None:
        self.missing = tuple(path for path in self.paths if not path.exists())
        for path in self.missing if len(self.paths) > 1 else ():
            if (path, "missing") not in self._logged:
                self._logged.add((path, "missing"))
                self.log(f"There is no folder {path}.")
        for path in self.paths:
            with suppress(UsageError, OSError):
                for run in find_runs([path], studies=True):
                    self._watches.setdefault(run.path, RunWatch(run))
        self._names = names_of(self._watches)

    def _look_at(self, watch: RunWatch, now: float) -> RunView:
        path = watch.run.path
        try:
            status = watch.look(now)
        except Exception as error:  # noqa: BLE001 - a damaged run must not end the others' watch
            self._log(path, what_and_do(error)[0], once="damaged")
            status = RunStatus(path.name, path, "?", "gone")
        before = self.views.get(path)
        arm = self._arm(watch, before)
        badges = self._badges(status, path)
        notes = self._notes(path)
        view = RunView(self._names[path], status, now, badges, watch.config, arm, notes)
        self.views[path] = view
        self._report(before, view)
        return view

    def _notes(self, path: Path) -> RunNotes:
        try:
            return read_notes(path)
        except DataError as error:
            self._log(path, error.what, once="notes")
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
        view = self.views.get(path)
        if history.ahead:
            ahead = f"{history.ahead / 60:.0f} min"
            self._log(path, f"Its clock is {ahead} ahead of this machine's.", once="clock")
        if history.restarts:
            self._log(path, "Its log was started again.", once=f"anew {history.restarts}")
        if view is not None:
            badges = self._badges(view.status, path)
            if badges != view.badges:
                self._report(view, changed := replace(view, badges=badges))
                self.views[path] = changed

    def _report(self, before: RunView | None, view: RunView) -> None:
        """Report how a run has changed since the last look."""
        old = () if before is None else before.badges
        for badge in view.badges:
            if badge not in old:
                said = _BADGES.get(
                    badge, f"Lines of its log that are not events: {badge.removeprefix('torn ')}."
                )
                if said:
                    self._log(view.path, said)
        state = view.status.state
        was = "" if before is None else before.status.state
        if state != was and state == "gone":
            self._log(view.path, "Its folder is gone.")
        elif state != was and state in {"failed", "stalled"}:
            self._log(view.path, f"It {state}. {view.status.reason}".strip())
        elif before is not None and state != was:
            expected = state != "interrupted" or view.path in self.stopped
            self._log(view.path, f"It is {state}.", wrong=not expected)
            if state == "interrupted":
                self.stopped.discard(view.path)

    def _log(self, path: Path, text: str, once: str = "", *, wrong: bool = True) -> None:
        if once:
            if (path, once) in self._logged:
                return
            self._logged.add((path, once))
        self.log(text, self._names.get(path, path.name), wrong=wrong)


Stamp = tuple[int, int, int] | None


def _stamp(run: Run) -> Stamp:
    """Changes when the run's log or its notes do; None if there is neither."""
    try:
        noted = (run.path / NOTES).stat().st_mtime_ns
    except OSError:
        noted = 0
    try:
        found = run.events_file.stat()
    except OSError:
        # A run without a log, such as BM25's, is gone when its config is.
        gone = not run.config_file.exists()
        return (-1, -1, noted) if gone or noted else None
    return found.st_size, found.st_mtime_ns, noted
