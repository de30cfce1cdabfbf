"""Query by query: where two runs differ, and what they found for one query."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.errors import HybenchError, UsageError
from hybench.runs.run import Run
from hybench.tui.draw.table import Column, Field, Record, Table
from hybench.tui.draw.text import Verbatim

if TYPE_CHECKING:
    import polars as pl

    from hybench.data.dataset import Dataset
    from hybench.tui.model.scores import Scores

MOST = 1000
"""Queries that the list holds."""

_TEST = re.compile(r"(?:Δ|d|diff)\s*(<=|>=|<|>)\s*([-+−]?\d*\.?\d+)")


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


@dataclass(frozen=True)
class Differences:
    """The queries that both have.

    Attributes:
        pair: that it answers.
        frame: query_lang, corpus_lang, query_id, left, right, delta (f64), text, by delta.
        note: why there are no texts, where there are none.
    """

    pair: Pair
    frame: pl.DataFrame
    note: str = ""


def open_dataset(pair: Pair) -> Dataset | None:
    """The prepared set, where it is there."""
    from hybench.data.dataset import Dataset

    try:
        return Dataset.open(pair.data_dir / pair.dataset)
    except HybenchError:
        return None


def differences(pair: Pair) -> Differences:
    """Read both arms' values, query by query.

    Raises:
        StateError: a run has no such results.
        DataError: they cannot be read.
    """
    import polars as pl

    keys = ["query_lang", "corpus_lang", "query_id"]
    frame = _values(pair.right, pair, "right")
    if pair.left is None:
        frame = frame.with_columns(left=pl.lit(None, pl.Float64), delta=pl.col("right"))
    else:
        frame = frame.join(_values(pair.left, pair, "left"), on=keys)
        frame = frame.with_columns(delta=pl.col("right") - pl.col("left"))
    dataset = open_dataset(pair)
    note = "" if dataset else f"No texts: {pair.dataset} is not in {pair.data_dir} (--data-dir)."
    texts = [
        dataset.queries(language).select(pl.lit(language).alias("query_lang"), "query_id", "text")
        for language in frame["query_lang"].unique().sort()
        if dataset is not None
    ]
    if texts:
        frame = frame.join(pl.concat(texts), on=["query_lang", "query_id"], how="left")
    else:
        frame = frame.with_columns(text=pl.lit(""))
    return Differences(pair, frame.sort("delta", *keys), note)


def _values(side: Side, pair: Pair, name: str) -> pl.DataFrame:
    import polars as pl

    from hybench.evaluation.results import read_results

    wanted = (pl.col("setting") == pair.setting) & (pl.col("metric") == pair.metric)
    keys = ["query_lang", "corpus_lang", "query_id"]
    frames = [
        read_results(run, pair.key)
        .values.filter(wanted & pl.col("value").is_finite())
        .select(*keys, "value")
        for run in side.runs
    ]
    return pl.concat(frames).group_by(keys).agg(pl.col("value").mean().alias(name))


def select(frame: pl.DataFrame, text: str, metric: str) -> pl.DataFrame:
    """The queries that pass a filter: ``lang:yo``, ``in:en``, ``Δ<-20`` (or ``d<-20``), words.

    Args:
        frame: as in `Differences`.
        text: the filter; differences are in the unit in which the list shows the metric.
        metric: its name.

    Raises:
        UsageError: a part of it is not understood.
    """
    import polars as pl

    from hybench.comparison.units import metric_style
    from hybench.values.languages import stored_codes

    factor = metric_style(metric).factor
    tests = {"<": pl.Expr.lt, "<=": pl.Expr.le, ">": pl.Expr.gt, ">=": pl.Expr.ge}
    for sign, number in _TEST.findall(text):
        shown = pl.col("delta") * factor
        frame = frame.filter(tests[sign](shown, float(number.replace("−", "-"))))
    for word in _TEST.sub(" ", text).split():
        name, colon, value = word.partition(":")
        if colon and name in {"lang", "in"}:
            column = "query_lang" if name == "lang" else "corpus_lang"
            codes = value.split(",")
            frame = frame.filter(pl.col(column).is_in([*codes, *stored_codes(codes)]))
        elif any(sign in word for sign in "<>Δ"):
            raise UsageError(
                f"The filter {word!r} is not understood.", "Write, for example: lang:yo Δ<-20 king"
            )
        else:
            folded = word.casefold()
            has = [
                pl.col(each).str.to_lowercase().str.contains(folded, literal=True)
                for each in ("text", "query_id")
            ]
            frame = frame.filter(pl.any_horizontal(*has).fill_null(value=False))
    return frame


def query_table(frame: pl.DataFrame, pair: Pair, *, best_first: bool = False) -> Table:
    """The first `MOST` queries as a table."""
    from hybench.comparison.units import metric_style

    style = metric_style(pair.metric)
    descending = best_first != style.lower_is_better
    frame = frame.sort("delta", descending=descending, maintain_order=True).head(MOST)
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
