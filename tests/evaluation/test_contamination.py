from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import tomli_w

from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.data.folding import folded
from hybench.evaluation.bm25.baseline import evaluate_bm25
from hybench.evaluation.contamination import trained_queries
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.plan import plan_queries
from hybench.evaluation.results import read_results
from hybench.evaluation.settings import plan_searches
from hybench.runs.events import EventLog
from hybench.runs.run import Run
from hybench.training.corpus import read_pair_texts
from tests.builders import Toy, toy_dataset
from tests.indexes.fakes import HashedWords, run_with_model

AGAIN = Toy(train=0, parallel=False, name="again")
"""Its 12 test queries in each language are training queries of the toy set, under other ids."""


@pytest.fixture
def trained_on(tmp_path: Path) -> Dataset:
    return toy_dataset(tmp_path / "data", Toy(missing={"en": frozenset(range(15))}))


def trained_run(root: Path, dataset: Dataset, config: TrainConfig) -> Run:
    run = run_with_model(root)
    run.config_file.write_text(tomli_w.dumps(config.to_toml()))
    told = [{"name": dataset.name, "fingerprint": dataset.info.fingerprint}]
    EventLog(run.events_file).append("start", step=0, data=told)
    return run


def count(run: Run, dataset: Dataset, languages: tuple[str, ...] | None = None) -> object:
    plan = plan_queries(dataset, "test", plan_searches(dataset, "test", None, languages))
    return trained_queries(run, dataset, plan, dataset.path.parent)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"languages": ("de", "yo")},
        {"pivot": "en"},
        {"strategy": "distill"},
        {"scarce": ("yo",), "share": 0.3},
        {"scarce": ("yo", "de"), "share": 0.5, "pivot": "en", "seed": 3},
    ],
)
def test_it_counts_the_queries_among_the_pairs_that_are_trained_on(
    changed: dict[str, object], trained_on: Dataset, tmp_path: Path
) -> None:
    config = replace(TrainConfig(data=("toy",)), **changed).resolved()  # type: ignore[arg-type]
    run, again = trained_run(tmp_path, trained_on, config), toy_dataset(tmp_path / "data", AGAIN)
    read = read_pair_texts([trained_on], config)
    texts = {
        read.texts["query"][start + row]
        for table, starts in zip(read.tables, read.starts, strict=True)
        for column, start in zip(table.rows.T, starts, strict=True)
        for row in column[column >= 0]
    }
    asked = {code: again.queries(code, "test")["text"] for code in ("de", "en", "yo")}
    expected = {code: sum(text in texts for text in each) for code, each in asked.items()}
    assert count(run, again) == {code: n for code, n in expected.items() if n}
    assert sum(expected.values()) > 0
    assert count(run, again, ("de",)) == {"de": expected["de"]}


def test_held_out_queries_are_none(trained_on: Dataset, tmp_path: Path) -> None:
    run = trained_run(tmp_path, trained_on, TrainConfig(data=("toy",)).resolved())
    assert count(run, trained_on) == {}


def test_texts_are_compared_without_case_width_and_space() -> None:
    texts = pl.DataFrame(
        {"text": [" What  is\n it?", "ｗｈａｔ is it？", "what is it", "é", "e\u0301"]}
    )
    found = texts.select(folded(pl.col("text"))).to_series().to_list()
    assert found == ["what is it?", "what is it?", "what is it", "é", "é"]


def test_what_is_not_known_is_not_counted(trained_on: Dataset, tmp_path: Path) -> None:
    config = TrainConfig(data=("toy",)).resolved()
    run, again = trained_run(tmp_path, trained_on, config), toy_dataset(tmp_path / "data", AGAIN)
    assert count(run, again) == {"de": 12, "en": 9, "yo": 12}

    pairs = trained_on.file("pairs", "yo")
    whole = pairs.read_bytes()
    pairs.write_bytes(whole[:-9] + b"x" + whole[-8:])
    assert count(run, again) is None
    pairs.write_bytes(whole)
    trained_on.path.rename(tmp_path / "gone")
    assert count(run, again) is None
    toy_dataset(tmp_path / "data", Toy(train=59))
    assert count(run, again) is None
    run.events_file.unlink()
    assert count(run, again) is None
    run.config_file.write_text('kind = "encoder"\n')
    assert count(run, again) is None


def test_results_say_it(trained_on: Dataset, tmp_path: Path) -> None:
    config = TrainConfig(data=("toy",)).resolved()
    run, again = trained_run(tmp_path, trained_on, config), toy_dataset(tmp_path / "data", AGAIN)
    evaluate(run, again, HashedWords())
    info = read_results(run, "again").info
    assert info.trained_queries == {"de": 12, "en": 9, "yo": 12}
    assert info.distinct_queries == {"de": 12, "en": 12, "yo": 12}
    bm25, _ = evaluate_bm25(tmp_path / "runs", again)
    assert read_results(bm25, "again").info.trained_queries == {}
    other = run_with_model(tmp_path, "other")
    evaluate(other, again, HashedWords())
    assert read_results(other, "again").info.trained_queries is None
