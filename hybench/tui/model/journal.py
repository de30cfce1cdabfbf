"""The lines of the log panel: what has happened to runs, and commands of what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hybench.alerts.watch import new_state
from hybench.tui.model.run_view import RunView

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


@dataclass(kw_only=True)
class Journal:
    """What has happened.

    Attributes:
        notices: what went wrong, and commands of what was written; the last at the end.
        stopped: runs that were stopped from here.
        now: the time of the next lines, in seconds since 1970.
        names: of the runs, by their folders.
    """

    notices: list[Notice] = field(default_factory=list)
    stopped: set[Path] = field(default_factory=set)
    now: float = 0.0
    names: Mapping[Path, str] = field(default_factory=dict)
    _logged: set[tuple[Path, str]] = field(default_factory=set)

    @property
    def wrong(self) -> int:
        """How many lines of the log say that something went wrong."""
        return sum(notice.wrong for notice in self.notices)

    def log(self, text: str, run: str = "", *, wrong: bool = True) -> None:
        """Add a line to the log panel, but never the same line twice in a row."""
        if self.notices and (self.notices[-1].run, self.notices[-1].text) == (run, text):
            return
        self.notices.append(Notice(self.now, run, text, wrong))
        del self.notices[:-MOST_LINES]

    def log_of(self, path: Path, text: str, once: str = "", *, wrong: bool = True) -> None:
        """Add a line on a run; where `once` names what it is about, only the first of these."""
        if once:
            if (path, once) in self._logged:
                return
            self._logged.add((path, once))
        self.log(text, self.names.get(path, path.name), wrong=wrong)

    def report(self, before: RunView | None, view: RunView) -> None:
        """Add lines on how a run has changed since the last look."""
        old = () if before is None else before.badges
        for badge in view.badges:
            if badge not in old:
                said = _BADGES.get(
                    badge, f"Lines of its log that are not events: {badge.removeprefix('torn ')}."
                )
                if said:
                    self.log_of(view.path, said)
        state = new_state(None if before is None else before.status, view.status)
        if state == "gone":
            self.log_of(view.path, "Its folder is gone.")
        elif state in {"failed", "stalled"}:
            self.log_of(view.path, f"It {state}. {view.status.reason}".strip())
        elif state is not None and before is not None:
            expected = state != "interrupted" or view.path in self.stopped
            self.log_of(view.path, f"It is {state}.", wrong=not expected)
            if state == "interrupted":
                self.stopped.discard(view.path)
