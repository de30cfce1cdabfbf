"""Which queries are translations of each other: from the set, through every way to results."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from hybench.comparison.gather import CompareOptions
from hybench.comparison.table import compare
from hybench.data.dataset import Dataset
from hybench.evaluation.bm25.baseline import evaluate_bm25
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.results import RESULTS, read_results
from hybench.evaluation.scope import EvalOptions
from hybench.evaluation.trec_export import export_trec
from hybench.importing.trec_files import find_files
from hybench.importing.trec_run import ImportOptions, import_trec
from hybench.metrics.bias import RANK_DISTANCE, SAME_LANGUAGE
from hybench.runs.run import Run
from tests.indexes.fakes import (
    FrameSource,
    HashedWords,
    passages,
    prepared,
    qrels,
    queries,
    run_with_model,
)

WORDS = ("sun", "moon", "rain", "river", "stone", "bird", "tree", "cloud")
LANGUAGES = ("en", "sw", "yo")
NAMES = "tiny.{setting}.{lang}-{corpus}.run"
SETTINGS = ("mono", "cross", "multi")


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Eight queries with ids of their own in each language; Yoruba has but five of them."""
    tables: dict[str, dict[str, pl.DataFrame]] = {"passages": {}, "queries": {}, "qrels": {}}
    for language in LANGUAGES:
        own = WORDS[:5] if language == "yo" else WORDS
        tables["passages"][language] = passages(
            {f"p{at}": f"{word} {language}" for at, word in enumerate(WORDS)}
        )
        asked = queries({f"{language}{at}": word for at, word in enumerate(own)})
        tables["queries"][language] = asked.with_columns(
            source_id=pl.lit("q:") + pl.col("query_id").str.slice(2)
        )
        tables["qrels"][language] = qrels(
            *[(f"{language}{at}", to, f"p{at}", 1) for at in range(len(own)) for to in LANGUAGES]
        )
    return prepared(tmp_path / "data", FrameSource(tables))


def check(run: Run) -> None:
    """Every value of every setting and metric has the source that the set names."""
    values = read_results(run, "tiny").values
    assert values.columns == list(RESULTS)
    assert set(values["setting"]) == set(SETTINGS)
    assert {RANK_DISTANCE, SAME_LANGUAGE, "nDCG@10"} <= set(values["metric"])
    assert values["source_id"].to_list() == [f"q:{each[2:]}" for each in values["query_id"]]


def test_evaluation_writes_them(dataset: Dataset, tmp_path: Path) -> None:
    run = run_with_model(tmp_path)
    evaluate(run, dataset, HashedWords(), EvalOptions())
    check(run)


def test_bm25_writes_them(dataset: Dataset, tmp_path: Path) -> None:
    run, _ = evaluate_bm25(tmp_path / "runs", dataset)
    check(run)


def test_imported_runs_have_them_of_the_set(dataset: Dataset, tmp_path: Path) -> None:
    run, other = run_with_model(tmp_path), Run(tmp_path / "theirs")
    evaluate(run, dataset, HashedWords(), EvalOptions())
    export_trec(read_results(run, "tiny"), dataset, tmp_path / "trec")
    files = find_files(f"{tmp_path}/trec/{NAMES}", None, "mono", None)
    import_trec(other, files, ImportOptions(dataset))
    check(other)
    for table in compare([run, other], CompareOptions(draws=100)):
        average = next(row for row in table.rows if row.label == "AVG")
        assert (average.sources, average.queries) == (8, 21)
        assert table.parallel


def test_without_a_set_queries_of_one_name_are_taken_for_translations(tmp_path: Path) -> None:
    for language, ids in (("sw", "ab"), ("yo", "bc")):
        judged = "".join(f"{query} 0 p{query} 1\n" for query in ids)
        (tmp_path / f"r.{language}.qrels").write_text(judged)
        hits = "".join(f"{query} Q0 p{query} 1 1 t\n" for query in ids)
        (tmp_path / f"r.{language}.run").write_text(hits)
    run = Run(tmp_path / "theirs")
    files = find_files(f"{tmp_path}/r.{{lang}}.run", f"{tmp_path}/r.{{lang}}.qrels", "mono", None)
    import_trec(run, files, ImportOptions(name="mine"))
    values = read_results(run, "mine").values
    assert values["source_id"].to_list() == values["query_id"].to_list()
    (table,) = compare([run], CompareOptions())
    average = next(row for row in table.rows if row.label == "AVG")
    assert (average.sources, average.queries) == (3, 4)
