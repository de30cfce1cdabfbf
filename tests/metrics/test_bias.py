from __future__ import annotations

import polars as pl
import pytest

from hybench.metrics.bias import (
    bias_table,
    bias_values,
    missing_rank,
    rank_distance,
    recall_by_language,
    recall_gap,
    same_language_preference,
)

RELEVANT = pl.DataFrame(
    [
        ("multi", "sw", "q1", "sw", "a", 1),
        ("multi", "sw", "q1", "en", "a", 40),
        ("multi", "sw", "q1", "yo", "a", 7),
        ("multi", "sw", "q2", "sw", "b", 3),
        ("multi", "sw", "q2", "en", "b", 5),
        ("multi", "sw", "q3", "en", "c", 2),
        ("multi", "en", "q1", "sw", "a", 10),
        ("multi", "en", "q1", "en", "a", 11),
        ("mono", "en", "q1", "en", "a", 1),
    ],
    schema=["setting", "query_lang", "query_id", "passage_lang", "passage_id", "rank"],
    orient="row",
).with_columns(relevance=pl.lit(1))
MULTI = RELEVANT.filter(pl.col("setting") == "multi")


def hits(query_lang: str, query_id: str, languages: str) -> list[tuple[str, str, str, int, str]]:
    return [
        ("multi", query_lang, query_id, rank, language)
        for rank, language in enumerate(languages.split(), start=1)
    ]


RANKINGS = pl.DataFrame(
    hits("sw", "q1", "sw sw sw sw sw sw sw en en en en en")
    + hits("sw", "q2", "en en en en")
    + hits("sw", "q3", "sw en")
    + hits("en", "q1", "en sw en sw en sw en sw en sw"),
    schema=["setting", "query_lang", "query_id", "rank", "passage_lang"],
    orient="row",
)


def values(frame: pl.DataFrame) -> dict[tuple[str, str], float]:
    return {(language, query): value for language, query, value in frame.iter_rows()}


def test_rank_distance_is_worst_minus_best_and_needs_two_languages() -> None:
    found = values(rank_distance(MULTI, 100))
    assert found == {("sw", "q1"): 39.0, ("sw", "q2"): 2.0, ("en", "q1"): 1.0}


def test_passages_that_were_not_retrieved_have_the_rank_that_stands_for_none() -> None:
    cut = MULTI.with_columns(pl.when(pl.col("rank") <= 10).then(pl.col("rank")).alias("rank"))
    assert values(rank_distance(cut, 11))["sw", "q1"] == 10.0
    assert values(rank_distance(cut, 500))["sw", "q1"] == 499.0


def test_it_is_just_behind_the_depth_or_the_whole_pool() -> None:
    assert missing_rank(1000, 49_043) == 1001
    assert missing_rank(None, 13_014) == 13_015


def test_of_several_relevant_passages_in_a_language_the_best_counts() -> None:
    more = pl.concat([MULTI, MULTI.head(1).with_columns(rank=pl.lit(90, pl.Int64))])
    assert values(rank_distance(more, 100))["sw", "q1"] == 39.0


def test_same_language_preference_divides_by_the_share_among_the_relevant() -> None:
    found = values(same_language_preference(RANKINGS, MULTI))
    assert found["sw", "q1"] == pytest.approx(0.7 / (1 / 3))
    assert found["sw", "q2"] == 0.0
    assert found["en", "q1"] == pytest.approx(0.5 / 0.5)
    # q3 has no relevant passage in its own language, so there is nothing to be fair to.
    assert ("sw", "q3") not in found


def test_a_query_without_hits_prefers_nothing() -> None:
    assert values(same_language_preference(RANKINGS.clear(), MULTI))["en", "q1"] == 0.0


def test_recall_by_language_and_its_gap() -> None:
    rows = recall_by_language(MULTI)
    found = {(one, other): value for one, other, value in rows.iter_rows()}
    assert found["sw", "sw"] == 1.0
    assert found["sw", "en"] == pytest.approx(2 / 3)
    assert found["en", "en"] == 0.0
    assert found["en", "sw"] == 1.0
    assert recall_gap(MULTI).rows() == [("en", 1.0), ("sw", pytest.approx(1 / 3))]


def test_the_table_averages_over_queries_then_languages() -> None:
    results = bias_values(RANKINGS, MULTI, 100).with_columns(setting=pl.lit("multi"))
    table = bias_table(results, RELEVANT)
    overall = {name: value for language, name, value in table.iter_rows() if language == "all"}
    assert overall["RankDistance"] == pytest.approx(((39 + 2) / 2 + 1) / 2)
    assert overall["RecallGap@10"] == pytest.approx((1 / 3 + 1) / 2)
    assert overall["SameLang@10"] == pytest.approx((2.1 / 2 + 1.0) / 2)


def test_without_the_multi_setting_the_table_is_empty() -> None:
    mono = pl.col("setting") == "mono"
    results = pl.DataFrame(
        {"setting": ["mono"], "query_lang": ["en"], "metric": ["AP"], "value": [1.0]}
    )
    assert bias_table(results, RELEVANT.filter(mono)).height == 0
