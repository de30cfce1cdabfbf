"""How a long stage tells a front end how far it is; the core prints nothing."""

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
