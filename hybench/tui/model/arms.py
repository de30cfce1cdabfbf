"""Runs in groups: the seeds of an arm, or the runs that share a value of a config field."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from hybench.comparison.labels import shared_name
from hybench.tui.model.run_view import RunView

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
    return Grouping().of(views, by)


class Grouping:
    """Groups runs again and again: a group whose runs are as they were is the same object.

    Attributes:
        changed: the keys of the groups that are others than before; None: all may be.
    """

    def __init__(self) -> None:
        self.changed: set[str] | None = None
        self._by = ""
        self._views: list[RunView] = []
        self._groups: dict[str, Group] = {}

    def of(self, views: Iterable[RunView], by: str) -> list[Group]:
        """As of `grouped`."""
        listed = list(views)
        if by != self._by or not self._exchanged(listed):
            found: dict[str, list[RunView]] = {}
            for view in listed:
                found.setdefault(_key(view, by), []).append(view)
            self._groups = {
                key: Group(key, _label(each, by), tuple(each)) for key, each in found.items()
            }
            self.changed = None
        self._by, self._views = by, listed
        return list(self._groups.values())

    def _exchanged(self, views: list[RunView]) -> bool:
        """Take in runs that have changed; False where others have come or changed their group."""
        if len(views) != len(self._views):
            return False
        pairs = [(old, new) for old, new in zip(self._views, views, strict=True) if old is not new]
        keys = [_key(new, self._by) for _, new in pairs]
        if any(
            old.path != new.path or _key(old, self._by) != key
            for (old, new), key in zip(pairs, keys, strict=True)
        ):
            return False
        now = {id(old): new for old, new in pairs}
        self._groups = dict(self._groups)
        for key in dict.fromkeys(keys):
            own = [now.get(id(view), view) for view in self._groups[key].views]
            self._groups[key] = Group(key, _label(own, self._by), tuple(own))
        self.changed = set(keys)
        return True


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
        found = [*_with(groups, cursor)] or [*groups[:1]]
    most = MOST_READ // max(1, len(found))
    return [replace(each, views=each.views[:most]) for each in found]


def _with(groups: Sequence[Group], cursor: Hashable | None) -> list[Group]:
    """The group that a cursor is on."""
    if isinstance(cursor, Path):
        found = (each for each in groups if any(view.path == cursor for view in each.views))
    else:
        found = (each for each in groups if each.key == cursor)
    return list(islice(found, 1))


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


def others(before: Sequence[RunView], now: Sequence[RunView]) -> Sequence[RunView]:
    """The runs of `now` that are not the same objects as before; all where there are others."""
    if len(before) != len(now):
        return now
    return [new for old, new in zip(before, now, strict=True) if old is not new]


class DifferingFields:
    """Config fields in which trained runs differ, other than what their names and seeds are.

    It is asked again and again, and takes in what is new.
    """

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._views: list[RunView] = []
        self._seen: dict[Path, Mapping[str, Any]] = {}
        self._first: dict[str, Any] = {}
        self._differ: set[str] = set()

    def of(self, views: Iterable[RunView]) -> list[str]:
        """Their names."""
        listed = list(views)
        new = others(self._views, listed)
        if any(self._seen.get(view.path, view.config) != view.config for view in new):
            self._forget()  # a run has another config now
            new = listed
        for view in new:
            if view.path not in self._seen and view.config and view.status.kind == "train":
                self._seen[view.path] = view.config
                self._take(view.config)
        self._views = listed
        named = [name for name in self._first if name in self._differ and name not in _NAMES]
        return named if len(self._seen) > 1 else []

    def _take(self, config: Mapping[str, Any]) -> None:
        for name, value in config.items():
            first = self._first.setdefault(name, value)
            same = first is value or (type(first) is type(value) and first == value)
            if not same and value_text(first) != value_text(value):
                self._differ.add(name)


_NAMES = frozenset({"name", "kind", "init", "parents"})


def field_name(text: str) -> str:
    """A config field's whole name."""
    return SHORT_NAMES.get(text, text)


def short_name(field: str) -> str:
    """The name that stands above its column."""
    return next((short for short, name in SHORT_NAMES.items() if name == field), field)
