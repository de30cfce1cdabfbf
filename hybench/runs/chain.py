"""Trainings that began with another run's model: what the whole chain has cost and shown.

A training that begins with a run's model logs an ``initial`` event, with what that run and those
that it began with in turn have cost: it says so itself when the other runs are gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hybench.errors import HybenchError
from hybench.runs.events import Event, first_event, last_events
from hybench.runs.run import Run

_ENDS = ("done", "teacher", "initial")
_SUMS = ("examples", "tokens", "seconds", "flops", "joules")


def training_ends(log: Path) -> dict[str, Event]:
    """The last ``done``, ``teacher`` and ``initial`` event of a training's log, by kind.

    In ``done``, what the training cost and showed counts with what it began with: sums of examples,
    tokens, seconds, operations and energy, the peak of memory, and the exposure of both. How
    many distinct pairs several trainings have shown together is not known.
    """
    ends = last_events(log, _ENDS)
    before = ends.get("initial")
    if before is None or "done" not in ends:
        return ends
    return {**ends, "done": _together(before, ends["done"])}


def teachers_of(ends: Mapping[str, Event]) -> list[Event]:
    """The ``teacher`` events of a training and of what it began with, each teacher once.

    Args:
        ends: of `training_ends`.
    """
    own = [ends["teacher"]] if "teacher" in ends else []
    known = {each.get("model") for each in own}
    before = ends.get("initial", {}).get("teachers")
    others = [each for each in before if isinstance(each, dict)] if isinstance(before, list) else []
    return [*own, *(each for each in others if each.get("model") not in known)]


def initial_event(run: Run) -> dict[str, Any]:
    """The values of the ``initial`` event of a training that begins with a run's model.

    Returns:
        The run's name; the digest of the checkpoint that the first training began with; the configs
        of the trainings that led to it, the first one first; what they cost and showed together, as
        in ``done``; and their teachers. What is not known is None.
    """
    ends = training_ends(run.events_file)
    done = ends.get("done", {})
    before = ends.get("initial", {}).get("configs")
    try:
        config = run.read_config()
    except HybenchError:
        config = {}
    return {
        "run": run.name,
        "digest": ends.get("initial", {}).get("digest")
        or first_event(run.events_file, "encoder").get("digest"),
        "configs": [*(before if isinstance(before, list) else ()), config],
        **{name: done.get(name) for name in (*_SUMS, "memory_mb", "exposure")},
        "teachers": teachers_of(ends),
    }


def _together(before: Event, done: Event) -> Event:
    """A training's end, with what it began with."""
    sums = {name: _sum([before.get(name), done.get(name)]) for name in _SUMS}
    peaks = [value for each in (before, done) if (value := each.get("memory_mb")) is not None]
    return {
        **done,
        **sums,
        "memory_mb": max(peaks, default=None),
        "exposure": exposure_of(before, done),
    }


def _sum(values: Sequence[Any]) -> Any:
    """The sum of numbers; None if one is not known."""
    known = [value for value in values if isinstance(value, int | float)]
    return sum(known) if len(known) == len(values) else None


def exposure_of(*parts: Event) -> dict[str, Any] | None:
    """The exposure of several trainings; None if that of one is not known."""
    shown = [each.get("exposure") for each in parts]
    known = [each for each in shown if isinstance(each, dict)]
    if len(known) < len(parts):
        return None
    examples = [each.get("examples", 0) for each in known]
    total = float(max(1, sum(examples)))

    def mean(values: Sequence[Any]) -> float:
        weighted = [n * (value or 0) for n, value in zip(examples, values, strict=True)]
        return sum(map(float, weighted)) / total

    codes = sorted({code for each in known for code in each.get("languages", {})})
    return {
        "examples": sum(examples),
        "pairs": None,
        "negatives": round(mean([each.get("negatives") for each in known]), 3),
        "languages": {
            code: round(mean([each.get("languages", {}).get(code) for each in known]), 6)
            for code in codes
        },
    }
