"""Means of per-query results: by language or pair of languages, over them, and as a matrix."""

from __future__ import annotations

import polars as pl

_GROUP = ("setting", "query_lang", "corpus_lang", "metric")


def language_means(
    results: pl.DataFrame, metric: str | None = None, setting: str | None = None
) -> pl.DataFrame:
    """Means over queries, one row per search and metric.

    Args:
        results: the table of results.
        metric: one metric, None for all.
        setting: one setting, None for all.

    Returns:
        setting, query_lang, corpus_lang, metric, queries (UInt32), value (Float64), sorted.
    """
    if metric is not None:
        results = results.filter(pl.col("metric") == metric)
    if setting is not None:
        results = results.filter(pl.col("setting") == setting)
    return (
        results.group_by(_GROUP)
        .agg(pl.len().cast(pl.UInt32).alias("queries"), pl.col("value").mean())
        .sort(_GROUP)
    )


def macro_averages(results: pl.DataFrame) -> pl.DataFrame:
    """Means of the means by language (mono, multi) or by pair of languages (cross).

    Each language or pair has the same weight, however many queries it has.

    Returns:
        setting, metric, searches (UInt32: languages or pairs), queries (UInt32), value (Float64),
        sorted.
    """
    return (
        language_means(results)
        .group_by("setting", "metric")
        .agg(
            pl.len().cast(pl.UInt32).alias("searches"),
            pl.col("queries").sum(),
            pl.col("value").mean(),
        )
        .sort("setting", "metric")
    )


def language_matrix(results: pl.DataFrame, metric: str) -> pl.DataFrame:
    """Query language by passage language: the mono setting on the diagonal, cross beside it.

    Returns:
        query_lang, then a Float64 column per passage language; both sorted, null where a pair was
        not evaluated.
    """
    means = language_means(results, metric).filter(pl.col("setting").is_in(["mono", "cross"]))
    languages = means["corpus_lang"].unique().sort().to_list()
    wide = means.pivot(on="corpus_lang", index="query_lang", values="value")
    return wide.select("query_lang", *languages).sort("query_lang")
