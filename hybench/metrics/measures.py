"""Retrieval metrics with trec_eval's semantics, for all queries of a run at once.

Metrics are named as ir_measures names them. Each is computed from the ranks of the judged passages
alone, so nothing that was retrieved but not judged is looked at. trec_eval's rules hold: a passage
is relevant where its relevance is above 0; a query without results, or without a relevant passage,
scores 0 (``-c``); hits are ordered by float32 score, equal ones by docid, larger bytes first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from hybench.errors import UsageError
from hybench.metrics.ranks import Places, judged_ranks

Values = npt.NDArray[np.float64]

RESULT_SCHEMA = {"query_id": pl.String(), "metric": pl.String(), "value": pl.Float64()}


@dataclass(frozen=True)
class Relevant:
    """The relevant passages of n queries, one entry for each, m in all.

    Attributes:
        query: int64 [m], the query's place.
        gain: float64 [m], the relevance, above 0.
        rank: float64 [m], from 1; infinity where not retrieved.
        found: float64 [m], how many of the query's relevant passages stand at this rank or above.
        ideal: float64 [m], the passage's rank if the most relevant came first.
        queries: n.
    """

    query: Places
    gain: Values
    rank: Values
    found: Values
    ideal: Values
    queries: int

    def sum(self, values: Values | npt.NDArray[np.bool_]) -> Values:
        """Sum of values [m] by query, float64 [n]."""
        sums = np.bincount(self.query, weights=values, minlength=self.queries)
        return sums.astype(np.float64)

    @property
    def count(self) -> Values:
        """Number of relevant passages by query, retrieved or not; float64 [n]."""
        return np.bincount(self.query, minlength=self.queries).astype(np.float64)


def _ratio(above: Values, below: Values) -> Values:
    """above / below, 0 where below is 0."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def ndcg(relevant: Relevant, k: float) -> Values:
    """nDCG@k = DCG / ideal DCG, with DCG = sum over ranks r <= k of gain / log2(r + 1).

    The gain is the relevance itself (Järvelin & Kekäläinen 2002; trec_eval ndcg_cut), and the ideal
    is of the judgements, retrieved or not.
    """
    gained = np.where(relevant.rank <= k, relevant.gain / np.log2(relevant.rank + 1), 0.0)
    ideal = np.where(relevant.ideal <= k, relevant.gain / np.log2(relevant.ideal + 1), 0.0)
    return _ratio(relevant.sum(gained), relevant.sum(ideal))


def recall(relevant: Relevant, k: float) -> Values:
    """R@k: share of the relevant passages among the first k hits (trec_eval recall)."""
    return _ratio(relevant.sum(relevant.rank <= k), relevant.count)


def precision(relevant: Relevant, k: float) -> Values:
    """P@k: share of relevant passages among k hits, divided by k however many there are
    (trec_eval P).
    """
    return relevant.sum(relevant.rank <= k) / k


def average_precision(relevant: Relevant, k: float) -> Values:
    """AP: mean over all relevant passages of the precision at their ranks, 0 for those not found.

    AP@k takes those beyond rank k as not found and divides by all of them (trec_eval map, map_cut;
    Buckley & Voorhees 2005).
    """
    precisions = np.where(relevant.rank <= k, relevant.found / relevant.rank, 0.0)
    return _ratio(relevant.sum(precisions), relevant.count)


def reciprocal_rank(relevant: Relevant, k: float) -> Values:
    """RR: one over the rank of the first relevant passage (Kantor & Voorhees 2000; trec_eval
    recip_rank).
    """
    first = np.where((relevant.found == 1) & (relevant.rank <= k), 1 / relevant.rank, 0.0)
    return relevant.sum(first)


Function = Callable[[Relevant, float], Values]

_FUNCTIONS: dict[str, Function] = {
    "nDCG": ndcg,
    "R": recall,
    "P": precision,
    "AP": average_precision,
    "RR": reciprocal_rank,
}
_NEED_CUTOFF = frozenset({"R", "P"})
_NAME = re.compile(r"(nDCG|R|P|AP|RR)(?:@([1-9][0-9]*))?")


@dataclass(frozen=True)
class Metric:
    """A metric with its cut-off.

    Attributes:
        name: as ir_measures writes it, such as ``nDCG@10``.
        function: what computes it.
        cutoff: ranks that count; infinity for all.
    """

    name: str
    function: Function
    cutoff: float


