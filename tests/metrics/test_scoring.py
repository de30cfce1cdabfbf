from __future__ import annotations

from math import log2

import numpy as np
import polars as pl
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from hybench.errors import DataError
from hybench.metrics import ranks
from hybench.metrics.ranks import judged_ranks
from hybench.metrics.scoring import evaluate_ranks, evaluate_run, rank_hits

NAMES = {
    "nDCG@1": "ndcg_cut_1",
    "nDCG@3": "ndcg_cut_3",
    "nDCG@10": "ndcg_cut_10",
    "nDCG": "ndcg",
    "R@1": "recall_1",
    "R@10": "recall_10",
    "R@100": "recall_100",
    "P@5": "P_5",
    "AP": "map",
    "AP@2": "map_cut_2",
    "RR": "recip_rank",
    "Rprec": "Rprec",
    "Success@1": "success_1",
    "Success@5": "success_5",
}
"""Ours, and pytrec_eval's."""

Run = dict[str, dict[str, float]]
Qrels = dict[str, dict[str, int]]


def frames(run: Run, qrels: Qrels) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both as tables."""
    hits = [(query, one, score) for query, found in run.items() for one, score in found.items()]
    judged = [(query, one, value) for query, rows in qrels.items() for one, value in rows.items()]
    text = {"query_id": pl.String(), "passage_id": pl.String()}
    return (
        pl.DataFrame(hits, schema=text | {"score": pl.Float64()}, orient="row"),
        pl.DataFrame(judged, schema=text | {"relevance": pl.Int32()}, orient="row"),
    )


def ours(run: Run, qrels: Qrels) -> dict[tuple[str, str], float]:
    """Our value by query and metric."""
    values = evaluate_run(*frames(run, qrels), list(NAMES))
    assert values.height == len(qrels) * len(NAMES)
    return {(query, metric): value for query, metric, value in values.iter_rows()}


def trec_eval(run: Run, qrels: Qrels) -> dict[tuple[str, str], float]:
    """pytrec_eval's, as trec_eval -c: queries without results score 0."""
    measures = {
        "ndcg_cut.1,3,10",
        "ndcg",
        "recall.1,10,100",
        "P.5",
        "map",
        "map_cut.2",
        "recip_rank",
        "Rprec",
        "success.1,5",
    }
    values = pytrec_eval.RelevanceEvaluator(qrels, measures).evaluate(run)
    return {
        (query, name): values.get(query, {}).get(its_name, 0.0)
        for query in qrels
        for name, its_name in NAMES.items()
    }


IDS = st.sampled_from(
    [
        "d1",
        "d10",
        "d9",
        "D",
        "10020#0",
        "q1",
        "é",
        "e\u0301",
        "z",
        "日本",
        "日",
        "𐍈",
        "\ufffd",
        "ọ̀ni",
        "~",
    ]
) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=4
)
# Few values, so that ties abound; two that differ as float64 and are the same as float32.
SCORES = st.sampled_from([0.0, -0.0, 0.5, 0.5 + 1e-12, 1.0, -3.25, 1e-30, 7e10])
QUERIES = st.sampled_from(["q1", "q2", "q3", "10020#0"])
RUNS = st.dictionaries(QUERIES, st.dictionaries(IDS, SCORES, min_size=1, max_size=14), max_size=4)
JUDGED = st.dictionaries(
    QUERIES,
    st.dictionaries(IDS, st.sampled_from([0, 0, 1, 1, 2, 3, 7]), min_size=1, max_size=12),
    min_size=1,
    max_size=4,
)


@given(RUNS, JUDGED)
@settings(max_examples=300, deadline=None)
def test_values_are_trec_evals(run: Run, qrels: Qrels) -> None:
    assert ours(run, qrels) == pytest.approx(trec_eval(run, qrels), abs=1e-9)


def test_negative_relevance_is_not_relevant() -> None:
    run, qrels = {"q": {"a": 2.0, "b": 1.0}}, {"q": {"a": -1, "b": 2}}
    values = ours(run, qrels)
    assert values["q", "nDCG@10"] == pytest.approx(1 / log2(3))
    assert values["q", "AP"] == 0.5


