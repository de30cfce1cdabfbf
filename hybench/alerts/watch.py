"""What has happened to runs between two looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hybench.runs.status import RunStatus, State

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
            found: the states of runs that were looked at; the others are as they were.
        """
        before, self._before = self._before, dict(self._before or ())
        self._before |= {one.path: one for one in found}
        if before is None:
            return ()
        alerts = (alert for one in found for alert in _new(before.get(one.path), one))
        return tuple(alert for alert in alerts if alert.kind in self._kinds)


def new_state(before: RunStatus | None, now: RunStatus) -> State | None:
    """The state that a run has come into since the look before; None where it was in it then."""
    return None if before is not None and before.state == now.state else now.state


def _new(before: RunStatus | None, now: RunStatus) -> Iterator[Alert]:
    """What has happened to a run."""
    old = () if before is None else before.alarms
    for alarm in now.alarms:
        if alarm not in old:
            yield Alert(alarm.kind, now.name, now.path, alarm.text, alarm.step)
    state = new_state(before, now)
    if state in _STATES:
        reason = now.reason if now.state in {"failed", "interrupted"} else ""
        text = f"{now.name} {_STATES[state]}" + (f": {reason}" if reason else ".")
        yield Alert(state, now.name, now.path, text, now.step)
