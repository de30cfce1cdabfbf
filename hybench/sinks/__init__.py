"""Sinks: experiment trackers that get a training's events as they are logged, one file per sink.

A module binds ``SINK`` to a `Sink`; its file's name is what ``--report-to`` takes. Other packages
add theirs as entry points in ``hybench.sinks``. The log of the run stays what counts: a sink that
fails is left out, and the training goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hybench.registry import Registry

PROJECT = "hybench"
"""The project that runs belong to in trackers that have projects."""


@dataclass(frozen=True)
class Tracked:
    """A run as trackers know it.

    Attributes:
        name: of the run.
        group: its arm, which seeds share.
        key: the same for a run that is resumed, another for one that is made anew.
        folder: of the run.
        config: its config, as TOML values.
        step: the last step that is not done again; 0 for a new run.
    """

    name: str
    group: str
    key: str
    folder: Path
    config: Mapping[str, Any]
    step: int


class Tracker(Protocol):
    """Where a training's values go; any method may raise whatever its library raises."""

    def log(self, step: int, time: float, values: Mapping[str, float]) -> None:
        """Take the values of an event.

        Args:
            step: optimiser steps done.
            time: seconds since 1970.
            values: by name, parts of which are joined by ``/``.
        """

    def alert(self, step: int, text: str) -> None:
        """Take an alarm."""

    def end(self, failed: bool) -> None:
        """Write what is left, and close."""


@dataclass(frozen=True)
class Sink:
    """A kind of tracker.

    Attributes:
        package: what is imported, and the extra of hybench that installs it.
        begin: opens a tracker; may raise whatever its library raises.
    """

    package: str
    begin: Callable[[Tracked], Tracker]


SINKS: Registry[Sink] = Registry("sink", __name__, "SINK", "hybench.sinks", Sink)