def test_a_worked_example() -> None:
    run = {"q": {"d1": 5.0, "d2": 4.0, "d3": 3.0, "d4": 2.0}}
    qrels = {"q": {"d2": 2, "d4": 1, "lost": 1, "d1": 0}}
    values = ours(run, qrels)
    ideal = 2 / log2(2) + 1 / log2(3) + 1 / log2(4)
    assert values["q", "nDCG@10"] == pytest.approx((2 / log2(3) + 1 / log2(5)) / ideal)
    assert values["q", "nDCG@3"] == pytest.approx((2 / log2(3)) / ideal)
    assert values["q", "R@10"] == pytest.approx(2 / 3)
    assert values["q", "AP"] == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert values["q", "AP@2"] == pytest.approx((1 / 2) / 3)
    assert values["q", "RR"] == pytest.approx(1 / 2)
    assert values["q", "P@5"] == pytest.approx(2 / 5)
    assert values["q", "Rprec"] == pytest.approx(1 / 3)
    assert (values["q", "Success@1"], values["q", "Success@5"]) == (0.0, 1.0)


def test_queries_without_results_or_without_relevant_passages_score_zero() -> None:
    values = ours({"q1": {"d": 1.0}}, {"q1": {"d": 0}, "q2": {"d": 1}})
    assert set(values.values()) == {0.0}
    assert len(values) == 2 * len(NAMES)


def test_equal_scores_are_ordered_by_id_descending_and_compared_as_float32() -> None:
    run, _ = frames({"q": {"a": 0.1, "b": 0.1 + 1e-12, "c": 0.1, "ä": 0.1, "d": 0.2}}, {})
    assert rank_hits(run)["passage_id"].to_list() == ["d", "ä", "c", "b", "a"]
    assert rank_hits(run)["rank"].to_list() == [1, 2, 3, 4, 5]


def test_a_hit_whose_id_equals_the_query_id_stays() -> None:
    values = ours({"10020#0": {"10020#0": 2.0, "x": 1.0}}, {"10020#0": {"10020#0": 1}})
    assert values["10020#0", "R@1"] == 1.0


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["sorted", "shuffled", "by query"]),
    st.sampled_from([170, 700, 2000]),
)
@settings(max_examples=90, deadline=None)
def test_ranks_are_those_of_the_sorted_run(seed: int, order: str, piece: int) -> None:
    random = np.random.default_rng(seed)
    found, scores = random.integers(0, 40, 2000), random.choice([8.0, 400.0])
    run = pl.DataFrame(
        {
            "query_id": [f"q{query}" for query in random.integers(0, 8, 2000) ** 2 // 5],
            "passage_id": [f"d{one}" for one in np.arange(2000) * 7],
            "score": np.round(random.random(2000) * scores),
        }
    )
    run = {"sorted": rank_hits(run), "shuffled": run, "by query": run.sort("query_id")}[order]
    # One of them is asked for twice, and two are not there.
    pairs = run[[*np.unique(found * 50), int(found[0]) * 50]].select("query_id", "passage_id")
    pairs = pairs.vstack(pl.DataFrame({"query_id": ["q0", "q"], "passage_id": ["d1", "d0"]}))
    ids = ["query_id", "passage_id"]
    expected = pairs.join(rank_hits(run), on=ids, how="left", maintain_order="left")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "HITS_AT_ONCE", 300)
        ours = judged_ranks(run.iter_slices(piece), pairs, unique=True)
    if order == "shuffled":
        assert ours is None
    else:
        assert ours is not None
        assert ours.tolist() == expected["rank"].fill_null(0).to_list()


def test_integers_that_count_ids_in_their_order_stand_for_them() -> None:
    hits = {"a": 1.0, "b": 1.0, "é": 1.0, "日": 1.0}
    run, qrels = frames({"p": hits, "q": hits}, {"p": {"b": 1, "日": 2}, "q": {"a": 1}})
    codes = (
        pl.col("query_id").replace_strict({"p": 9, "q": 4}),
        pl.col("passage_id").replace_strict({"a": 3, "b": 5, "é": 8, "日": 10}),
    )
    values = evaluate_run(run.with_columns(codes), qrels.with_columns(codes), list(NAMES))
    assert_frame_equal(
        values, evaluate_run(run, qrels, list(NAMES)).with_columns(codes[0]), check_exact=True
    )


def test_scores_that_are_no_numbers_are_refused() -> None:
    run, qrels = frames({"q": {"a": 2.0, "b": float("nan")}}, {"q": {"a": 1}})
    with pytest.raises(DataError, match="score of 'b' for query 'q' is NaN"):
        evaluate_run(run, qrels, ["AP"])


def test_no_queries_give_no_values() -> None:
    values = evaluate_ranks(frames({}, {})[1].with_columns(rank=pl.lit(None, pl.Int32)), ["AP"])
    assert values.height == 0
    assert values.columns == ["query_id", "metric", "value"]
