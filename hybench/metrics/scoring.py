"""Values of metrics with trec_eval's semantics, for all queries of a run at once.

They are computed only from the ranks of the relevant passages. trec_eval's rules apply: a passage
is relevant if its relevance is above 0; a query without results, or without a relevant passage,
scores 0 (``-c``); hits are ordered by float32 score, equal ones by docid, larger bytes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl

from hybench.errors import UsageError
from hybench.metrics.measure import Metric, parse_metric
from hybench.metrics.ranks import judged_ranks
from hybench.metrics.relevant import Relevant, Values

_QUERY = ("query_id",)


def evaluate_ranks(
    judged: pl.DataFrame,
    metrics: Sequence[str],
    by: Sequence[str] = _QUERY,
    ends: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Values of metrics by query, from the ranks of the judged passages.

    Args:
        judged: relevance (integer), rank (from 1; null where not retrieved) and the columns of
            `by`, one row per judged passage. A query counts if it has any row, even with relevance
            0 or null.
        metrics: names for `parse_metric`.
        by: columns that name a query.
        ends: depth at which rankings are cut, for some of the metrics.

    Returns:
        The columns of `by`, metric, value (Float64): metric by metric, queries in order of
        first occurrence.

    Raises:
        UsageError: a metric is unknown, or does not return a value for each query.
    """
    chosen = [parse_metric(name) for name in metrics]
    queries = judged.select(by).unique(maintain_order=True)
    relevant = _relevant(judged, queries.with_row_index("query at"), by)
    at_end = {name: relevant.within(depth) for name, depth in (ends or {}).items()}
    frames = [
        queries.with_columns(
            pl.lit(metric.name).alias("metric"),
            pl.Series("value", _values(metric, at_end.get(metric.name, relevant)), pl.Float64),
        )
        for metric in chosen
    ]
    ids = {name: judged.schema[name] for name in by}
    schema = pl.Schema(ids | {"metric": pl.String(), "value": pl.Float64()})
    return pl.concat([pl.DataFrame(schema=schema), *frames])


def _values(metric: Metric, relevant: Relevant) -> Values:
    values = metric.measure.function(relevant, float(metric.cutoff or "inf"))
    if np.shape(values) != (relevant.queries,):
        raise UsageError(
            f"The metric {metric.name} returned values of shape {np.shape(values)} for "
            f"{relevant.queries} queries.",
            "Its function must return one for each: fix the package that adds it.",
        )
    return values


def _relevant(judged: pl.DataFrame, queries: pl.DataFrame, by: Sequence[str]) -> Relevant:
    rows = (
        judged.filter(pl.col("relevance") > 0)
        .join(queries, on=by, maintain_order="left")
        .select(
            pl.col("query at").cast(pl.Int64),
            gain=pl.col("relevance").cast(pl.Float64),
            rank=pl.col("rank").cast(pl.Float64).fill_null(float("inf")),
        )
    )
    query, gain, rank = (column.to_numpy() for column in rows.iter_columns())
    return Relevant.of(query, gain, rank, queries.height)


def rank_hits(run: pl.DataFrame) -> pl.DataFrame:
    """Add the column rank (UInt32, from 1) to query_id, passage_id, score, as trec_eval orders.

    Scores are compared as float32, equal ones by the bytes of passage_id, descending. No hit is
    dropped, whatever its id: ids of queries and of passages are independent.
    """
    single = pl.col("score").cast(pl.Float32)
    return run.sort(
        pl.col("query_id"), single, pl.col("passage_id"), descending=[False, True, True]
    ).with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).over("query_id"))


def evaluate_hits(
    hits: Iterable[pl.DataFrame], qrels: pl.DataFrame, metrics: Sequence[str], *, unique: bool
) -> pl.DataFrame | None:
    """Values as of `evaluate_run`, for a run that is streamed in pieces.

    Args:
        hits: query_id, passage_id, score: the run's pieces, in order.
        qrels: as for `evaluate_run`.
        metrics: names for `parse_metric`.
        unique: check that no passage occurs twice for a query.

    Returns:
        None if a query's hits are not contiguous in the run, or if one may occur twice.

    Raises:
        UsageError: a metric is unknown.
        DataError: a score is NaN.
    """
    relevant = (qrels["relevance"] > 0).arg_true().to_numpy()
    positions = judged_ranks(hits, qrels[relevant], unique=unique)
    if positions is None:
        return None
    ranks = np.zeros(qrels.height, dtype=np.int64)
    ranks[relevant] = positions
    rank = pl.Series("rank", ranks).replace(0, None)
    return evaluate_ranks(qrels.with_columns(rank), metrics)


def evaluate_run(run: pl.DataFrame, qrels: pl.DataFrame, metrics: Sequence[str]) -> pl.DataFrame:
    """Values of metrics by judged query, as ``trec_eval -c`` gives them.

    Ids may be integers instead of text, if their order is that of the bytes. It is fastest if a
    query's hits are contiguous, best first.

    Args:
        run: query_id, passage_id, score; no passage twice for a query; any order.
        qrels: query_id, passage_id, relevance (integer).
        metrics: names for `parse_metric`.

    Returns:
        query_id, metric, value (Float64), for every query of `qrels`.

    Raises:
        UsageError: a metric is unknown.
        DataError: a score is NaN.
    """
    values = evaluate_hits([run], qrels, metrics, unique=False)
    return evaluate_run(run.sort("query_id"), qrels, metrics) if values is None else values
