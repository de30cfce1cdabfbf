"""Metrics from the ranks that results keep are those of a new search, bit by bit."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from hybench.data.dataset import Dataset
from hybench.errors import DataError, UsageError
from hybench.evaluation.bm25.baseline import Bm25Options, evaluate_bm25
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.kept_ranks import NotKept, add_metrics, kept_ranks, kept_values
from hybench.evaluation.results import RESULTS, read_results
from hybench.evaluation.scope import EvalOptions
from hybench.files.checksums import damaged_files
from hybench.metrics.bias import RANK_DISTANCE
from hybench.metrics.measure import MEASURES, Cutoff
from hybench.metrics.scoring import evaluate_ranks
from hybench.runs.run import Run, manifests
from tests.evaluation.tiny import tiny_dataset, tiny_source
from tests.indexes.fakes import HashedWords, prepared, run_with_model

EVERY = tuple(
    name + at
    for name in MEASURES.built_in
    for at in ("", "@1", "@2", "@5", "@17", "@1000")
    if (MEASURES[name].cutoff is Cutoff.OPTIONAL)
    or (MEASURES[name].cutoff is Cutoff.NEEDED) == bool(at)
)
"""Every measure, at several cut-offs."""

KEYS = ["setting", "query_lang", "corpus_lang", "query_id", "metric"]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return tiny_dataset(tmp_path)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return run_with_model(tmp_path)


def asked(*metrics: str) -> EvalOptions:
    return EvalOptions(metrics=metrics)


def same(one: pl.DataFrame, other: pl.DataFrame) -> None:
    assert_frame_equal(one.sort(KEYS), other.sort(KEYS), check_exact=True)


@pytest.mark.parametrize("ann", [False, True])
def test_every_metric_is_that_of_a_new_search(dataset: Dataset, run: Run, ann: bool) -> None:
    evaluate(run, dataset, HashedWords(), EvalOptions(ann=ann))
    options = EvalOptions(ann=ann, metrics=EVERY)
    added = add_metrics(kept_ranks(run, dataset, options), EVERY)
    other = run_with_model(dataset.path.parent.parent, "other")
    searched = evaluate(other, dataset, HashedWords(), options)
    assert set(searched.info.metrics) == {*dataset.info.metrics, *EVERY}
    assert added.info.metrics == searched.info.metrics
    same(added.values, read_results(other, "tiny").values)


def test_bm25_likewise(dataset: Dataset, tmp_path: Path) -> None:
    run, _ = evaluate_bm25(tmp_path, dataset)
    added = add_metrics(kept_ranks(run, dataset, asked(*EVERY)), EVERY)
    options = Bm25Options(name="other", evaluation=asked(*EVERY))
    other, _ = evaluate_bm25(tmp_path, dataset, options)
    same(added.values, read_results(other, "tiny").values)


RANKS = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(-1, 3), st.none() | st.integers(1, 30)
    ),
    min_size=1, max_size=40, unique_by=lambda row: (row[0], row[2] or object()),
)  # fmt: skip


@given(RANKS)
@settings(max_examples=100, deadline=None)
def test_judgements_that_are_not_relevant_change_nothing(
    rows: list[tuple[int, int, int | None]],
) -> None:
    schema = {"query": pl.Int64(), "relevance": pl.Int32(), "rank": pl.Int32()}
    judged = pl.DataFrame(rows, schema=schema, orient="row")
    queries = judged.select(pl.col("query").unique(maintain_order=True))
    relevant = judged.filter(pl.col("relevance") > 0)
    kept = queries.join(relevant, on="query", how="left", maintain_order="left_right")
    assert_frame_equal(
        evaluate_ranks(kept, EVERY, by=["query"]),
        evaluate_ranks(judged, EVERY, by=["query"]),
        check_exact=True,
    )


def test_what_was_computed_stays(dataset: Dataset, run: Run) -> None:
    before = evaluate(run, dataset, HashedWords())
    tables = [path.read_bytes() for path in (run.rankings("tiny"), run.relevant("tiny"))]
    added = add_metrics(kept_ranks(run, dataset, asked("RR@10")), ["RR@10", "nDCG@10", "RR@10"])
    assert added.info.metrics == ("nDCG@10", "R@10", "AP", "RR@10")
    assert added.values.columns == list(RESULTS)
    stays = added.values.filter(pl.col("metric") != "RR@10")
    same(stays, before.values.select(*RESULTS))
    assert RANK_DISTANCE in stays["metric"]
    assert [run.rankings("tiny").read_bytes(), run.relevant("tiny").read_bytes()] == tables
    assert not [file for each in manifests(run.path) for file in damaged_files(each)]
    again = evaluate(run, dataset, HashedWords())
    assert again.info.metrics == added.info.metrics
    same(read_results(run, "tiny").values, added.values)


def test_a_deeper_cutoff_needs_a_search_that_changes_no_other_value(tmp_path: Path) -> None:
    dataset, run = tiny_dataset(tmp_path, depth=4), run_with_model(tmp_path)
    before = evaluate(run, dataset, HashedWords())
    assert before.info.searched is None
    kept_ranks(run, dataset, asked("RR@4", "RR"))
    with pytest.raises(NotKept, match="RR@5 needs more than the 4 hits"):
        kept_ranks(run, dataset, asked("RR@5"))
    deeper = evaluate(run, dataset, HashedWords(), asked("RR@9", "RR", "R@9"))
    assert (deeper.info.depth, deeper.info.searched, deeper.info.ranking_depth) == (4, 9, 4)
    known = deeper.values.filter(pl.col("metric").is_in(before.values["metric"].unique()))
    same(known, before.values)
    deep = dict(deeper.values.group_by("metric").agg(pl.col("value").mean()).iter_rows())
    assert deep["R@9"] > deep["R@10"]  # which is the set's own, and ends at its depth
    added = add_metrics(kept_ranks(run, dataset, asked("RR@7", "Rprec")), ["RR@7", "Rprec"])
    fresh = run_with_model(tmp_path, "fresh")
    evaluate(fresh, dataset, HashedWords(), asked("RR@7", "Rprec", "RR@9", "RR", "R@9"))
    same(added.values, read_results(fresh, "tiny").values)
    with pytest.raises(NotKept, match="RR@10 needs more than the 9 hits"):
        kept_ranks(run, dataset, asked("RR@10"))


def test_why_results_do_not_suffice(dataset: Dataset, run: Run) -> None:
    def why(options: EvalOptions) -> str:
        with pytest.raises(NotKept) as found:
            kept_ranks(run, dataset, options)
        return str(found.value)

    assert why(asked("RR")) == "Run run has no results on tiny"
    evaluate(run, dataset, HashedWords(), EvalOptions(settings=("mono",), languages=("en", "sw")))
    assert why(asked("RR")) == "the results on tiny are without cross, multi, yo"
    few = EvalOptions(settings=("mono",), languages=("en",), metrics=("RR",))
    assert kept_ranks(run, dataset, few).key == "tiny"
    assert "no results on tiny@dev" in why(EvalOptions(split="dev", metrics=("RR",)))
    evaluate(run, dataset, HashedWords())
    kept_ranks(run, dataset, asked("RR"))
    assert "found by another search: exact" in why(EvalOptions(ann=True, metrics=("RR",)))
    assert "--force" in why(EvalOptions(force=True, metrics=("RR",)))
    assert "rankings" in why(EvalOptions(ranking_depth=20, metrics=("RR",)))
    (run.model / "weights").write_text("second")
    assert why(asked("RR")) == "the results on tiny are of another model"
    (run.model / "weights").write_text("first")
    relevant = run.relevant("tiny").read_bytes()
    run.relevant("tiny").write_bytes(relevant[:-1])
    assert "relevant.parquet cannot be read: its checksum" in why(asked("RR"))
    run.relevant("tiny").write_bytes(relevant)
    run.write_config({"kind": "encoder", "seed": 1})
    assert "config.toml is not the one" in why(asked("RR"))
    run.write_config({"kind": "encoder"})
    root = dataset.path.parent.parent
    shallow = tiny_dataset(root / "shallow", depth=50)
    with pytest.raises(NotKept, match="rankings of tiny have another depth now"):
        kept_ranks(run, shallow, asked("RR"))
    source = tiny_source()
    source.tables["qrels"]["sw"] = source.tables["qrels"]["sw"].head(9)
    with pytest.raises(NotKept, match="another version of the set"):
        kept_ranks(run, prepared(root / "other", source), asked("RR"))


def test_results_of_a_model_that_was_deleted_are_enough(dataset: Dataset, run: Run) -> None:
    evaluate(run, dataset, HashedWords())
    (run.model / "weights").unlink()
    run.model.rmdir()
    assert add_metrics(kept_ranks(run, dataset, asked("RR")), ["RR"]).info.metrics[-1] == "RR"


def test_an_unknown_metric_is_refused_before_anything_is_read(dataset: Dataset, run: Run) -> None:
    with pytest.raises(UsageError, match="no metric 'MRR'"):
        kept_ranks(run, dataset, asked("MRR"))
    with pytest.raises(UsageError, match="no metric 'MRR'"):
        evaluate(run, dataset, HashedWords(), asked("MRR"))


def test_a_metric_of_results_that_is_not_known_any_more(
    dataset: Dataset, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MEASURES.__dict__, "built_in", (*MEASURES.built_in, "RP"))
    rr = import_module(MEASURES["RR"].function.__module__)
    monkeypatch.setitem(sys.modules, "hybench.metrics.measures.RP", rr)
    evaluate(run, dataset, HashedWords(), asked("RP@3"))
    monkeypatch.undo()
    values = add_metrics(kept_ranks(run, dataset, asked("RR")), ["RR"]).values
    assert {"RP@3", "RR"} <= {*values["metric"]}  # what was computed stays
    with pytest.raises(UsageError, match="have RP@3, which cannot be computed here"):
        evaluate(run, dataset, HashedWords())
    info = evaluate(run, dataset, HashedWords(), EvalOptions(force=True)).info
    assert info.metrics == ("nDCG@10", "R@10", "AP", "RR")


def test_damaged_ranks_give_no_values(dataset: Dataset, run: Run) -> None:
    evaluate(run, dataset, HashedWords())
    found = kept_ranks(run, dataset, asked("RR"))
    before = run.results("tiny").read_bytes()
    run.relevant("tiny").write_bytes(b"PAR1")
    with pytest.raises(DataError, match="cannot be read"):
        kept_values(found, ["RR"])
    with pytest.raises(DataError, match="cannot be read"):
        add_metrics(found, ["RR"])
    assert run.results("tiny").read_bytes() == before


KILLED = (
    "import os, signal, sys; from pathlib import Path\n"
    "from hybench.data.dataset import Dataset\n"
    "from hybench.evaluation.evaluate import evaluate\n"
    "from hybench.evaluation.kept_ranks import add_metrics, kept_ranks\n"
    "from hybench.evaluation.scope import EvalOptions\n"
    "from hybench.runs.run import Run\n"
    "from tests.indexes.fakes import HashedWords\n"
    "run, dataset = Run(Path(sys.argv[1])), Dataset.open(Path(sys.argv[2]))\n"
    "left = int(sys.argv[4])\n"
    "def kill(event, arguments):\n"
    "    global left\n"
    "    if event == 'os.rename' and '/index/' not in str(arguments[1]):\n"
    "        left -= 1\n"
    "        if left == 0: os.kill(os.getpid(), signal.SIGKILL)\n"
    "sys.addaudithook(kill)\n"
    "options = EvalOptions(metrics=('RR@3',))\n"
    "if sys.argv[3] == 'add': add_metrics(kept_ranks(run, dataset, options), ['RR@3'])\n"
    "else: evaluate(run, dataset, HashedWords(), options)\n"
)


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize(("how", "renames"), [("add", 4), ("search", 8)])
def test_a_kill_leaves_the_old_results_or_the_new(
    how: str, renames: int, dataset: Dataset, run: Run, tmp_path: Path
) -> None:
    evaluate(run, dataset, HashedWords())
    old = read_results(run, "tiny")
    shutil.copytree(run.path, tmp_path / "before")
    metrics = []
    for moment in range(1, renames + 2):
        shutil.rmtree(run.path)
        shutil.copytree(tmp_path / "before", run.path)
        done = subprocess.run(
            [sys.executable, "-c", KILLED, run.path, dataset.path, how, str(moment)], check=False
        )
        assert done.returncode == (-signal.SIGKILL if moment <= renames else 0)
        found = read_results(run, "tiny")
        added = found.values.filter(pl.col("metric") == "RR@3")
        same(found.values.filter(pl.col("metric") != "RR@3"), old.values)
        assert (added.height > 0) == ("RR@3" in found.info.metrics)
        assert found.relevant().collect().equals(old.relevant().collect())
        assert found.rankings().collect().equals(old.rankings().collect())
        assert not [file for each in manifests(run.path) for file in damaged_files(each)]
        metrics.append(found.info.metrics)
        ended = add_metrics(found, ["RR@3"])
        assert ended.info.metrics == (*old.info.metrics, "RR@3")
        for folder in (run.results("tiny").parent, run.rankings("tiny").parent):
            assert not [path.name for path in folder.iterdir() if path.name[0] == "."]
    assert metrics == sorted(metrics)  # the old ones, and from one moment on the new
    assert {*metrics} == {old.info.metrics, ended.info.metrics}
