from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from hybench.comparison.gather import CompareOptions
from hybench.comparison.table import compare
from hybench.concurrency.progress import Progress
from hybench.data.dataset import Dataset
from hybench.errors import UsageError
from hybench.evaluation import retrieval
from hybench.evaluation import scope as scope_module
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.results import RANKINGS, RELEVANT, RESULTS, read_results
from hybench.evaluation.scope import EvalOptions, _ranking_depths
from hybench.indexes.options import IndexOptions
from hybench.indexes.writer import build_index
from hybench.metrics.bias import RANK_DISTANCE, SAME_LANGUAGE
from hybench.metrics.scoring import evaluate_run
from hybench.runs.run import Run, list_results
from tests.evaluation.tiny import tiny_dataset
from tests.indexes.fakes import HashedWords, run_with_model


def all_scores(dataset: Dataset, language: str, pool: tuple[str, ...]) -> pl.DataFrame:
    """A whole run by hand: every query of the test split with every passage, carried ids."""
    encoder = HashedWords()
    queries = dataset.queries(language, "test")
    rows = []
    asked = encoder.encode(queries["text"].to_list(), "query")
    for corpus in pool:
        passages = dataset.passages(corpus)
        scores = asked @ encoder.encode(passages["text"].to_list(), "passage").T
        for place, query_id in enumerate(queries["query_id"]):
            for passage_id, score in zip(passages["passage_id"], scores[place], strict=True):
                rows.append((query_id, f"{corpus}/{passage_id}", float(score)))
    return pl.DataFrame(rows, schema=["query_id", "passage_id", "score"], orient="row")


@pytest.mark.parametrize("group", [2, 512])
@pytest.mark.parametrize("ann", [False, True])
def test_values_are_those_of_a_second_implementation(
    dataset: Dataset, run: Run, group: int, ann: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval, "QUERIES_AT_ONCE", group)
    monkeypatch.setattr(retrieval, "HITS_AT_ONCE", 100 * group)
    report = evaluate(run, dataset, HashedWords(), EvalOptions(ann=ann))
    metrics = list(dataset.info.metrics)
    for setting, language, corpus in (
        report.values.select("setting", "query_lang", "corpus_lang").unique().iter_rows()
    ):
        pool = ("en", "sw", "yo") if corpus == "all" else (corpus,)
        qrels = dataset.qrels(language).filter(
            pl.col("passage_lang").is_in(pool), pl.col("query_id") != "dev"
        )
        carried = pl.concat_str("passage_lang", pl.lit("/"), "passage_id").alias("passage_id")
        expected = evaluate_run(
            all_scores(dataset, language, pool), qrels.with_columns(carried), metrics
        )
        values = report.values.filter(
            pl.col("setting") == setting,
            pl.col("query_lang") == language,
            pl.col("corpus_lang") == corpus,
            pl.col("metric").is_in(metrics),
        ).select("query_id", "metric", "value")
        assert_frame_equal(values, expected, check_row_order=False, abs_tol=1e-9)


def test_files_hold_what_their_schemas_say(dataset: Dataset, run: Run) -> None:
    report = evaluate(run, dataset, HashedWords())
    assert report.key == "tiny"
    results = read_results(run, "tiny")
    rankings, relevant = results.rankings().collect(), results.relevant().collect()
    assert rankings.schema == pl.Schema(RANKINGS)
    assert relevant.schema == pl.Schema(RELEVANT)
    assert results.values.schema == pl.Schema(RESULTS)
    assert_frame_equal(results.values, report.values)
    assert results.info == report.info
    info = results.info
    assert (info.split, info.depth, info.search, info.recall) == ("test", None, "exact", {})
    assert info.settings == ("mono", "cross", "multi")
    assert info.pools == {"en": 18, "sw": 18, "yo": 18, "all": 54}
    assert info.fingerprint == dataset.info.fingerprint
    assert info.ranking_depth == 100
    assert list_results(run) == ("tiny",)
    # All ranks of the relevant are known, however deep, and those in the rankings agree.
    assert relevant["rank"].null_count() == 0
    keys = ["setting", "query_lang", "corpus_lang", "query_id", "passage_lang", "passage_id"]
    joined = relevant.join(rankings, on=keys, suffix="_listed")
    assert joined.height == relevant.height
    assert (joined["rank"] == joined["rank_listed"]).all()
    assert (joined["score"] == joined["score_listed"]).all()
    top = rankings.filter(pl.col("setting") == "multi").group_by("query_lang", "query_id").len()
    assert (top["len"] == 54).all()


