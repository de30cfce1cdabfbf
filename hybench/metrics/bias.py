"""Language bias: does a retriever rank by language instead of by meaning?

All measures are taken on the pool of all languages (setting ``multi``), where the translations of
an answer are equally relevant (LAReQA, arXiv 2004.05484; hybrid batches, arXiv 2408.10536).
"""

from __future__ import annotations

import polars as pl

from hybench.metrics.language_preference import (
    LANGUAGE_NDCG,
    PREFERENCE_RATE,
    language_ndcg,
    preference_rate,
)
from hybench.metrics.scoring import evaluate_ranks

RANK_DISTANCE = "RankDistance"
BIAS_DEPTH = 10
SAME_LANGUAGE = f"SameLang@{BIAS_DEPTH}"
RECALL_GAP = f"RecallGap@{BIAS_DEPTH}"
COMPLETION_DEPTH = 20
"""A query of the multilingual sets has at most 18 languages, and so as many relevant passages."""
COMPLETION = f"Completion@{COMPLETION_DEPTH}"
ORDER = (
    RANK_DISTANCE,
    RECALL_GAP,
    SAME_LANGUAGE,
    PREFERENCE_RATE,
    LANGUAGE_NDCG,
    COMPLETION,
)
"""All measures, as they are shown."""
OF_QUERIES = (RANK_DISTANCE, SAME_LANGUAGE, PREFERENCE_RATE, LANGUAGE_NDCG, COMPLETION)
"""The measures with a value per query, which results store."""

_QUERY = ("query_lang", "query_id")


def missing_rank(depth: int | None, pool: int) -> int:
    """The rank of a relevant passage in `rank_distance` if it was not retrieved.

    If all hits count, it is one below the whole pool, however many of them a search returned: a
    shallow or approximate search must not make ranks look better than they can be.

    Args:
        depth: hits of a ranking that count for the data set; None for all of them.
        pool: passages in the pool of all languages.
    """
    return (pool if depth is None else depth) + 1


def rank_distance(relevant: pl.DataFrame, missing: int) -> pl.DataFrame:
    """Max rank distance per query: worst minus best rank of its relevant passages, one a language.

    Of several relevant passages in one language the best ranked counts; queries with relevant
    passages in fewer than two languages are omitted. Lower is better (arXiv 2408.10536;
    with XLM-R on XQuAD-R it has 410 for X-X, 295 for X-Y, 287 for hybrid batches).

    Args:
        relevant: query_lang, query_id, passage_lang, rank; one row per relevant passage.
        missing: the rank of a passage that was not retrieved, see `missing_rank`.

    Returns:
        query_lang, query_id, value (Float64).
    """
    return (
        relevant.with_columns(pl.col("rank").cast(pl.Int64).fill_null(missing))
        .group_by(*_QUERY, "passage_lang", maintain_order=True)
        .agg(pl.col("rank").min())
        .group_by(_QUERY, maintain_order=True)
        .agg(
            (pl.col("rank").max() - pl.col("rank").min()).cast(pl.Float64).alias("value"),
            pl.len().alias("languages"),
        )
        .filter(pl.col("languages") >= 2)
        .drop("languages")
    )


def same_language_preference(
    rankings: pl.DataFrame, relevant: pl.DataFrame, k: int = BIAS_DEPTH
) -> pl.DataFrame:
    """Same-language preference@k per query: 1 is fair, above it the query's language is preferred.

    It is the share of the top k hits in the query's language, divided by that language's share of
    the query's relevant passages. Queries without a relevant passage in their own language are
    omitted; one without hits has the value 0.

    Args:
        rankings: query_lang, query_id, rank, passage_lang; at least the top k.
        relevant: query_lang, query_id, passage_lang; one row per relevant passage.
        k: hits that count.

    Returns:
        query_lang, query_id, value (Float64).
    """
    own = pl.col("passage_lang") == pl.col("query_lang")
    expected = (
        relevant.group_by(_QUERY, maintain_order=True)
        .agg(own.mean().alias("expected"))
        .filter(pl.col("expected") > 0)
    )
    seen = rankings.filter(pl.col("rank") <= k).group_by(_QUERY).agg(own.mean().alias("seen"))
    return expected.join(seen, on=_QUERY, how="left", maintain_order="left").select(
        *_QUERY, (pl.col("seen").fill_null(0.0) / pl.col("expected")).alias("value")
    )


