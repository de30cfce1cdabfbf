"""The list of runs: which, in what order, and what stands in their lines."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from hybench.runs.status import ELSEWHERE
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.table import Column, Field, LazyRecords, Table
from hybench.tui.draw.text import Verbatim, ago, short, width_of
from hybench.tui.model.arms import DifferingFields, Group, Grouping, short_name, value_text
from hybench.tui.model.filters import RunFilter, value_of
from hybench.tui.model.run_view import RunView

SORTS = ("state", "name", "score", "age")
"""Orders of the list beside those by a config field."""

_ORDER = ("running", "stalled", ELSEWHERE, "failed", "interrupted", "done", "gone")
_TONES = {"running": "better", "stalled": "warn", "failed": "worse", "gone": "quiet"}

WIDE = 100
"""Cells from which on the state is written out."""

_NUMBERS = 6
"""Columns of numbers between a run's name and its config, whose widths are fixed."""

HEADINGS = ("", "state", "name", "step", "rate", "left", "loss", "score", "age", "")
"""By what the list is sorted when a heading is clicked, column by column."""


def columns(width: int, fields: Sequence[str]) -> tuple[Column, ...]:
    """The columns; those that do not fit scroll into sight."""
    return (
        Column("", width=1, picture=True),
        Column("", width=1) if width < WIDE else Column("state", "left", most=17),
        Column("run", "left", most=24 if width < WIDE else 40),
        Column("step", width=11),
        Column("rate", width=6),
        Column("left", width=6),
        Column("loss", width=6),
        Column("score", width=6),
        Column("event", width=6),
        *(Column(short_name(name), most=14) for name in fields),
        Column("", "left", width=8),
        Column("", "left", most=40),
    )


@dataclass(frozen=True)
class ListOptions:
    """What the lines depend on apart from the runs.

    Attributes:
        width: cells across.
        now: seconds since 1970.
        marked: marked runs.
        drawn: keys of the groups whose curves are drawn.
        colors: numbers of the colours, and their shades, by the key of a group.
        glyphs: the terminal's signs.
        fields: config fields that have a column.
        pinned: runs that stay on top.
    """

    width: int
    now: float
    marked: frozenset[Path]
    drawn: frozenset[str]
    colors: Mapping[str, tuple[int, int]]
    glyphs: Glyphs
    fields: Sequence[str] = ()
    pinned: frozenset[Path] = frozenset()


class ListedRuns:
    """The groups that a filter lets through, in order, and their table.

    It is asked again and again, and makes anew what has changed: there may be thousands of runs.
    """

    def __init__(self) -> None:
        self._grouping = Grouping()
        self._fields = DifferingFields()
        self._asked: tuple[Any, ...] | None = None
        self._passed: dict[Path, tuple[RunView, bool]] = {}
        self._places: dict[str, _Place] = {}
        self._sizes: dict[str, tuple[int, ...]] = {}
        self._keys: dict[str, Hashable] = {}
        self._sized: tuple[Any, ...] | None = None
        self._ordered: list[Group] = []
        self.groups: list[Group] = []
        self.fields: list[str] = []
        self.count = 0

    def find(
        self,
        views: Mapping[Path, RunView],
        wanted: RunFilter,
        by: str,
        sort: str,
        pinned: frozenset[Path] = frozenset(),
    ) -> list[Group]:
        """The groups in an order, those with pinned runs first.

        Args:
            views: all runs, by their folders; another dictionary where any of them has changed.
            wanted: the filter.
            by: what they are grouped by.
            sort: one of `SORTS`, or a config field or what `value_of` knows.
            pinned: folders of runs.
        """
        asked = (wanted.text, by, sort, pinned)
        if self._asked is not None and self._asked[0] is views and self._asked[1:] == asked:
            return self.groups
        if self._asked is None or self._asked[1] != wanted.text:
            self._passed = {}
        if self._asked is None or self._asked[3] != sort:
            self._places = {}
        self._asked = (views, *asked)
        self.fields = self._fields.of(views.values())
        listed = [view for view in views.values() if self._passes(view, wanted)]
        self.count = len(listed)
        groups = self._grouping.of(listed, by)
        self._sort({group.key: group for group in groups}, sort)
        self.groups = self._ordered
        if pinned:
            self.groups = sorted(self.groups, key=lambda each: pinned.isdisjoint(each.paths))
        return self.groups

    def _sort(self, groups: Mapping[str, Group], sort: str) -> None:
        """Sort the groups, from their order before where that is known: few have another place."""
        changed = self._grouping.changed
        if changed is None or not self._places:
            self._places = {key: _place(group, sort) for key, group in groups.items()}
            self._keys = {
                key: key if len(group.views) > 1 else group.views[0].path
                for key, group in groups.items()
            }
            self._sizes = {}
            self._ordered = list(groups.values())
        else:
            places = {key: _place(groups[key], sort) for key in changed}
            for key in changed:
                self._sizes.pop(key, None)
            self._ordered = [groups[group.key] for group in self._ordered]
            if all(self._places[key] == place for key, place in places.items()):
                return
            self._places |= places
        places = self._places
        self._ordered = sorted(self._ordered, key=lambda group: places[group.key])

    def _passes(self, view: RunView, wanted: RunFilter) -> bool:
        if not wanted.tests:
            return True
        last = self._passed.get(view.path)
        if last is None or last[0] is not view:
            self._passed[view.path] = last = (view, wanted.passes(view))
        return last[1]

    def table(self, look: ListOptions) -> Table:
        """What was found, in lines; a group of one run has the run's folder for a key."""
        groups = self.groups
        keys = [self._keys[group.key] for group in groups]
        named, state, *valued = self._widest(look) or [0] * (2 + len(look.fields))
        pinned = [_name(group, look).width for group in groups] if look.pinned else []
        shown = columns(look.width, look.fields)
        every = [1, state, max([named, *pinned]), *[0] * _NUMBERS, *valued, 0, 0]
        return Table(shown, LazyRecords(keys, every, lambda at: _fields(groups[at], look)), 3)

    def _widest(self, look: ListOptions) -> list[int]:
        """Cells of the columns that are as wide as their widest field: name, state, config."""
        sized = (look.width < WIDE, tuple(look.fields), look.glyphs)
        if sized != self._sized:
            self._sized, self._sizes = sized, {}
        for group in self.groups if len(self._sizes) < len(self.groups) else ():
            if group.key not in self._sizes:
                fields = (_name(group, look).text, _state(group, look))
                values = (_value(group, name) for name in look.fields)
                self._sizes[group.key] = tuple(map(width_of, (*fields, *values)))
        # Thousands of groups have few different sizes.
        return [max(each) for each in zip(*set(self._sizes.values()), strict=True)]