def test_only_judged_queries_count_and_each_counts_once(dataset: Dataset, run: Run) -> None:
    values = evaluate(run, dataset, HashedWords()).values.filter(metric="AP")
    mono = values.filter(setting="mono", query_lang="sw")
    assert mono["query_id"].to_list() == ["0#0", "1#0", "2#0", "3#0", "4#0", "5#0"]
    # Query 5#0 is judged in its own language only, and nothing there is relevant.
    assert mono.filter(query_id="5#0")["value"].to_list() == [0.0]
    cross = values.filter(setting="cross", query_lang="sw", corpus_lang="en")
    assert cross["query_id"].to_list() == ["0#0", "1#0", "2#0", "3#0", "4#0"]


def test_a_hit_whose_id_equals_the_query_id_is_never_dropped(dataset: Dataset, run: Run) -> None:
    evaluate(run, dataset, HashedWords())
    rankings = read_results(run, "tiny").rankings().collect()
    same = rankings.filter(pl.col("query_id") == pl.col("passage_id"))
    assert same.filter(pl.col("setting") == "mono").height == 3 * 6
    assert same.filter(pl.col("setting") == "multi").height == 3 * 6 * 3
    relevant = read_results(run, "tiny").relevant().collect()
    assert (relevant["query_id"] == relevant["passage_id"]).all()
    assert relevant["rank"].null_count() == 0


def test_language_bias_is_written_per_query_of_the_multi_setting(
    dataset: Dataset, run: Run
) -> None:
    values = evaluate(run, dataset, HashedWords()).values
    bias = values.filter(pl.col("metric").is_in([RANK_DISTANCE, SAME_LANGUAGE]))
    assert bias["setting"].unique().to_list() == ["multi"]
    assert bias.filter(metric=RANK_DISTANCE)["query_id"].n_unique() == 5


def test_a_depth_cuts_ranks_and_rankings(tmp_path: Path) -> None:
    dataset, run = tiny_dataset(tmp_path, depth=4), run_with_model(tmp_path)
    report = evaluate(run, dataset, HashedWords())
    assert (report.info.depth, report.info.ranking_depth) == (4, 4)
    results = read_results(run, "tiny")
    assert results.rankings().select(pl.col("rank").max()).collect().item() == 4
    relevant = results.relevant().collect()
    lost = relevant.filter(pl.col("rank").is_null())
    assert lost.height > 0
    assert lost["score"].null_count() == lost.height
    assert relevant["rank"].max() == 4
    # A passage beyond the depth counts as rank 5.
    ranks = pl.col("rank").cast(pl.Float64).fill_null(5.0)
    expected = (
        relevant.filter(pl.col("setting") == "multi")
        .group_by("query_lang", "query_id")
        .agg((ranks.max() - ranks.min()).alias("value"))
    )
    distances = report.values.filter(metric=RANK_DISTANCE).select(expected.columns)
    assert_frame_equal(distances, expected, check_row_order=False)
    assert expected["value"].max() == 2.0


def test_another_split_gets_a_name_of_its_own(dataset: Dataset, run: Run) -> None:
    report = evaluate(run, dataset, HashedWords(), EvalOptions(split="dev", settings=("mono",)))
    assert report.key == "tiny@dev"
    assert run.results_info("tiny@dev").is_file()
    assert report.values["query_id"].unique().to_list() == ["dev"]
    with pytest.raises(UsageError, match="no split train"):
        evaluate(run, dataset, HashedWords(), EvalOptions(split="train"))