def parse_metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UsageError: there is none.
    """
    match = _NAME.fullmatch(name)
    if match is None or (match[1] in _NEED_CUTOFF and match[2] is None):
        raise UsageError(
            f"No metric {name!r}.", "Metrics: nDCG, nDCG@k, R@k, P@k, AP, AP@k, RR, RR@k."
        )
    return Metric(name, _FUNCTIONS[match[1]], float(match[2] or "inf"))


def evaluate_ranks(judged: pl.DataFrame, metrics: Sequence[str]) -> pl.DataFrame:
    """Values of metrics by query, from the ranks of the judged passages.

    Args:
        judged: query_id, relevance (integer), rank (from 1; null where not retrieved), one row per
            judged passage, those of relevance 0 included: a query counts if it has any row.
        metrics: names for `parse_metric`.

    Returns:
        query_id, metric, value (Float64); queries in the order in which they first stand.

    Raises:
        UsageError: a metric is unknown.
    """
    chosen = [parse_metric(name) for name in metrics]
    queries = judged.select(pl.col("query_id").unique(maintain_order=True)).with_row_index("query")
    relevant = _relevant(judged, queries)
    return pl.concat(
        [pl.DataFrame(schema=RESULT_SCHEMA | {"query_id": judged.schema["query_id"]})]
        + [
            queries.select(
                "query_id",
                pl.lit(metric.name).alias("metric"),
                pl.Series("value", metric.function(relevant, metric.cutoff), pl.Float64),
            )
            for metric in chosen
        ]
    )


def _relevant(judged: pl.DataFrame, queries: pl.DataFrame) -> Relevant:
    rows = (
        judged.filter(pl.col("relevance") > 0)
        .join(queries, on="query_id", maintain_order="left")
        .select(
            query=pl.col("query").cast(pl.Int64),
            gain=pl.col("relevance").cast(pl.Float64),
            rank=pl.col("rank").cast(pl.Float64).fill_null(float("inf")),
        )
    )
    query, gain, rank = (column.to_numpy() for column in rows.iter_columns())
    return Relevant(
        query=query,
        gain=gain,
        rank=rank,
        found=_count_up(query, rank),
        ideal=_count_up(query, -gain),
        queries=queries.height,
    )


_BEYOND = 2**32


def _count_up(query: Places, values: Values) -> Values:
    """Each value's place within its query, from 1, the least first; float64 [m]."""
    # One number for both: rows mostly stand by query, and a stable sort is fast on what is nearly
    # sorted. Ranks and gains are integers of 32 bits, and infinity is above them.
    within = np.clip(values, -_BEYOND, _BEYOND).astype(np.int64)
    order = np.argsort(query * (4 * _BEYOND) + within, kind="stable")
    first = np.searchsorted(query[order], query)
    places = np.empty(len(order))
    places[order] = np.arange(1, len(order) + 1)
    return places - first


def rank_hits(run: pl.DataFrame) -> pl.DataFrame:
    """Add the column rank (UInt32, from 1) to query_id, passage_id, score, as trec_eval orders.

    Scores are compared as float32, equal ones by the bytes of passage_id, descending. No hit is
    dropped, whatever its id: ids of queries and of passages are of different kinds.
    """
    single = pl.col("score").cast(pl.Float32)
    return run.sort(
        pl.col("query_id"), single, pl.col("passage_id"), descending=[False, True, True]
    ).with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).over("query_id"))


def evaluate_hits(
    hits: Iterable[pl.DataFrame], qrels: pl.DataFrame, metrics: Sequence[str], *, unique: bool
) -> pl.DataFrame | None:
    """Values as `evaluate_run` gives them, of a run that comes in pieces and is not kept.

    Args:
        hits: query_id, passage_id, score: the run's pieces, in order.
        qrels: as for `evaluate_run`.
        metrics: names for `parse_metric`.
        unique: look for passages that stand twice for a query.

    Returns:
        None if a query's hits do not stand together in the run, or if one seems to stand twice.

    Raises:
        UsageError: a metric is unknown.
        DataError: a score is NaN.
    """
    relevant = (qrels["relevance"] > 0).arg_true().to_numpy()
    found = judged_ranks(hits, qrels[relevant], unique=unique)
    if found is None:
        return None
    ranks = np.zeros(qrels.height, dtype=np.int64)
    ranks[relevant] = found
    rank = pl.Series("rank", ranks).replace(0, None)
    return evaluate_ranks(qrels.with_columns(rank), metrics)


def evaluate_run(run: pl.DataFrame, qrels: pl.DataFrame, metrics: Sequence[str]) -> pl.DataFrame:
    """Values of metrics by judged query, as ``trec_eval -c`` gives them.

    Ids may be integers in place of text, if larger ones stand for larger bytes. It is fastest where
    a query's hits stand together, best first.

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
