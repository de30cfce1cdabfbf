"""Query by query: where two runs differ, and what they found for one query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.runs.run import Run
from hybench.tui.draw.table import Column, Field, Record, Table
from hybench.tui.draw.text import Verbatim

if TYPE_CHECKING:
    import polars as pl

    from hybench.comparison.model import Comparison
    from hybench.tui.model.scores import Scores

MOST = 1000
"""Queries that the list holds."""


@dataclass(frozen=True)
class Side:
    """One arm.

    Attributes:
        label: its name.
        runs: its seeds; a query's value is their mean, and rankings are those of the first.
        color: the number of its colour.
    """

    label: str
    runs: tuple[Run, ...]
    color: int | None = None


@dataclass(frozen=True)
class Pair:
    """Whose queries are compared.

    Attributes:
        left: the reference; None where there is one arm alone.
        right: the arm.
        key: the results.
        setting: mono, cross or multi.
        metric: its name.
        data_dir: where the prepared set's texts are.
        stamp: when the results were written.
    """

    left: Side | None
    right: Side
    key: str
    setting: str
    metric: str
    data_dir: Path
    stamp: object = None

    @property
    def sides(self) -> tuple[Side, ...]:
        """The reference, where there is one, and the arm."""
        return (self.right,) if self.left is None else (self.left, self.right)

    @property
    def dataset(self) -> str:
        """The set's name."""
        return self.key.partition("@")[0]


def pair_of(
    scores: Scores, arm: int, color: Callable[[Sequence[Run]], int], data_dir: Path
) -> Pair:
    """An arm of a comparison and its reference.

    Args:
        scores: the comparison.
        arm: the arm's place in it.
        color: the number of an arm's colour, by its runs.
        data_dir: where the prepared sets are.
    """
    found = scores.comparison

    def side(at: int) -> Side:
        runs = scores.arms[at]
        return Side(found.columns[at].label, runs, color(runs))

    left = None if found.baseline in {None, arm} else side(found.baseline or 0)
    of = scores.request.runs
    return Pair(left, side(arm), scores.key, found.setting, found.metric, data_dir, of)


def other_arms(found: Comparison) -> list[int]:
    """The arms beside the reference; one alone is its own."""
    return [at for at in range(len(found.columns)) if at != found.baseline] or [0]


@dataclass(frozen=True)
class Differences:
    """The queries that both have.

    Attributes:
        pair: that it answers.
        frame: that of `hybench.comparison.query_lists.QueryList`, by delta.
        note: why there are no texts, where there are none.
    """

    pair: Pair
    frame: pl.DataFrame
    note: str = ""


def differences(pair: Pair) -> Differences:
    """Read both arms' values, query by query.

    Raises:
        StateError: a run has no such results.
        DataError: they cannot be read.
    """
    from hybench.comparison.query_lists import query_values

    left = () if pair.left is None else pair.left.runs
    found = query_values(left, pair.right.runs, pair.key, pair.setting, pair.metric, pair.data_dir)
    return Differences(pair, *found)


def select(found: Differences, text: str) -> pl.DataFrame:
    """The queries that pass a filter, as `hybench queries --filter` has it.

    Raises:
        UsageError: a part of it is not understood.
    """
    from hybench.comparison.query_lists import select_queries

    return select_queries(found.frame, text, found.pair.metric)


def query_table(frame: pl.DataFrame, pair: Pair, *, best_first: bool = False) -> Table:
    """The first `MOST` queries as a table."""
    from hybench.comparison.query_lists import order_queries
    from hybench.comparison.units import metric_style

    style = metric_style(pair.metric)
    frame = order_queries(frame, pair.metric, best_first=best_first).head(MOST)
    columns = (
        Column("Δ"),
        Column(
            pair.left.label if pair.left else "",
            most=10,
            curve=pair.left.color if pair.left else None,
        ),
        Column(pair.right.label, most=10, curve=pair.right.color),
        Column("lang", "left"),
        Column("in", "left"),
        Column("query", "left", most=400),
    )
    records = []
    for row in frame.iter_rows(named=True):
        delta = row["delta"] * (-1 if style.lower_is_better else 1)
        tone = "" if pair.left is None or not delta else "better" if delta > 0 else "worse"
        left = "" if row["left"] is None else style.text(row["left"])
        here = row["corpus_lang"] if row["corpus_lang"] != row["query_lang"] else ""
        records.append(
            Record(
                (row["query_lang"], row["corpus_lang"], row["query_id"]),
                (
                    Field(style.text(row["delta"], signed=pair.left is not None), tone),
                    Field(left),
                    Field(style.text(row["right"])),
                    Field(row["query_lang"], "head"),
                    Field(here, "quiet"),
                    Field(Verbatim(row["text"] or row["query_id"])),
                ),
            )
        )
    return Table(columns, records, frozen=0)
