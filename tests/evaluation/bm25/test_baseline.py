from __future__ import annotations

from math import log
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from hybench.data.preparation import prepare
from hybench.data.sources.miracl.source import Miracl
from hybench.errors import StateError, UsageError
from hybench.evaluation.bm25.baseline import Bm25Options, evaluate_bm25
from hybench.evaluation.means import macro_averages
from hybench.evaluation.results import read_results
from hybench.evaluation.scope import EvalOptions
from hybench.runs.run import Run, find_runs
from tests.evaluation.tiny import tiny_dataset
from tests.indexes.fakes import FrameSource, passages, prepared, qrels, queries


def by_hand(query: str, documents: dict[str, str], k1: float, b: float) -> dict[str, float]:
    """Lucene's BM25, without its constant factor k1 + 1, of the documents that match."""
    words = {one: text.split() for one, text in documents.items()}
    mean = sum(map(len, words.values())) / len(words)
    scores: dict[str, float] = {}
    for term in query.split():
        having = [one for one, text in words.items() if term in text]
        idf = log(1 + (len(words) - len(having) + 0.5) / (len(having) + 0.5))
        for one in having:
            count = words[one].count(term)
            length = k1 * (1 - b + b * len(words[one]) / mean)
            scores[one] = scores.get(one, 0.0) + idf * count / (count + length)
    return scores


def test_scores_are_lucenes(tmp_path: Path) -> None:
    documents = {"a": "sun moon moon", "b": "sun", "c": "rain rain rain rain sun", "d": "bird"}
    tables = {
        "passages": {"en": passages(documents)},
        "queries": {"en": queries({"1": "moon sun", "2": "sun sun bird", "3": "nothing ?"})},
        "qrels": {"en": qrels(("1", "en", "b", 1), ("2", "en", "d", 1), ("3", "en", "a", 1))},
    }
    dataset = prepared(tmp_path / "data", FrameSource(tables, ("mono",), ("AP", "R@1")))
    run, report = evaluate_bm25(tmp_path / "runs", dataset, Bm25Options(k1=1.2, b=0.75))
    rankings = read_results(run, "tiny").rankings().collect()
    for query_id, text in (("1", "moon sun"), ("2", "sun sun bird")):
        expected = by_hand(text, documents, 1.2, 0.75)
        found = rankings.filter(pl.col("query_id") == query_id)
        scores = dict(zip(found["passage_id"], found["score"], strict=True))
        assert scores == pytest.approx(expected, rel=1e-5)
        assert found["passage_id"].to_list() == sorted(
            expected, key=lambda one: (expected[one], one), reverse=True
        )
    # A query that shares no word with any passage retrieves nothing and scores 0.
    assert "3" not in rankings["query_id"]
    assert report.values.filter(query_id="3")["value"].to_list() == [0.0, 0.0]
    relevant = read_results(run, "tiny").relevant().collect().sort("query_id")
    assert relevant["rank"].to_list() == [2, 1, None]


def test_all_settings_give_the_same_files_as_a_model(tmp_path: Path) -> None:
    dataset = tiny_dataset(tmp_path)
    run, report = evaluate_bm25(tmp_path / "runs", dataset)
    assert run.name == "bm25"
    assert [one.name for one in find_runs([tmp_path / "runs"])] == ["bm25"]
    assert report.info.search == "bm25"
    assert set(report.values["setting"]) == {"mono", "cross", "multi"}
    assert "RankDistance" in report.values["metric"]
    assert_frame_equal(read_results(run, "tiny").values, report.values)


def test_full_depth_ranks_agree_with_the_rankings(tmp_path: Path) -> None:
    run, _ = evaluate_bm25(tmp_path / "runs", tiny_dataset(tmp_path))
    results = read_results(run, "tiny")
    keys = ["setting", "query_lang", "corpus_lang", "query_id", "passage_lang", "passage_id"]
    rankings, relevant = results.rankings().collect(), results.relevant().collect()
    joined = relevant.join(rankings, on=keys, how="left", suffix="_listed")
    assert (joined["rank"].eq_missing(joined["rank_listed"])).all()
    assert (joined["score"].eq_missing(joined["score_listed"])).all()


def test_more_sets_are_added_and_other_parameters_need_another_name(tmp_path: Path) -> None:
    dataset, runs = tiny_dataset(tmp_path), tmp_path / "runs"
    evaluate_bm25(runs, dataset)
    mono = EvalOptions(split="dev", settings=("mono",))
    evaluate_bm25(runs, dataset, Bm25Options(evaluation=mono))
    assert Run(runs / "bm25").results_info("tiny@dev").is_file()
    with pytest.raises(StateError, match="these parameters") as wrong:
        evaluate_bm25(runs, dataset, Bm25Options(k1=1.2))
    assert "--name" in wrong.value.do
    evaluate_bm25(runs, dataset, Bm25Options(k1=1.2, name="bm25-lucene"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"k1": -1.0},
        {"b": 1.5},
        {"tokens": "x"},
        {"name": "a/b"},
        {"evaluation": EvalOptions(ann=True)},
    ],
)
def test_wrong_options_are_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="--"):
        Bm25Options(**wrong)


def test_known_answer_on_miracl_yoruba(shared_data: Path, tmp_path: Path) -> None:
    source = Miracl(languages=("yo",), from_dir=shared_data / "miracl")
    dataset = prepare(source, tmp_path / "data").dataset
    scores = {}
    for tokens in ("whitespace", "auto"):
        options = Bm25Options(tokens=tokens, name=tokens)
        _, report = evaluate_bm25(tmp_path / "runs", dataset, options)
        table = macro_averages(report.values)
        assert table["queries"].to_list() == [119, 119]
        scores[tokens] = dict(zip(table["metric"], table["value"], strict=True))
    # Measured on these files beforehand; Pyserini publishes .4059 and .7325.
    assert scores["whitespace"]["nDCG@10"] == pytest.approx(0.396, abs=0.003)
    assert scores["whitespace"]["R@100"] == pytest.approx(0.741, abs=0.003)
    # Words without punctuation do far better: 116 of the 119 queries have a question mark.
    assert scores["auto"]["nDCG@10"] > 0.55
    assert scores["auto"]["R@100"] > 0.87