_Place = tuple[bool, float, str, str]


def _place(group: Group, sort: str) -> _Place:
    """Where a group stands in an order."""
    first, text = 0.0, ""
    if sort == "state":
        # Runs with curves before those that were never trained.
        first = min(
            2 * _ORDER.index(view.status.state) + (view.status.kind != "train")
            for view in group.views
        )
    elif sort == "score":
        score = _mean(view.status.score for view in group.views)
        first = math.inf if score is None or math.isnan(score) else -score
    elif sort == "age":
        begun = [
            view.status.age - view.looked for view in group.views if view.status.age is not None
        ]
        first = min(begun, default=math.inf)
    elif sort != "name":
        value = value_of(group.views[0], sort)
        if isinstance(value, (int, float)) and not math.isnan(value):
            first = float(value)
        else:
            first, text = math.inf, value_text(value)
    return first == math.inf, first, text, group.label


def _mark(group: Group, look: ListOptions) -> Field:
    """Whether its runs are marked, in the colour of its curves where they are drawn."""
    drawn = group.key in look.drawn
    color, shade = look.colors.get(group.key, (0, 0))
    if look.marked.issuperset(group.paths):
        return Field(look.glyphs.marked, "quiet", curve=color if drawn else None, shade=shade)
    return Field(look.glyphs.drawn if drawn else " ", curve=color if drawn else None, shade=shade)


def _fields(group: Group, look: ListOptions) -> tuple[Field, ...]:
    views, glyphs = group.views, look.glyphs
    trained = [view for view in views if view.status.kind == "train"]
    first = min(views, key=lambda view: _ORDER.index(view.status.state)).status
    quiet = "quiet" if first.state == "gone" else ""
    loss = _mean(view.status.loss for view in views)
    score = _mean(view.status.score for view in views)
    rates = [each for view in views if (each := view.status.steps_per_second) is not None]
    left = [each for view in views if (each := view.status.seconds_left) is not None]
    ages = [each for view in views if (each := view.age(look.now)) is not None]
    lost = loss is not None and not math.isfinite(loss)
    badges = dict.fromkeys(badge for view in views for badge in view.badges)
    noted = dict.fromkeys(text for view in views if (text := str(view.notes)))
    return (
        _mark(group, look),
        Field(_state(group, look), _TONES.get(first.state, "")),
        _name(group, look, quiet),
        Field(_steps(trained) if trained else glyphs.none, quiet),
        Field(f"{short(sum(rates) / len(rates))}/s" if rates else glyphs.none, quiet),
        Field(ago(max(left) if left else None), quiet),
        Field(short(loss), "worse" if lost else quiet),
        Field(glyphs.none if score is None else f"{score:.4f}", quiet),
        Field(ago(min(ages) if ages else None), quiet),
        *(Field(_value(group, name), quiet) for name in look.fields),
        Field(" ".join(badges), "warn"),
        Field(Verbatim(" · ".join(noted)), "quiet"),
    )


def _name(group: Group, look: ListOptions, tone: str = "") -> Field:
    """Its name, how many runs it has, and a sign where it is pinned."""
    pinned = bool(look.pinned) and not look.pinned.isdisjoint(group.paths)
    count = f" ({len(group.views)})" if len(group.views) > 1 else ""
    before = f"{look.glyphs.pinned} " if pinned else ""
    return Field(Verbatim(f"{group.label}{count}"), tone, before=before)


def _state(group: Group, look: ListOptions) -> str:
    """The most urgent state; of several runs, of how many."""
    counts = Counter(view.status.state for view in group.views)
    state = min(counts, key=_ORDER.index)
    sign = look.glyphs.states[state]
    if look.width < WIDE:
        return sign
    of = f"{counts[state]} of {len(group.views)} " if len(counts) > 1 else ""
    return f"{sign} {of}{state}"


def _steps(views: Sequence[RunView]) -> str:
    """Steps done of those asked for; of several runs, of the least and the most that are done."""
    done = sorted({view.status.step for view in views})
    asked = {view.status.steps for view in views}
    first = "–".join(short(step) for step in dict.fromkeys([done[0], done[-1]]))
    steps = next(iter(asked)) if len(asked) == 1 else None
    return first + (f"/{short(steps)}" if steps else "")


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _value(group: Group, name: str) -> str:
    """A config field's value, or how many the runs of a group have."""
    values = dict.fromkeys(value_text(view.config.get(name)) for view in group.views)
    return next(iter(values)) if len(values) == 1 else f"{len(values)} values"
