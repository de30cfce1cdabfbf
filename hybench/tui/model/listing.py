"""The list of runs: which, in what order, and what stands in their lines."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from hybench.runs.status import ELSEWHERE
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.table import Column, Field, Record, Table
from hybench.tui.draw.text import Verbatim, ago, short
from hybench.tui.model.arms import Group, short_name, value_text
from hybench.tui.model.filters import value_of
from hybench.tui.model.watched_runs import RunView

SORTS = ("state", "name", "score", "age")
"""Orders of the list beside those by a config field."""

_ORDER = ("running", "stalled", ELSEWHERE, "failed", "interrupted", "done", "gone")
_TONES = {"running": "better", "stalled": "warn", "failed": "worse", "gone": "quiet"}

WIDE = 100
"""Cells from which on the state is written out."""

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


def sorted_groups(
    groups: Iterable[Group], sort: str, now: float, pinned: frozenset[Path] = frozenset()
) -> list[Group]:
    """The groups in an order, those with pinned runs first.

    Args:
        groups: all of them.
        sort: one of `SORTS`, or a config field or what `value_of` knows.
        now: seconds since 1970.
        pinned: folders of runs.
    """

    def place(group: Group) -> tuple[bool, bool, float, str, str]:
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
            ages = [age for view in group.views if (age := view.age(now)) is not None]
            first = min(ages, default=math.inf)
        elif sort != "name":
            value = value_of(group.views[0], sort)
            if isinstance(value, (int, float)) and not math.isnan(value):
                first = float(value)
            else:
                first, text = math.inf, value_text(value)
        apart = pinned.isdisjoint(group.paths)
        return apart, first == math.inf, first, text, group.label

    return sorted(groups, key=place)


def run_table(groups: Sequence[Group], look: ListOptions) -> Table:
    """The groups in lines; one of a run alone has the run's folder for a key."""
    records = [
        Record(group.paths[0] if len(group.views) == 1 else group.key, _fields(group, look))
        for group in groups
    ]
    return Table(columns(look.width, look.fields), records, frozen=3)


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
    count = f" ({len(views)})" if len(views) > 1 else ""
    pin = "" if look.pinned.isdisjoint(group.paths) else f"{glyphs.pinned} "
    badges = dict.fromkeys(badge for view in views for badge in view.badges)
    noted = dict.fromkeys(text for view in views if (text := str(view.notes)))
    return (
        _mark(group, look),
        Field(_state(group, look), _TONES.get(first.state, "")),
        Field(Verbatim(f"{pin}{group.label}{count}"), quiet),
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