def recall_by_language(relevant: pl.DataFrame, k: int = BIAS_DEPTH) -> pl.DataFrame:
    """Recall@k of the pool's relevant passages by their language, a mean over queries.

    Args:
        relevant: query_lang, query_id, passage_lang, rank; one row per relevant passage.
        k: hits that count.

    Returns:
        query_lang, passage_lang, value (Float64), sorted.
    """
    hit = (pl.col("rank") <= k).fill_null(value=False)
    return (
        relevant.group_by(*_QUERY, "passage_lang")
        .agg(hit.mean().alias("value"))
        .group_by("query_lang", "passage_lang")
        .agg(pl.col("value").mean())
        .sort("query_lang", "passage_lang")
    )


def recall_gap(relevant: pl.DataFrame, k: int = BIAS_DEPTH) -> pl.DataFrame:
    """Recall gap@k per query language: best minus worst Recall@k over the passages' languages.

    Lower is better. Returns query_lang, value (Float64), sorted.
    """
    return (
        recall_by_language(relevant, k)
        .group_by("query_lang")
        .agg((pl.col("value").max() - pl.col("value").min()).alias("value"))
        .sort("query_lang")
    )


def bias_values(rankings: pl.DataFrame, relevant: pl.DataFrame, missing: int) -> pl.DataFrame:
    """The measures with a value per query (`OF_QUERIES`), as rows of results.

    Args:
        rankings: see `same_language_preference`.
        relevant: see `rank_distance`; and relevance (integer).
        missing: see `rank_distance`.

    Returns:
        query_lang, query_id, metric, value (Float64).
    """
    measures = {
        RANK_DISTANCE: rank_distance(relevant, missing),
        SAME_LANGUAGE: same_language_preference(rankings, relevant),
        **_of_ranks(relevant),
    }
    return pl.concat(
        [
            frame.select(*_QUERY, pl.lit(name).alias("metric"), "value")
            for name, frame in measures.items()
        ]
    )


def _of_ranks(relevant: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The measures that the ranks of relevant passages decide; each query_lang, query_id, value."""
    completion = evaluate_ranks(relevant, [COMPLETION], by=_QUERY)
    return {
        PREFERENCE_RATE: preference_rate(relevant),
        LANGUAGE_NDCG: language_ndcg(relevant),
        COMPLETION: completion.select(*_QUERY, "value"),
    }


def bias_table(results: pl.DataFrame, relevant: pl.DataFrame) -> pl.DataFrame:
    """All measures by query language and, as query_lang ``all``, their mean over languages.

    Of results that were stored before a measure was known, it comes from the ranks.

    Args:
        results: the table of results; only its rows of the setting multi are used.
        relevant: the table of relevant passages; likewise.

    Returns:
        query_lang, metric, value (Float64); empty where multi was not evaluated.
    """
    multi = pl.col("setting") == "multi"
    columns = ["query_lang", "metric", "value"]
    stored = results.filter(multi, pl.col("metric").is_in(OF_QUERIES)).select(columns)
    known = {*stored["metric"].unique()}
    added = [
        frame.select("query_lang", pl.lit(name).alias("metric"), "value")
        for name, frame in _of_ranks(relevant.filter(multi)).items()
        if name not in known and known
    ]
    means = pl.concat([stored, *added]).group_by("query_lang", "metric").agg(pl.col("value").mean())
    gaps = recall_gap(relevant.filter(multi)).select(
        "query_lang", pl.lit(RECALL_GAP).alias("metric"), "value"
    )
    table = pl.concat([means, gaps])
    overall = (
        table.group_by("metric")
        .agg(pl.col("value").mean())
        .select(pl.lit("all").alias("query_lang"), "metric", "value")
    )
    shown = pl.col("metric").cast(pl.Enum(ORDER))
    return pl.concat([table.sort(shown, "query_lang"), overall.sort(shown)])
