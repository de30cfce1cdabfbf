"""Preference of the query's language, against loops over single queries."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from hybench.metrics.bias import COMPLETION, bias_table, bias_values
from hybench.metrics.language_preference import (
    LANGUAGE_NDCG,
    PREFERENCE_RATE,
    language_ndcg,
    preference_rate,
)
from hybench.metrics.scoring import evaluate_ranks

Ranks = dict[tuple[str, str], list[tuple[str, int | None]]]
COLUMNS = ["query_lang", "query_id", "passage_lang", "rank", "relevance"]


def table(ranks: Ranks) -> pl.DataFrame:
    rows = [
        (language, query, passage, rank, 1)
        for (language, query), found in ranks.items()
        for passage, rank in found
    ]
    return pl.DataFrame(rows, COLUMNS, orient="row")


def values(frame: pl.DataFrame) -> dict[tuple[str, str], float]:
    return {(language, query): value for language, query, value in frame.iter_rows()}


def drawn() -> Ranks:
    """Queries in three languages with up to two relevant passages in each of four."""
    draws = np.random.default_rng(0)
    found: Ranks = {}
    for language in ("en", "sw", "yo"):
        for query in range(40):
            languages = [
                code for code in ("de", "en", "sw", "yo") for _ in range(draws.integers(0, 3))
            ]
            places = draws.choice(30, size=len(languages), replace=False) + 1
            passages = [
                (code, int(rank) if rank <= 25 else None)
                for code, rank in zip(languages, places, strict=True)
            ]
            if passages:
                found[language, f"q{query}"] = passages
    return found


def compared(ranks: Ranks) -> Ranks:
    return {
        (language, query): found
        for (language, query), found in ranks.items()
        if 0 < sum(code == language for code, _ in found) < len(found)
    }


def test_the_rate_counts_queries_answered_first_in_their_own_language() -> None:
    ranks = drawn()
    expected = {}
    for (language, query), found in compared(ranks).items():
        retrieved = [(rank, code) for code, rank in found if rank is not None]
        expected[language, query] = float(bool(retrieved) and min(retrieved)[1] == language)
    assert values(preference_rate(table(ranks))) == expected
    assert 0 < sum(expected.values()) < len(expected)


@pytest.mark.parametrize("k", [3, 10])
def test_language_ndcg_is_ndcg_with_the_own_language_worth_twice(k: int) -> None:
    ranks = drawn()
    expected = {}
    for (language, query), found in compared(ranks).items():
        gains = [2 if code == language else 1 for code, _ in found]
        best = sum(
            gain / math.log2(at + 2) for at, gain in enumerate(sorted(gains, reverse=True)[:k])
        )
        got = sum(
            gain / math.log2(rank + 1)
            for gain, (_, rank) in zip(gains, found, strict=True)
            if rank is not None and rank <= k
        )
        expected[language, query] = got / best
    assert values(language_ndcg(table(ranks), k)) == pytest.approx(expected)


def test_a_perfect_ranking_begins_with_the_own_language() -> None:
    best = table({("sw", "q"): [("sw", 1), ("en", 2), ("yo", 3)]})
    second = table({("sw", "q"): [("sw", 2), ("en", 1), ("yo", 3)]})
    assert values(language_ndcg(best)) == {("sw", "q"): 1.0}
    assert values(preference_rate(second)) == {("sw", "q"): 0.0}
    assert 0 < values(language_ndcg(second))["sw", "q"] < 1


@pytest.mark.parametrize("k", [1, 3, 25])
def test_completion_needs_every_relevant_passage(k: int) -> None:
    ranks = drawn()
    found = evaluate_ranks(table(ranks), [f"Completion@{k}"], by=("query_lang", "query_id"))
    expected = {
        key: float(all(rank is not None and rank <= k for _, rank in passages))
        for key, passages in ranks.items()
    }
    assert values(found.drop("metric")) == expected


def test_bias_has_them_by_query_and_of_older_results_by_language() -> None:
    relevant = table(drawn()).with_columns(setting=pl.lit("multi"))
    rankings = relevant.select("query_lang", "query_id", "rank", "passage_lang")
    found = bias_values(rankings.filter(pl.col("rank") <= 10), relevant, 31)
    assert {PREFERENCE_RATE, LANGUAGE_NDCG, COMPLETION} <= {*found["metric"]}
    stored = found.with_columns(setting=pl.lit("multi"))
    older = stored.filter(pl.col("metric").is_in(["RankDistance", "SameLang@10"]))
    expected, again = (
        {(row["query_lang"], row["metric"]): row["value"] for row in each.iter_rows(named=True)}
        for each in (bias_table(stored, relevant), bias_table(older, relevant))
    )
    assert again == pytest.approx(expected)
