"""Runs in groups: the seeds of an arm, or the runs that share a value of a config field."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hybench.comparison.labels import shared_name
from hybench.tui.model.watched_runs import RunView

ARM, APART = "arm", "run"
"""What runs are grouped by, if not by a config field; `APART` leaves each alone."""

MOST_SHOWN, MOST_READ = 8, 80
"""Groups whose curves are drawn at once, and runs that are read for them."""

SHORT_NAMES = {
    "lr": "learning_rate",
    "bs": "batch_size",
    "dim": "dimension",
    "wd": "weight_decay",
    "temp": "temperature",
}
"""Names of config fields as people write them."""


@dataclass(frozen=True)
class Group:
    """Runs that are one row of the list and one line of a chart.

    Attributes:
        key: tells it from the others, whatever runs come and go.
        label: its name.
        views: its runs, by their names.
    """

    key: str
    label: str
    views: tuple[RunView, ...]

    @property
    def alone(self) -> bool:
        """Whether it is a run by itself."""
        return self.key == str(self.views[0].path)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Its folders."""
        return tuple(view.path for view in self.views)


def grouped(views: Iterable[RunView], by: str = ARM) -> list[Group]:
    """The runs in groups, in the order of their first runs.

    Args:
        views: the runs.
        by: `ARM`, `APART` or a config field.
    """
    found: dict[str, list[RunView]] = {}
    for view in views:
        found.setdefault(_key(view, by), []).append(view)
    return [Group(key, _label(each, by), tuple(each)) for key, each in found.items()]


def groups_to_draw(
    groups: Sequence[Group], marked: Sequence[Group], cursor: Hashable | None
) -> list[Group]:
    """The groups whose curves are drawn, with as many of their runs as are read for them.

    Args:
        groups: all of them.
        marked: those with marked runs, which come first where there are any.
        cursor: the key of a group, or the folder of a run, that is drawn else.
    """
    found = list(marked[:MOST_SHOWN])
    if not found:
        found = [each for each in groups if cursor in {each.key, *each.paths}][:1] or [*groups[:1]]
    most = MOST_READ // max(1, len(found))
    return [replace(each, views=each.views[:most]) for each in found]


def _key(view: RunView, by: str) -> str:
    if by == APART:
        return str(view.path)
    if by == ARM:
        return view.arm
    return f"{by} {value_text(view.config.get(by))}"


def _label(views: list[RunView], by: str) -> str:
    if len(views) == 1 and by in {ARM, APART}:
        return views[0].name
    if by == ARM:
        return shared_name([view.name for view in views]) or views[0].name
    return f"{by} {value_text(views[0].config.get(by))}"


def value_text(value: Any) -> str:
    """A config field's value in few cells."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "—"}[value]
    if isinstance(value, (list, tuple)):
        return "+".join(map(str, value)) or "all"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) or "—"


def differing_fields(views: Iterable[RunView]) -> list[str]:
    """Config fields in which trained runs differ, other than what their names and seeds are."""
    known: dict[str, set[str]] = {}
    count = 0
    for view in views:
        if view.config and view.status.kind == "train":
            count += 1
            for name, value in view.config.items():
                known.setdefault(name, set()).add(value_text(value))
    named = [name for name, values in known.items() if len(values) > 1 and name not in _NAMES]
    return named if count > 1 else []


_NAMES = frozenset({"name", "kind", "init", "parents"})


def field_name(text: str) -> str:
    """A config field's whole name."""
    return SHORT_NAMES.get(text, text)


def short_name(field: str) -> str:
    """The name that stands above its column."""
    return next((short for short, name in SHORT_NAMES.items() if name == field), field)
