"""``hybench eval MODEL``: a checkpoint evaluated without a training, and its run in every view."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hybench.runs.models import ModelConfig
from hybench.runs.run import Run
from hybench.tui.draw.glyphs import UNICODE
from hybench.tui.model.arms import APART
from hybench.tui.model.filters import RunFilter
from hybench.tui.model.listing import ListedRuns, ListOptions
from hybench.tui.model.scores import ComparisonRequest, compare_runs, stamped
from hybench.tui.model.watched_runs import WatchedRuns
from tests.cli.program import hybench, next_command, refused, works

EVAL = ("eval", "./base", "--data", "toy", "--settings", "mono")


@pytest.fixture
def with_model(copied: Path, checkpoint: Path) -> Path:
    shutil.copytree(checkpoint, copied / "base")
    return copied


def test_a_checkpoint_is_evaluated_and_compared(with_model: Path) -> None:
    done = works(*EVAL, "--query-prefix", "query: ")
    assert "base on toy (test) · mono" in done.out
    assert "base: encoder: XLMRobertaModel, 2 layers" in done.err
    assert "base: query texts: 'query: ' (--query-prefix), at most " in done.err
    assert ModelConfig.read(Run(with_model / "runs" / "base")).query_prefix == "query: "
    compare = next_command(done)
    assert compare == ["compare", "runs", "--data", "toy"]
    header = next(line for line in works(*compare).out.splitlines() if line.startswith("lang"))
    assert header.split()[2:6] == ["base", "bm25", "hybrid", "mono"]
    assert "done" in next(
        line for line in works("status").out.splitlines() if line.startswith("base")
    )
    assert works("index", "base", "--data", "toy", "--exact").out.count("up to date") == 3
    assert works("info", "--check", "runs/base").err.endswith("checked.\n")
    assert "is not of a model as it is" in refused(2, "eval", "mono", *EVAL[2:], "--pooling", "cls")
    (with_model / "base" / "config.json").rename(with_model / "moved.json")
    assert "1 file missing or damaged" in hybench("info", "--check", "runs/base").err
    (with_model / "moved.json").rename(with_model / "base" / "config.json")
    said = refused(1, *EVAL, "--query-prefix", "")
    assert "--query-prefix: run base was made with 'query: ', not ''" in said
    assert works(*EVAL, "--dry-run").out.startswith("0 passages to encode on cpu, 252 are up to")
    _is_in_the_dashboard(with_model / "runs")


def _is_in_the_dashboard(runs: Path) -> None:
    watched = WatchedRuns([runs])
    for _ in watched.look(0.0):
        pass
    options = ListOptions(120, 0.0, frozenset(), frozenset(), {}, UNICODE)
    listed = ListedRuns()
    listed.find(watched.views, RunFilter.read(""), APART, "name")
    table = listed.table(options)
    assert runs / "base" in table.keys
    paths = [path for path in watched.views if path.parent == runs]
    scores = compare_runs(ComparisonRequest(stamped(paths)))
    assert "base" in [column.label for column in scores.comparison.columns]


def test_a_name_that_is_neither_run_nor_model(with_model: Path) -> None:
    assert "No run 'bases' in runs" in refused(2, "eval", "bases", "--data", "toy")
    assert "There is no checkpoint" not in refused(2, "eval", "runs/bases", "--data", "toy")
