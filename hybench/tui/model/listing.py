"""The list of runs: which, in what order, and what stands in their lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hybench.runs.status import ELSEWHERE
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.table import Column, Field, Record, Table
from hybench.tui.draw.text import Verbatim, ago, short
from hybench.tui.model.watched_runs import RunView

SORTS = ("state", "name", "score", "age")
_ORDER = ("running", "stalled", ELSEWHERE, "failed", "interrupted", "done", "gone")
_TONES = {"running": "better", "stalled": "warn", "failed": "worse", "gone": "quiet"}

WIDE = 100
"""Cells from which on the state is written out."""


def columns(width: int) -> tuple[Column, ...]:
    """The columns that fit."""
    return (
        Column("", width=1),
        Column("", width=1) if width < WIDE else Column("state", "left", most=17),
        Column("run", "left", most=24 if width < WIDE else 40),
        Column("step", width=11),
        Column("rate", width=6),
        Column("left", width=6),
        Column("loss", width=6),
        Column("score", width=6),
        Column("event", width=6),
        Column("", "left", width=8),
    )


@dataclass(frozen=True)
class ListOptions:
    """What the lines depend on apart from the runs.

    Attributes:
        width: cells across.
        now: seconds since 1970.
        marked: marked runs.
        colors: numbers of the colours of those whose curves are drawn.
        glyphs: the terminal's signs.
    """

    width: int
    now: float
    marked: frozenset[Path]
    colors: Mapping[Path, int]
    glyphs: Glyphs


def sorted_runs(views: Iterable[RunView], words: str, sort: str, now: float) -> list[RunView]:
    """The runs whose name, state or badges have all of the words.

    Args:
        views: all runs.
        words: parts of them, in any case.
        sort: one of `SORTS`.
        now: seconds since 1970.
    """
    wanted = words.casefold().split()

    def matches(view: RunView) -> bool:
        text = f"{view.name} {view.status.state} {' '.join(view.badges)}".casefold()
        return all(word in text for word in wanted)

    def place(view: RunView) -> tuple[float, str]:
        first = 0.0
        if sort == "state":
            # Runs with curves before those that were never trained.
            first = 2 * _ORDER.index(view.status.state) + (view.status.kind != "train")
        elif sort == "score":
            score = view.status.score
            first = math.inf if score is None or math.isnan(score) else -score
        elif sort == "age":
            age = view.age(now)
            first = math.inf if age is None else age
        return first, view.name

    return sorted(filter(matches, views), key=place)


def run_table(views: Sequence[RunView], look: ListOptions) -> Table:
    """The runs in lines."""
    records = [Record(view.path, _fields(view, look)) for view in views]
    return Table(columns(look.width), records, frozen=3)


def _mark(path: Path, look: ListOptions) -> Field:
    """Whether a run is marked, in the colour of its curves where they are drawn."""
    color = look.colors.get(path)
    if path in look.marked:
        return Field(look.glyphs.marked, "quiet", curve=color)
    return Field(" " if color is None else look.glyphs.drawn, curve=color)


def _fields(view: RunView, look: ListOptions) -> tuple[Field, ...]:
    status, glyphs = view.status, look.glyphs
    steps = short(status.step) + (f"/{short(status.steps)}" if status.steps else "")
    lost = status.loss is not None and not math.isfinite(status.loss)
    quiet = "quiet" if status.state == "gone" else ""
    state = f"{glyphs.states[status.state]} {status.state}"
    rate = status.steps_per_second
    return (
        _mark(view.path, look),
        Field(state if look.width >= WIDE else state[0], _TONES.get(status.state, "")),
        Field(Verbatim(view.name), quiet),
        Field(steps if status.kind == "train" else glyphs.none, quiet),
        Field(glyphs.none if rate is None else f"{short(rate)}/s", quiet),
        Field(ago(status.seconds_left), quiet),
        Field(short(status.loss), "worse" if lost else quiet),
        Field(glyphs.none if status.score is None else f"{status.score:.4f}", quiet),
        Field(ago(view.age(look.now)), quiet),
        Field(" ".join(view.badges), "warn"),
    )
