"""Passes the events of a training on to experiment trackers (`hybench.sinks`)."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from typing import Any

from hybench.config.train import TrainConfig
from hybench.errors import UsageError
from hybench.runs.events import Event
from hybench.runs.run import Run
from hybench.sinks import SINKS, Tracked, Tracker

_PREFIXES = {"step": "train", "validation": "dev", "alpha": "train", "done": "end"}
"""Events with values, and how these are called."""

_NO_VALUES = frozenset({"step", "time", "crc32", "event"})


def check_sinks(names: Sequence[str]) -> None:
    """Check that trackers exist and are installed, before anything is trained.

    Raises:
        UsageError: one does not exist, or its package cannot be imported.
    """
    for name in names:
        package = SINKS[name].package
        if find_spec(package) is None:
            raise UsageError(f"{package} is not installed.", f"pip install 'hybench[{package}]'.")


def values_of(event: Event) -> dict[str, float]:
    """The numbers of an event by name: ``train/loss``, ``dev/xquad-r/mono/yo``.

    Args:
        event: of a training.
    """
    prefix = _PREFIXES.get(event["event"])
    if prefix is None:
        return {}
    kept = {name: value for name, value in event.items() if name not in _NO_VALUES}
    if "scores" in kept:
        kept |= kept.pop("scores")
    return dict(_numbers(prefix, kept))


def _numbers(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _numbers(f"{prefix}/{name}", value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{prefix}/{name}", float(value)


class _Trackers:
    """Trackers that work; one that fails is left out from then on.

    Args:
        failed: called with what went wrong with one.
    """

    def __init__(self, failed: Callable[[str], object]) -> None:
        self._failed = failed
        self._open: dict[str, Tracker] = {}

    def begin(self, names: Sequence[str], about: Tracked) -> None:
        """Open trackers."""
        for name in names:
            with self._surviving(name):
                self._open[name] = SINKS[name].begin(about)

    def take(self, event: Event) -> None:
        """Hand on what an event says."""
        step, values = int(event.get("step", 0)), values_of(event)
        for name, tracker in list(self._open.items()):
            with self._surviving(name):
                if values:
                    tracker.log(step, float(event["time"]), values)
                elif event["event"] == "alarm":
                    tracker.alert(step, str(event["text"]))

    def end(self, *, failed: bool) -> None:
        """Close the trackers."""
        for name, tracker in list(self._open.items()):
            with self._surviving(name):
                tracker.end(failed)

    @contextmanager
    def _surviving(self, name: str) -> Iterator[None]:
        """Keep what trackers print out of stdout, and what they raise out of the training."""
        try:
            with redirect_stdout(sys.stderr):
                yield
        except Exception as error:  # noqa: BLE001 - a library may raise anything
            self._open.pop(name, None)
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            self._failed(f"{name} is left out from here on: {reason}")


def tracked(
    events: Iterator[Event],
    run: Run,
    config: TrainConfig,
    names: Sequence[str],
    failed: Callable[[str], object],
) -> Iterator[Event]:
    """Pass events through, and their values on to trackers.

    Args:
        events: of a training.
        run: its run.
        config: its config.
        names: of sinks that `check_sinks` has found, or none; a tracker that fails is left out.
        failed: called with what went wrong with a tracker.

    Yields:
        The events, each after the trackers have it.
    """
    if not names:
        yield from events
        return
    trackers, ended = _Trackers(failed), False
    try:
        for event in events:
            if event["event"] == "start":
                trackers.begin(names, _about(run, config, event))
            trackers.take(event)
            yield event
        ended = True
    finally:
        trackers.end(failed=not ended)


def _about(run: Run, config: TrainConfig, start: Event) -> Tracked:
    # The first line of the log has the time at which the run was begun: a run that is resumed has
    # it still, and one of the same name that is made anew has another.
    with run.events_file.open("rb") as file:
        key = hashlib.sha256(file.readline()).hexdigest()[:16]
    return Tracked(
        name=run.name,
        group=run.name.removesuffix(f"-s{config.seed}"),
        key=key,
        folder=run.path,
        config=config.resolved().to_toml(),
        step=int(start["step"]),
    )
