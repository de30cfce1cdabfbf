from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import tomli_w

import hybench
from hybench.comparison.result_notes import overlaps, trained_notes
from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.data.folding import folded
from hybench.data.manifest import DatasetInfo
from hybench.data.preparation import prepare
from hybench.data.writer import DatasetWriter
from hybench.evaluation.bm25.baseline import evaluate_bm25
from hybench.evaluation.contamination import Overlap, training_overlap
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.plan import plan_queries
from hybench.evaluation.results import ResultsInfo, read_results
from hybench.evaluation.settings import plan_searches
from hybench.runs.events import EventLog
from hybench.runs.run import Run
from hybench.training.corpus import read_pair_texts
from tests.builders import WORDS, Toy, toy_dataset
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
    found = training_overlap(run, dataset, plan, dataset.path.parent)
    return found and found.queries


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


def test_negatives_are_training_passages(trained_on: Dataset, tmp_path: Path) -> None:
    scarce = TrainConfig(data=("toy",), scarce=("yo",), share=0.1)
    again = toy_dataset(tmp_path / "data", AGAIN)
    plan = plan_queries(again, "test", plan_searches(again, "test", None, None))

    def relevant(config: TrainConfig, *digests: str) -> dict[str, int] | None:
        run = trained_run(tmp_path, trained_on, config.resolved())
        log = EventLog(run.events_file)
        log.append("lists", sources=[{"name": "n", "digest": digest} for digest in digests])
        found = training_overlap(run, again, plan, tmp_path / "data")
        shutil.rmtree(run.path)
        return None if found is None else found.relevant

    alone = relevant(scarce)
    assert alone is not None
    assert alone.get("yo", 0) < 6
    mined = hybench.mine("bm25", "toy", data_dir=tmp_path / "data", runs_dir=tmp_path / "runs")
    mined_texts = {
        folded_text(text)
        for language in mined.negatives.languages
        for text in mined.negatives.rows(language)["passage"]
    }
    tested = again.queries("yo", "test").select("query_id")
    own = again.qrels("yo").filter(pl.col("passage_lang") == "yo").join(tested, on="query_id")
    passages = again.passages("yo").filter(pl.col("passage_id").is_in(own["passage_id"].implode()))[
        "text"
    ]
    as_negatives = sum(folded_text(text) in mined_texts for text in passages)
    config = replace(scarce, hard_negatives=(mined.negatives.info.name,))
    both = relevant(config, mined.negatives.info.request)
    assert both is not None
    assert alone.get("yo", 0) < as_negatives <= both["yo"] <= alone.get("yo", 0) + as_negatives
    assert relevant(config, "mined anew") is None
    (mined.negatives.path / "negatives.json").unlink()
    assert relevant(config, mined.negatives.info.request) is None


def folded_text(text: str) -> str:
    return str(pl.select(folded(pl.lit(text))).item())


def test_results_say_it(trained_on: Dataset, tmp_path: Path) -> None:
    config = TrainConfig(data=("toy",)).resolved()
    run, again = trained_run(tmp_path, trained_on, config), toy_dataset(tmp_path / "data", AGAIN)
    evaluate(run, again, HashedWords())
    info = read_results(run, "again").info
    assert info.trained_queries == {"de": 12, "en": 9, "yo": 12}
    assert info.distinct_queries == {"de": 12, "en": 12, "yo": 12}
    assert info.overlap == Overlap(
        queries=info.trained_queries,
        relevant=info.trained_queries,
        passages={"de": 24, "en": 9, "yo": 24},  # of the dev split too
    )
    bm25, _ = evaluate_bm25(tmp_path / "runs", again)
    assert read_results(bm25, "again").info.trained_queries == {}
    other = run_with_model(tmp_path, "other")
    evaluate(other, again, HashedWords())
    assert read_results(other, "again").info.trained_queries is None


def altered(root: Path, dataset: Dataset) -> Dataset:
    """A set whose English queries and passages are a little longer than the training texts."""
    more = {"queries": "text", "passages": "text"}
    frames = {
        table: dataset._read(table, "en").with_columns(pl.col(column) + pl.lit(" now"))
        for table, column in more.items()
    }

    class Longer:
        def describe(self, progress: object) -> DatasetInfo:
            return replace(dataset.info, name="longer", counts={}, files={}, languages=("en",))

        def write(self, writer: DatasetWriter, progress: object) -> None:
            for table, frame in frames.items():
                writer.write(table, "en", frame)
            relevant = dataset.qrels("en").filter(pl.col("passage_lang") == "en")
            writer.write("qrels", "en", relevant)

    return prepare(Longer(), root).dataset


def test_texts_that_are_nearly_the_same_are_counted_apart(tmp_path: Path) -> None:
    long = {"en": tuple(f"{word} and {word} together" for word in WORDS["en"])}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(WORDS, "en", long["en"])
        trained_on = toy_dataset(tmp_path / "data", Toy(languages=("en",)))
        again = toy_dataset(tmp_path / "data", replace(AGAIN, languages=("en",)))
    longer = altered(tmp_path / "data", again)
    run = trained_run(tmp_path, trained_on, TrainConfig(data=("toy",)).resolved())
    plan = plan_queries(longer, "test", plan_searches(longer, "test", None, None))
    found = training_overlap(run, longer, plan, longer.path.parent)
    assert found == Overlap(near_queries={"en": 12}, near_relevant={"en": 12})
    assert found.languages == {"en"}


def test_notes_and_warnings_say_what_was_trained_on() -> None:
    info = ResultsInfo(
        "s", "f", "test", ("mono",), ("en", "sw"), ("nDCG@10",), None, 1, "exact",
        distinct_queries={"en": 9, "sw": 1}, trained_queries={"en": 2},
        overlap=Overlap({"en": 2}, {"en": 1}, {"en": 3}, {"sw": 1}),
    )  # fmt: skip
    assert overlaps(info) == [
        ("trained on 2 of these 10 queries (same text)", "queries"),
        ("trained on queries nearly the same as 1 of these 10 queries", "queries"),
        (
            "trained on relevant passages of 3, and nearly on those of 1, of these 10 queries",
            "passages",
        ),
    ]
    assert trained_notes([("a", info), ("b", info)], ["en"])[-1] == (
        "Trained on relevant passages of 3 of these 9 queries: a, b. These are not scores of "
        "unseen passages."
    )
