"""Heat maps: means over the same seeds everywhere, and the reason where one is missing."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from hybench.evaluation.heat_maps import heat_map


def results(scores: dict[tuple[str, str], float]) -> pl.DataFrame:
    """Two queries a pair of languages, whose mean is the score; and one of another metric."""
    return pl.DataFrame(
        [
            {
                "setting": "mono" if query == passage else "cross",
                "query_lang": query,
                "corpus_lang": passage,
                "query_id": f"q{at}",
                "metric": metric,
                "value": score + offset if metric == "AP" else 9.0,
            }
            for (query, passage), score in scores.items()
            for at, offset in enumerate((-0.1, 0.1))
            for metric in ("AP", "RR")
        ]
    )


FIRST = {("en", "en"): 0.5, ("en", "sw"): 0.3, ("sw", "sw"): 0.4}
SECOND = {("en", "en"): 0.7, ("sw", "sw"): 0.2, ("sw", "yo"): 0.6}


def test_a_map_is_the_mean_over_queries() -> None:
    found = heat_map([results(FIRST)], "AP")
    assert (found.queries, found.passages) == (("en", "sw"), ("en", "sw"))
    np.testing.assert_allclose(found.values, [[0.5, 0.3], [np.nan, 0.4]])
    assert found.missing == {("sw", "en"): "not evaluated"}
    assert found.value("sw", "en") is None
    assert found.value("en", "sw") == pytest.approx(0.3)


def test_a_pair_that_a_seed_lacks_is_empty_and_says_so() -> None:
    found = heat_map([results(FIRST), results(SECOND)], "AP")
    assert found.passages == ("en", "sw", "yo")
    np.testing.assert_allclose(found.values, [[0.6, np.nan, np.nan], [np.nan, 0.3, np.nan]])
    assert found.missing["en", "sw"] == "in 1 of 2 runs only"
    assert found.missing["en", "yo"] == "not evaluated"


def test_a_run_without_results_leaves_every_pair_empty() -> None:
    found = heat_map([results(FIRST), None], "AP")
    assert found.is_empty
    assert set(found.missing.values()) == {"in 1 of 2 runs only", "not evaluated"}
    assert heat_map([None], "AP").is_empty


def test_a_mean_that_is_no_number_is_missing() -> None:
    found = heat_map([results({("en", "en"): float("nan"), ("en", "sw"): 0.2})], "AP")
    assert found.missing == {("en", "en"): "not a number"}


def test_query_languages_can_be_chosen() -> None:
    assert heat_map([results(FIRST)], "AP", ["sw"]).queries == ("sw",)


def test_a_difference_says_which_side_lacks_a_pair() -> None:
    gap = heat_map([results(FIRST)], "AP").minus(heat_map([results(SECOND)], "AP"), "mono")
    assert (gap.queries, gap.passages) == (("en", "sw"), ("en", "sw", "yo"))
    np.testing.assert_allclose(gap.values, [[-0.2, np.nan, np.nan], [np.nan, 0.2, np.nan]])
    assert gap.missing["en", "sw"] == "not evaluated (mono)"
    assert gap.missing["sw", "yo"] == "not evaluated"
