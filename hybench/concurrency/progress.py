"""How a long stage says how far it is, and is told to stop; the core itself prints nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One report of a long piece of work.

    Attributes:
        task: what is being done, such as ``encode yo``; a new task replaces the one before.
        done: units done so far.
        total: units in all, or None where it is not known.
        unit: what is counted, in the plural: ``passages``, ``bytes``.
        detail: what else is worth a look now, such as ``loss 0.312``.
    """

    task: str
    done: int
    total: int | None
    unit: str
    detail: str = ""


ProgressCallback = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """The callback of a caller who does not want to know."""


class Stop:
    """Says that somebody wants work to stop where nothing is lost.

    Any thread and any signal's handler may set it: it has no lock that a handler could wait for.
    """

    def __init__(self) -> None:
        self._asked = False

    def set(self) -> None:
        """Ask for it."""
        self._asked = True

    def is_set(self) -> bool:
        """Whether somebody did."""
        return self._asked
