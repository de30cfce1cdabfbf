"""Query by query: the values of an arm beside a baseline's, and the filter of such a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from hybench.comparison.gather import CompareOptions
from hybench.comparison.measured import measured
from hybench.comparison.units import metric_style
from hybench.data.dataset import Dataset
from hybench.errors import HybenchError, UsageError
from hybench.evaluation.results import read_results
from hybench.runs.run import Run
from hybench.values.languages import stored_codes

_KEYS = ["query_lang", "corpus_lang", "query_id"]

_TEST = re.compile(r"(?:Δ|d|diff)\s*(<=|>=|<|>)\s*([-+−]?\d*\.?\d+)")


@dataclass(frozen=True)
class QueryList:
    """The queries that an arm and a baseline both have.

    Attributes:
        dataset: the set.
        split: of its queries.
        setting: mono, cross or multi.
        metric: its name.
        arm: the arm.
        baseline: what differences are measured from; empty where there is one arm alone.
        frame: query_lang, corpus_lang, query_id, left (null without a baseline), right, delta (f64;
            the value without a baseline), text, the worst first.
        note: why there are no texts; empty where there are.
    """

    dataset: str
    split: str
    setting: str
    metric: str
    arm: str
    baseline: str
    frame: pl.DataFrame
    note: str = ""


def query_lists(
    runs: Sequence[Run],
    options: CompareOptions,
    data_dir: Path,
    filter_: str = "",
    *,
    best_first: bool = False,
) -> tuple[QueryList, ...]:
    """A list for each arm but the baseline, or for the only one.

    Args:
        runs: those without results are left out.
        options: of them data, setting, metric, baseline and group_seeds count.
        data_dir: where the prepared sets are, for the texts.
        filter_: as of `select_queries`; empty for all queries.
        best_first: whether the best queries come first.

    Raises:
        UsageError: a choice in the options does not exist here, one must be made, or a part of the
            filter is not understood.
        StateError: no run has the results.
        DataError: a config or results file is not what hybench writes.
    """
    asked = measured(runs, options)
    base = asked.baseline if len(asked.arms) > 1 else None
    left = () if base is None else asked.runs(base)
    lists = []
    for at, arm in enumerate(asked.arms):
        if at == base:
            continue
        frame, note = query_values(
            left, asked.runs(at), asked.key, asked.setting, asked.metric, data_dir
        )
        found = QueryList(
            asked.info.dataset,
            asked.info.split,
            asked.setting,
            asked.metric,
            arm.label,
            "" if base is None else asked.arms[base].label,
            frame,
            note,
        )
        chosen = select_queries(frame, filter_, asked.metric)
        ordered = order_queries(chosen, asked.metric, best_first=best_first)
        lists.append(replace(found, frame=ordered))
    return tuple(lists)


def open_set(key: str, data_dir: Path) -> Dataset | None:
    """The prepared set of some results, where it is there."""
    try:
        return Dataset.open(data_dir / key.partition("@")[0])
    except HybenchError:
        return None


def query_values(
    left: Sequence[Run],
    right: Sequence[Run],
    key: str,
    setting: str,
    metric: str,
    data_dir: Path,
) -> tuple[pl.DataFrame, str]:
    """Read both arms' values; a query's is the mean over an arm's runs.

    Args:
        left: the baseline's runs; empty for none.
        right: the arm's.
        key: the results.
        setting: mono, cross or multi.
        metric: its name.
        data_dir: where the prepared sets are.

    Returns:
        The frame of `QueryList`, by differences; and why there are no texts.

    Raises:
        StateError: a run has no such results.
        DataError: they cannot be read.
    """
    frame = _values(right, key, setting, metric, "right")
    if left:
        frame = frame.join(_values(left, key, setting, metric, "left"), on=_KEYS)
        frame = frame.with_columns(delta=pl.col("right") - pl.col("left"))
    else:
        frame = frame.with_columns(left=pl.lit(None, pl.Float64), delta=pl.col("right"))
    dataset = open_set(key, data_dir)
    texts = [
        dataset.queries(language).select(pl.lit(language).alias("query_lang"), "query_id", "text")
        for language in frame["query_lang"].unique().sort()
        if dataset is not None
    ]
    if texts:
        frame = frame.join(pl.concat(texts), on=["query_lang", "query_id"], how="left")
    else:
        frame = frame.with_columns(text=pl.lit(""))
    name = key.partition("@")[0]
    note = "" if dataset else f"No texts: {name} is not in {data_dir} (--data-dir)."
    return frame.sort("delta", *_KEYS), note


def _values(runs: Sequence[Run], key: str, setting: str, metric: str, name: str) -> pl.DataFrame:
    wanted = (pl.col("setting") == setting) & (pl.col("metric") == metric)
    frames = [
        read_results(run, key)
        .values.filter(wanted & pl.col("value").is_finite())
        .select(*_KEYS, "value")
        for run in runs
    ]
    return (
        pl.concat(frames)
        .group_by(_KEYS, maintain_order=True)
        .agg(pl.col("value").mean().alias(name))
    )


def order_queries(frame: pl.DataFrame, metric: str, *, best_first: bool = False) -> pl.DataFrame:
    """The queries with the worst, or the best, first."""
    descending = best_first != metric_style(metric).lower_is_better
    return frame.sort("delta", descending=descending, maintain_order=True)


def select_queries(frame: pl.DataFrame, text: str, metric: str) -> pl.DataFrame:
    """The queries that pass a filter: ``lang:yo``, ``in:en``, ``Δ<-20`` (or ``d<-20``), words.

    Args:
        frame: as in `QueryList`.
        text: the filter; differences are in the unit in which tables show the metric.
        metric: its name.

    Raises:
        UsageError: a part of it is not understood.
    """
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
