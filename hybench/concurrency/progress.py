"""Progress reports of long stages, and requests to stop; the core itself prints nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One progress report of a long task.

    Attributes:
        task: what is being done, such as ``encode yo``; a new task replaces the one before.
        done: units done so far.
        total: units in all, or None where unknown.
        unit: what is counted, in the plural: ``passages``, ``bytes``.
        detail: further text to show, such as ``loss 0.312``.
    """

    task: str
    done: int
    total: int | None
    unit: str
    detail: str = ""


ProgressCallback = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """A callback that discards the report."""


class Stop:
    """A request to stop at the next point where nothing is lost.

    Any thread and any signal's handler may set it: it has no lock that a handler could wait for.
    """

    def __init__(self) -> None:
        self._asked = False

    def set(self) -> None:
        """Request the stop."""
        self._asked = True

    def is_set(self) -> bool:
        """Whether a stop was requested."""
        return self._asked
