"""Runs held against other evaluators: ir_measures and ranx on exported files, mteb on the model.

They are in the extra ``dev``; without one of them its test is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import hybench
from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression
from hybench.evaluation.results import read_results
from hybench.evaluation.trec_export import export_trec
from hybench.runs.run import Run

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

Search = tuple[Path, Path, dict[str, float]]
"""Files of a search's rankings and judgements, and hybench's means."""

METRICS = ("AP", "nDCG@10", "R@1", "R@10")
_RANX = {"AP": "map", "nDCG@10": "ndcg@10", "R@1": "recall@1", "R@10": "recall@10"}


@pytest.fixture(scope="module")
def trained(toys: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of a transformer, evaluated; the order of words counts, so that no two scores tie."""
    root = tmp_path_factory.mktemp("peers")
    config = hybench.TrainConfig(
        data=("toy",), encoder="tiny", steps=4, batch_size=16, dimension=16, vocabulary=400
    )
    run = hybench.train(config, data_dir=toys, runs_dir=root)
    options = hybench.EvalOptions(whole=True)
    return hybench.evaluate(run, "toy", options, data_dir=toys, runs_dir=root).run


@pytest.fixture
def exported(trained: Run, toys: Path, tmp_path: Path) -> dict[str, Search]:
    """Rankings, judgements and hybench's means of every search of the run, by its name."""
    results = read_results(trained, "toy")
    files = export_trec(results, Dataset.open(toys / "toy"), tmp_path / "trec")
    runs = {file.stem: file for file in files if file.suffix == ".run"}
    qrels = {file.stem: file for file in files if file.suffix == ".qrels"}
    assert runs.keys() == qrels.keys()
    assert len(runs) == 3 + 6 + 3  # mono, cross, multi
    means: dict[str, dict[str, float]] = {}
    keys = ["setting", "query_lang", "corpus_lang", "metric"]
    for setting, query, corpus, metric, value in (
        results.values.group_by(keys).agg(pl.col("value").mean()).iter_rows()
    ):
        means.setdefault(_name(setting, query, corpus), {})[metric] = value
    return {name: (runs[name], qrels[name], means[name]) for name in runs}


def _name(setting: str, query: str, corpus: str) -> str:
    return f"toy.{setting}.{query}-{corpus}"


def test_ir_measures_gives_the_same_means(exported: Mapping[str, Search]) -> None:
    measures = pytest.importorskip("ir_measures")
    parsed = [measures.parse_measure(metric) for metric in METRICS]
    for run, qrels, ours in exported.values():
        theirs = measures.calc_aggregate(
            parsed,
            list(measures.read_trec_qrels(str(qrels))),
            list(measures.read_trec_run(str(run))),
        )
        found = {str(measure): value for measure, value in theirs.items()}
        assert found == pytest.approx({metric: ours[metric] for metric in METRICS}, abs=1e-6)


def test_ranx_gives_the_same_means(exported: Mapping[str, Search]) -> None:
    ranx = pytest.importorskip("ranx")
    for run, qrels, ours in exported.values():
        theirs = ranx.evaluate(
            ranx.Qrels.from_file(str(qrels), kind="trec"),
            ranx.Run.from_file(str(run), kind="trec"),
            list(_RANX.values()),
            make_comparable=True,
        )
        found = {metric: float(theirs[name]) for metric, name in _RANX.items()}
        assert found == pytest.approx({metric: ours[metric] for metric in METRICS}, abs=1e-6)


@pytest.mark.process
def test_mteb_gives_a_trained_run_the_same_ndcg(trained: Run, toys: Path) -> None:
    mteb = pytest.importorskip("mteb")
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(trained.model), device="cpu")
    task = _toy_task(mteb, Dataset.open(toys / "toy"), ("de", "en", "yo"))
    [result] = mteb.evaluate(model, task, cache=None, show_progress_bar=False).task_results
    values = read_results(trained, "toy").values.filter(setting="mono", metric="nDCG@10")
    for scores in result.scores["test"]:
        language = scores["hf_subset"]
        ours = values.filter(query_lang=language)["value"].to_numpy().mean()
        assert scores["ndcg_at_10"] == pytest.approx(ours, abs=1e-4)
    assert len(result.scores["test"]) == 3


def _toy_task(mteb: Any, dataset: Dataset, languages: tuple[str, ...]) -> Any:
    """The set's test queries as a retrieval task of mteb, a subset for each language."""
    from datasets import Dataset as Table
    from mteb.abstasks.retrieval import AbsTaskRetrieval

    codes = {"de": "deu-Latn", "en": "eng-Latn", "yo": "yor-Latn"}

    class Toys(AbsTaskRetrieval):  # type: ignore[misc]
        metadata = mteb.TaskMetadata(
            name="Toys",
            description="Numbers in words.",
            dataset={"path": "none", "revision": "none"},
            type="Retrieval",
            eval_splits=["test"],
            eval_langs={each: [codes[each]] for each in languages},
            main_score="ndcg_at_10",
        )

        def load_data(self, **_: object) -> None:
            self.dataset = {each: {"test": _split(each)} for each in languages}
            self.data_loaded = True

    def _split(language: str) -> dict[str, Any]:
        passages = dataset.passages(language).select(
            "passage_id", passage_text_expression().alias("text")
        )
        queries = dataset.queries(language, "test")
        judged = dataset.qrels(language).filter(
            pl.col("query_id").is_in(queries["query_id"].implode()), passage_lang=language
        )
        relevant: dict[str, dict[str, int]] = {}
        for query, passage, relevance in judged.select(
            "query_id", "passage_id", "relevance"
        ).iter_rows():
            relevant.setdefault(query, {})[passage] = relevance
        return {
            "corpus": Table.from_dict(
                {"id": passages["passage_id"].to_list(), "text": passages["text"].to_list()}
            ),
            "queries": Table.from_dict(
                {"id": queries["query_id"].to_list(), "text": queries["text"].to_list()}
            ),
            "relevant_docs": relevant,
            "top_ranked": None,
        }

    return Toys()
