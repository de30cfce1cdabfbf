"""Groups runs into lines of a curve: runs that differ only by seed and one dial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hybench.comparison.budgets import read_budget
from hybench.comparison.gather import Gathered
from hybench.comparison.labels import shared_name, unique_labels
from hybench.comparison.members import Member

BUDGET_DIALS = ("steps", "examples")
"""Dials of the amount of training."""

_FOLLOWS = ("validate_every", "checkpoint_every", "keep_checkpoints", "log_every")
"""Fields that may go with the length of a training and are not part of its method."""


@dataclass(frozen=True)
class Setting:
    """Runs that differ only by seed: one point of a curve.

    Attributes:
        x: the dial.
        places: positions of the runs among those gathered.
        members: the runs.
    """

    x: float
    places: tuple[int, ...]
    members: tuple[Member, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        """Of the runs, in their order."""
        return tuple(member.config["seed"] for member in self.members)


def dial_text(dial: str, x: float) -> str:
    """A dial's value as text."""
    return f"{x:,.0f}" if dial in BUDGET_DIALS else f"{x:g}"


def dial_lines(
    gathered: Gathered, dial: str, *, asked: bool = True
) -> dict[str, tuple[Setting, ...]]:
    """Lines by name, in the order of their first run, each with two or more settings.

    Args:
        gathered: the runs.
        dial: alpha (of hybrid trainings), share, steps (of trainings with given steps) or examples:
            the given number or, for trainings with given steps, the number shown.
        asked: whether this dial was requested; if not, trainings with given steps have no examples.
    """
    place = {run.path: at for at, run in enumerate(gathered.runs)}
    members = {place[each.run.path]: each for arm in gathered.arms for each in arm.members}
    fixed = (*BUDGET_DIALS, *_FOLLOWS) if dial in BUDGET_DIALS else (dial,)
    lines: dict[str, dict[tuple[str, float], list[int]]] = {}
    for at, member in sorted(members.items()):
        key = _dial_key(member, dial, asked) if gathered.results[at] is not None else None
        if key is not None:
            line = lines.setdefault(member.method_without(*fixed), {})
            line.setdefault(key, []).append(at)
    found = [
        [
            setting
            for key, places in line.items()
            if (setting := _setting(dial, *key, {at: members[at] for at in places})) is not None
        ]
        for line in lines.values()
    ]
    turned = [line for line in found if len(line) > 1]
    names = _names([[each for setting in line for each in setting.members] for line in turned])
    return {
        name: tuple(sorted(line, key=lambda setting: setting.x))
        for name, line in zip(names, turned, strict=True)
    }


def _dial_key(member: Member, dial: str, asked: bool) -> tuple[str, float] | None:
    """A field and its value, the same in all runs of a point; None if the run is in no line."""
    if not member.trained:
        return None
    if dial == "alpha" and member.config.get("strategy", "hybrid") != "hybrid":
        return None
    field = dial
    if dial in BUDGET_DIALS:
        field = "steps" if member.value("examples") is None else "examples"
        if field != dial and (dial == "steps" or not asked):
            return None
    value = member.value(field)
    return (field, float(value)) if isinstance(value, (int, float)) else None


def _setting(dial: str, field: str, value: float, runs: Mapping[int, Member]) -> Setting | None:
    """The point of these runs; None if the number of examples is requested but unknown."""
    x: float | None = value
    if field != dial:
        budget = read_budget([member.run.events_file for member in runs.values()])
        x = None if budget is None else budget.examples
    return None if x is None else Setting(x, tuple(runs), tuple(runs.values()))


def _names(lines: Sequence[Sequence[Member]]) -> list[str]:
    return unique_labels(
        [
            shared_name([each.run.name for each in line])
            or str(line[0].config.get("strategy", "hybrid"))
            for line in lines
        ],
        [line[0].run for line in lines],
        [True for _ in lines],
    )
