"""Evaluating runs through Python."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import hybench
from hybench.api.evaluating import plan_evaluation
from hybench.errors import StateError, UsageError
from hybench.evaluation.results import read_results
from hybench.runs.run import Run
from tests.cli.program import works


def test_the_values_are_those_of_the_command_line(copied: Path) -> None:
    theirs = read_results(Run(copied / "runs" / "mono"), "toy").values
    found = hybench.evaluate("mono", "toy")
    assert found.to_frame().equals(theirs)
    assert found.report.key == "toy"
    assert "mono on toy (test) · multi" in repr(found)
    assert {"RankDistance", "SameLang@10"} <= set(found.language_bias)
    assert found.warnings == ()


def test_metrics_come_from_kept_ranks(copied: Path) -> None:
    told: list[str] = []
    options = hybench.EvalOptions(metrics=("RR@10",))
    found = hybench.evaluate("mono", "toy", options, tell=told.append)
    assert "nothing is searched" in told[0]
    frame = found.to_frame().filter(metric="RR@10")
    assert frame.height == found.to_frame().filter(metric="AP").height
    assert "RR@10" in repr(found)
    assert "nDCG" not in repr(found)
    assert plan_evaluation("mono", "toy", options) is None


def test_a_split_is_named_with_the_set(copied: Path) -> None:
    assert hybench.evaluate("mono", "toy@dev").report.key == "toy@dev"
    with pytest.raises(UsageError, match="--split says test"):
        hybench.evaluate("mono", "toy@dev", hybench.EvalOptions(split="test"))


def test_texts_are_encoded_in_a_precision(copied: Path) -> None:
    assert hybench.evaluate("mono", "toy").report.info.precision == "fp32"
    assert hybench.evaluate("mono", "toy", precision="bf16").report.info.precision == "bf16"
    [report, *_] = hybench.index(
        "mono", "toy", hybench.IndexOptions(exact=True), precision="bf16"
    ).reports
    assert report.unchanged
    with pytest.raises(UsageError, match="fp16 needs an NVIDIA GPU"):
        hybench.evaluate("mono", "toy", precision="fp16", device="cpu")


def test_bm25_has_parameters_and_a_name(copied: Path) -> None:
    found = hybench.evaluate("bm25", "toy", bm25=hybench.Bm25Options(k1=1.2, name="words"))
    assert found.run.path == Path("runs/words")
    assert found.run.read_config()["k1"] == 1.2
    plan = plan_evaluation("bm25", "toy")
    assert plan is not None
    assert plan.queries > 0


def test_the_run_is_held_while_it_is_evaluated(copied: Path) -> None:
    run = Run(copied / "runs" / "mono")
    with run.lock(), pytest.raises(StateError, match="Another process"):
        hybench.evaluate(run, "toy")
    with run.lock(), pytest.raises(StateError, match="Another process"):
        hybench.index(run, "toy")


def test_an_index_is_a_frame(copied: Path) -> None:
    found = hybench.index("mono", "toy", hybench.IndexOptions(exact=True, languages=("yo",)))
    frame = found.to_frame()
    assert frame["language"].to_list() == ["yo"]
    assert frame["passages"].to_list() == [84]
    assert frame.schema["recall"] == pl.Float64
    assert frame["recall"].to_list() == [None]
    assert repr(found).startswith("### mono · index of toy")


def test_a_trained_run_warns_of_queries_that_it_has_seen(copied: Path) -> None:
    works("index", "mono", "--data", "toy", "--exact")
    found = hybench.evaluate("mono", "toy", hybench.EvalOptions(languages=("yo",), force=True))
    assert set(found.to_frame()["query_lang"]) == {"yo"}
