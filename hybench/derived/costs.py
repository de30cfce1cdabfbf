"""What a derived run has cost: its parents' trainings, and its own work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from hybench.runs.chain import exposure_of, teachers_of, training_ends
from hybench.runs.cost import NOTHING, Cost
from hybench.runs.events import Event, last_events
from hybench.runs.run import DERIVED, TRAIN, Run


def cost_events(parents: Sequence[Run], own: Cost) -> dict[str, dict[str, Any]]:
    """The values of the events ``done`` and, if a parent had a teacher, ``teacher``.

    They have what those of a training have, so that a comparison adds up both alike: the examples,
    tokens and costs of all parents and of what they began with, and the seconds, operations and
    energy of deriving with them. What parents share, a teacher or the trainings that they began
    with, counts once.

    Args:
        parents: each run once.
        own: of deriving.
    """
    done: list[Event] = []
    teachers: dict[str, Event] = {}
    begun: list[Any] = []
    for run in parents:
        if run.kind not in {TRAIN, DERIVED}:
            continue
        ends = training_ends(run.events_file)
        teachers |= {str(each.get("model")): each for each in teachers_of(ends)}
        start = ends.get("initial", {}).get("configs")
        if start is not None and start in begun:
            ends = last_events(run.events_file, ("done",))
        begun.append(start)
        done.append(ends.get("done", {}))
    before = _summed(done)
    total = before + own
    events: dict[str, dict[str, Any]] = {
        "done": _known(
            seconds=total.seconds,
            tokens=before.tokens,
            flops=total.flops,
            joules=total.joules,
            power=next((each["power"] for each in done if each.get("power")), own.power),
            examples=_over(done, "examples", sum),
            memory_mb=_over(done, "memory_mb", max),
            exposure=exposure_of(*done) if len(done) > 1 else (done or [{}])[0].get("exposure"),
            own=asdict(own),
        )
    }
    if teachers:
        each_teacher = list(teachers.values())
        work = [
            part
            for each in each_teacher
            for part in ([each] if each.get("trained") else []) + [each.get("encoding") or {}]
        ]
        events["teacher"] = _known(
            model=", ".join(teachers),
            trained=False,
            encoding=asdict(_summed(work)),
            examples=_over(each_teacher, "examples", sum),
            tokens=_over(each_teacher, "tokens", sum),
        )
    return events


def _summed(parts: Sequence[Event]) -> Cost:
    total = NOTHING
    for part in parts:
        total += Cost(
            float(part.get("seconds") or 0.0),
            tokens=part.get("tokens"),
            flops=part.get("flops"),
            joules=part.get("joules"),
        )
    return total


def _over(events: Sequence[Event], key: str, how: Callable[[list[Any]], Any]) -> Any:
    """A value over events; None if one of them lacks it, 0 if there are none."""
    values = [each.get(key) for each in events]
    return None if None in values else how(values) if values else 0


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
