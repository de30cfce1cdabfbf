"""What has happened to runs between two looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hybench.runs.status import RunStatus

KINDS = ("failed", "stalled", "interrupted", "collapse", "language", "done")
"""What can be told of a run: states that begin, and the alarms of `hybench.training.alarms`."""

WRONG = frozenset(KINDS) - {"done"}

_STATES = {
    "failed": "has failed",
    "stalled": "has stalled: it lives, and logs nothing",
    "interrupted": "was interrupted",
    "done": "is done",
}


@dataclass(frozen=True)
class Alert:
    """Something that has happened to a run.

    Attributes:
        kind: of `KINDS`.
        run: its name.
        folder: of the run.
        text: what has happened, in a sentence.
        step: steps that the run had done.
    """

    kind: str
    run: str
    folder: Path
    text: str
    step: int


class AlertWatch:
    """Finds what has happened since the last look; what was before the first is not told.

    Args:
        kinds: what to tell, of `KINDS`.
    """

    def __init__(self, kinds: Sequence[str] = KINDS) -> None:
        self._kinds = frozenset(kinds)
        self._before: dict[Path, RunStatus] | None = None

    def take(self, found: Sequence[RunStatus]) -> tuple[Alert, ...]:
        """What has happened to runs since they were looked at last.

        A run that has appeared since, and has ended already, counts as one that ended.

        Args:
            found: the runs' states now.
        """
        before, self._before = self._before, {one.path: one for one in found}
        if before is None:
            return ()
        alerts = (alert for one in found for alert in _new(before.get(one.path), one))
        return tuple(alert for alert in alerts if alert.kind in self._kinds)


def _new(before: RunStatus | None, now: RunStatus) -> Iterator[Alert]:
    """What has happened to a run."""
    old = () if before is None else before.alarms
    for alarm in now.alarms:
        if alarm not in old:
            yield Alert(alarm.kind, now.name, now.path, alarm.text, alarm.step)
    if now.state in _STATES and (before is None or before.state != now.state):
        reason = now.reason if now.state in {"failed", "interrupted"} else ""
        text = f"{now.name} {_STATES[now.state]}" + (f": {reason}" if reason else ".")
        yield Alert(now.state, now.name, now.path, text, now.step)
