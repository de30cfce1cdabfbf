from __future__ import annotations

import polars as pl
import pytest

from hybench.evaluation.means import language_matrix, language_means, macro_averages

RESULTS = pl.DataFrame(
    [
        ("mono", "sw", "sw", "1", "AP", 1.0),
        ("mono", "sw", "sw", "2", "AP", 0.0),
        ("mono", "yo", "yo", "1", "AP", 1.0),
        ("mono", "yo", "yo", "1", "R@1", 0.25),
        ("cross", "sw", "yo", "1", "AP", 0.5),
        ("multi", "sw", "all", "1", "AP", 0.125),
    ],
    schema=["setting", "query_lang", "corpus_lang", "query_id", "metric", "value"],
    orient="row",
)


def test_means_by_language() -> None:
    rows = language_means(RESULTS, "AP", "mono").select("query_lang", "queries", "value").rows()
    assert rows == [("sw", 2, 0.5), ("yo", 1, 1.0)]
    assert language_means(RESULTS).height == 5


def test_macro_averages_count_languages_not_queries() -> None:
    found = {(one, other): rest for one, other, *rest in macro_averages(RESULTS).iter_rows()}
    assert found["mono", "AP"] == [2, 3, pytest.approx(0.75)]
    assert found["mono", "R@1"] == [1, 1, 0.25]
    assert found["multi", "AP"] == [1, 1, 0.125]


def test_the_matrix_has_mono_on_its_diagonal_and_cross_beside_it() -> None:
    matrix = language_matrix(RESULTS, "AP")
    assert matrix.columns == ["query_lang", "sw", "yo"]
    assert matrix.rows() == [("sw", 0.5, 0.5), ("yo", None, 1.0)]


def test_a_metric_that_is_not_there_gives_an_empty_matrix() -> None:
    assert language_matrix(RESULTS, "RR").height == 0
