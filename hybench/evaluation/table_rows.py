"""Converts retrieved passages into table rows: rankings, ranks of the relevant, metric values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from hybench.evaluation.plan import Plan
from hybench.evaluation.retrieval import Retrieved
from hybench.evaluation.settings import ALL, Search
from hybench.metrics.bias import RANK_DISTANCE, bias_values
from hybench.metrics.scoring import evaluate_ranks

_MULTI = pl.col("setting") == "multi"


@dataclass(frozen=True)
class TableRows:
    """What came of the queries that were searched together.

    Attributes:
        search: the last of their searches.
        queries: their number, counted once per search.
        rankings: rows of the table of hits.
        relevant: rows of the table of relevant passages.
        values: rows of the table of results.
    """

    search: Search
    queries: int
    rankings: pl.DataFrame
    relevant: pl.DataFrame
    values: pl.DataFrame


def table_rows(
    plan: Plan,
    found: Retrieved,
    metrics: Sequence[str],
    kept: Mapping[str, int],
    missing: int,
    *,
    ends: Mapping[str, int] | None = None,
    whole: bool = False,
) -> TableRows:
    """Make the rows of the tables.

    Args:
        plan: the searches, queries and judgements.
        found: their hits and the ranks of judged passages.
        metrics: names for `hybench.metrics.measure.parse_metric`.
        kept: hits per query to store, by setting.
        missing: the rank of a passage that was not found in the pool of all languages, see
            `missing_rank`.
        ends: depths at which rankings end for some of the metrics.
        whole: whether hits down to a query's last relevant passage are stored, too.
    """
    settings = plan.names["setting"]
    most = settings.replace_strict(dict(kept), return_dtype=pl.Int64).gather(found.hits["search"])
    if whole:
        most = pl.select(pl.max_horizontal(most, _last_relevant(found))).to_series()
    hits = found.hits.filter(found.hits["rank"] <= most)
    rankings = _side_by_side(
        _names(plan, hits), found.passages[hits["row"]], hits.select("rank", "score")
    )
    judged = found.judged
    columns = ("passage_lang", "passage_id", "relevance", "rank", "score")
    true = judged.filter(pl.col("relevance") > 0)
    relevant = _side_by_side(_names(plan, true), true.select(columns))
    values = _values(plan, judged, metrics, ends or {})
    of_multi = rankings.filter(_MULTI)
    if of_multi.height:
        bias = (
            bias_values(of_multi, _ending(relevant.filter(_MULTI), ends or {}), missing)
            .filter(~pl.col("metric").is_in(metrics))
            .with_columns(setting=pl.lit("multi"), corpus_lang=pl.lit(ALL))
            .join(
                plan.queries.select("query_lang", "query_id", "source_id"),
                on=["query_lang", "query_id"],
                how="left",
                maintain_order="left",
            )
        )
        values = pl.concat([values, bias.select(values.columns)])
    return TableRows(
        search=plan.searches[judged["search"][-1]],
        queries=judged.select(pl.struct("search", "query").n_unique()).item(),
        rankings=rankings,
        relevant=relevant,
        values=values,
    )


def _last_relevant(found: Retrieved) -> pl.Series:
    """For each hit, the rank of its query's last relevant passage; null if none was found."""
    asked = ["search", "query"]
    relevant = found.judged.filter(pl.col("relevance") > 0)
    last = relevant.group_by(asked).agg(last=pl.col("rank").max())
    return found.hits.join(last, on=asked, how="left", maintain_order="left")["last"]


def _ending(relevant: pl.DataFrame, ends: Mapping[str, int]) -> pl.DataFrame:
    """Relevant passages with the ranks that count in RankDistance alone."""
    if RANK_DISTANCE not in ends:
        return relevant
    return relevant.with_columns(rank=pl.when(pl.col("rank") <= ends[RANK_DISTANCE]).then("rank"))


def _side_by_side(*frames: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(frames, how="horizontal")


def _names(plan: Plan, rows: pl.DataFrame) -> pl.DataFrame:
    """setting, query_lang, corpus_lang, query_id of rows that have search and query."""
    return _side_by_side(plan.names[rows["search"]], plan.queries.select("query_id")[rows["query"]])


def _values(
    plan: Plan, judged: pl.DataFrame, metrics: Sequence[str], ends: Mapping[str, int]
) -> pl.DataFrame:
    """Metric values of every query in every search."""
    values = evaluate_ranks(judged, metrics, by=("search", "query"), ends=ends)
    sources = plan.queries.select("source_id")[values["query"]]
    return _side_by_side(_names(plan, values), sources, values.select("metric", "value"))