def test_passages_are_encoded_once_and_queries_once_per_language(
    dataset: Dataset, run: Run
) -> None:
    encoder = HashedWords()
    seen: list[Progress] = []
    evaluate(run, dataset, encoder, progress=seen.append)
    assert encoder.asked == [("passage", 18)] * 3 + [("query", 7)] * 3
    last = seen[-1]
    assert (last.task, last.unit, last.detail) == ("search", "queries", "multi yo in all")
    assert last.done == last.total == 3 * 6 + 6 * 5 + 3 * 6
    encoder.asked.clear()
    evaluate(run, dataset, encoder, EvalOptions(languages=("sw",), force=True))
    assert encoder.asked == [("query", 7)]


def test_approximate_search_states_its_recall(dataset: Dataset, run: Run) -> None:
    exact = evaluate(run, dataset, HashedWords())
    report = evaluate(run, dataset, HashedWords(), EvalOptions(ann=True, force=True))
    info = read_results(run, "tiny").info
    assert (info.search, info.depth) == ("ann", 1000)
    assert set(info.recall) == {"en", "sw", "yo"}
    assert all(value == 1.0 for value in info.recall.values())
    assert_frame_equal(report.values, exact.values, check_row_order=False, abs_tol=1e-6)


@pytest.mark.parametrize("ann", [False, True])
def test_a_shallow_search_does_not_make_rank_distances_smaller(
    ann: bool, dataset: Dataset, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope_module, "ANN_DEPTH", 12)
    report = evaluate(run, dataset, HashedWords(), EvalOptions(ann=ann))
    relevant = read_results(run, "tiny").relevant().collect().filter(setting="multi")
    assert (relevant["rank"].null_count() > 0) == ann
    ranks = pl.col("rank").cast(pl.Float64).fill_null(55.0)
    expected = relevant.group_by("query_lang", "query_id").agg(
        (ranks.max() - ranks.min()).alias("value")
    )
    distances = report.values.filter(metric=RANK_DISTANCE).select(expected.columns)
    assert_frame_equal(distances, expected, check_row_order=False)
    assert report.info.missing_rank == 55
    assert report.info.shallow == ann
    notes = " ".join(compare([run], CompareOptions(draws=100, setting="multi"))[0].notes)
    told = "not among its 12 hits count as rank 55, below the whole pool"
    assert (told in notes) == ann


def test_an_index_of_another_model_is_made_again(dataset: Dataset, run: Run) -> None:
    build_index(run, dataset, HashedWords(), IndexOptions(exact=True))
    (run.model / "weights").write_text("second")
    encoder = HashedWords()
    evaluate(run, dataset, encoder, EvalOptions(settings=("mono",)))
    assert encoder.asked[:3] == [("passage", 18)] * 3


def test_how_deep_rankings_are_kept() -> None:
    def depths(asked: int | None, depth: int | None, queries: int) -> tuple[int, ...]:
        kept = _ranking_depths(asked, depth, queries)
        return kept["mono"], kept["cross"], kept["multi"]

    assert depths(None, 1000, 119) == (1000, 1000, 1000)
    assert depths(None, 1000, 20_001) == (100, 10, 100)
    assert depths(None, None, 10) == (100, 10, 100)
    assert depths(500, 100, 10) == (100, 100, 100)
    assert depths(500, None, 10) == (500, 500, 500)
    with pytest.raises(UsageError, match="--ranking-depth"):
        EvalOptions(ranking_depth=9)


def test_scores_are_float32_inner_products(dataset: Dataset, run: Run) -> None:
    evaluate(run, dataset, HashedWords(), EvalOptions(settings=("mono",), languages=("en",)))
    rankings = read_results(run, "tiny").rankings().collect()
    expected = all_scores(dataset, "en", ("en",)).rename({"score": "expected"})
    joined = rankings.with_columns(
        passage_id=pl.concat_str("passage_lang", pl.lit("/"), "passage_id")
    ).join(expected, on=["query_id", "passage_id"])
    assert joined.height == rankings.height
    np.testing.assert_allclose(joined["score"], joined["expected"], atol=1e-6)
