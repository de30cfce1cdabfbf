"""``--metrics``: computed from kept ranks where these suffice, and what compare says of them."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import polars as pl
import pytest

from hybench.evaluation.results import read_results
from hybench.runs.run import Run
from hybench.tui.model.scores import ComparisonRequest, compare_runs, stamped
from tests.cli.program import hybench, next_command, refused, works
from tests.test_imports import HEAVY, command, loaded


def metrics_of(run: str) -> tuple[str, ...]:
    return read_results(Run(Path("runs") / run), "toy").info.metrics


@pytest.mark.parametrize("run", ["mono", "bm25"])
def test_metrics_are_added_from_kept_ranks(run: str, copied: Path) -> None:
    own = metrics_of(run)
    done = works("eval", run, "--data", "toy", "--metrics", "RR@10,Success@1")
    told = f"from the ranks that the results of {run} on toy keep; nothing is searched."
    assert f"RR@10, Success@1: {told}" in " ".join(done.err.split())
    assert "RR@10" in done.out
    assert own[0] not in done.out  # what was asked for is shown
    assert metrics_of(run) == (*own, "RR@10", "Success@1")
    again = works("eval", run, "--data", "toy", "--metrics", "RR@10", "--metrics", own[0])
    assert "already; nothing is searched." in " ".join(again.err.split())
    assert next_command(again)[0] == "compare"
    works("info", "--check", Path("runs") / run)
    works("eval", run, "--data", "toy")  # searches, and keeps them
    assert metrics_of(run) == (*own, "RR@10", "Success@1")


@pytest.mark.process
def test_no_torch_is_loaded_where_nothing_is_searched(copied: Path) -> None:
    added = command("eval", "mono", "--data", "toy", "--metrics", "RR@10")
    assert loaded(added, *HEAVY, cwd=copied) == []
    assert "RR@10" in metrics_of("mono")


def test_it_says_why_it_searches(copied: Path) -> None:
    done = works("eval", "mono", "--data", "toy", "--split", "dev", "--metrics", "RR@10")
    assert "RR@10: searching, since Run mono has no results on toy@dev." in done.err
    options = ("--metrics", "RR@10", "--dry-run")
    assert "nothing is searched" in works("eval", "mono", "--data", "toy", *options).err
    assert "RR@10" not in metrics_of("mono")
    (copied / "runs" / "mono" / "rankings" / "toy.relevant.parquet").write_bytes(b"PAR1")
    done = works("eval", "mono", "--data", "toy", "--metrics", "RR@10")
    assert "searching, since runs/mono/rankings/toy.relevant.parquet cannot be read" in done.err
    assert "RR@10" in metrics_of("mono")


def test_unknown_metrics_and_other_parameters_are_refused(here: Path) -> None:
    said = refused(2, "eval", "mono", "--data", "toy", "--metrics", "MRR@10")
    assert "There is no metric 'MRR@10'." in said
    assert "nDCG" in said
    said = refused(1, "eval", "bm25", "--data", "toy", "--k1", "1.2", "--metrics", "RR")
    assert "not made by BM25 with these parameters" in said


def test_compare_names_the_command_that_adds_a_metric(copied: Path) -> None:
    said = refused(2, "compare", "runs", "--metric", "RR@10")
    assert "no RR@10 in the results of toy" in said
    assert "Or add it: for run in bm25 hybrid mono; do hybench eval" in said
    works("eval", "hybrid", "--data", "toy", "--metrics", "RR@10")
    done = works("compare", "runs", "--metric", "RR@10")
    loop = 'for run in bm25 mono; do hybench eval "$run" --data toy --metrics RR@10; done'
    assert f"Without RR@10: bm25, mono ({loop})." in " ".join(done.out.split())
    works("eval", "bm25", "--data", "toy", "--metrics", "RR@10")
    done = works("compare", "runs", "--metric", "RR@10")
    adds = "hybench eval mono --data toy --metrics RR@10"
    assert f"Without RR@10: mono ({adds})." in " ".join(done.out.split())
    works(*shlex.split(adds)[1:])
    assert "Without RR@10" not in works("compare", "runs", "--metric", "RR@10").out
    assert "Without" not in works("compare", "runs").out


@pytest.mark.process
def test_a_loop_of_the_shell_is_one(copied: Path) -> None:
    strange = copied / "runs" / "mono"
    strange = strange.rename(strange.with_name("mono 2"))
    said = refused(2, "compare", "runs", "--metric", "RR@10")
    loop = said.partition("Or add it: ")[2].strip().replace("hybench eval", "echo")
    done = subprocess.run(["sh", "-c", loop], capture_output=True, text=True, check=True)
    runs = [line.partition(" --data")[0] for line in done.stdout.splitlines()]
    assert runs == ["bm25", "hybrid", "mono 2"]


def test_the_dashboard_shows_metrics_that_some_runs_have(copied: Path) -> None:
    works("eval", "hybrid", "--data", "toy", "--metrics", "RR@10")
    paths = stamped([copied / "runs" / name for name in ("mono", "hybrid", "bm25")])
    scores = compare_runs(ComparisonRequest(paths, metric="RR@10"))
    assert scores.metrics == (*metrics_of("mono"), "RR@10")
    row = scores.comparison.rows[0]
    known = dict(zip((c.label for c in scores.comparison.columns), row.cells, strict=True))
    assert [name for name, cell in known.items() if cell is not None] == ["hybrid"]
    assert any("Without RR@10: mono, bm25" in note for note in scores.comparison.notes)


def test_an_imported_run_gets_metrics_too(copied: Path) -> None:
    works("eval", "mono", "--data", "toy", "--settings", "mono", "--force", "--export-trec", "trec")
    files = "trec/toy.mono.{lang}-{corpus}"
    works("import", "trec", f"{files}.run", "--data", "toy", "--metrics", "RR@3", "--name", "a")
    options = ("--dataset", "theirs", "--qrels", f"{files}.qrels", "--name", "b")
    works("import", "trec", f"{files}.run", *options)
    works("eval", "a", "--data", "toy", "--metrics", "RR@10")
    works("eval", "b", "--data", "theirs", "--metrics", "RR@3,RR@10")
    works("eval", "mono", "--data", "toy", "--metrics", "RR@3,RR@10", "--settings", "mono")
    wanted = pl.col("metric").is_in(["RR@3", "RR@10"])
    keys = ["query_lang", "query_id", "metric", "value"]
    found = [
        read_results(Run(Path("runs") / run), key).values.filter(wanted).select(keys).sort(keys)
        for run, key in (("mono", "toy"), ("a", "toy"), ("b", "theirs"))
    ]
    assert found[0].height > 0
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])
    said = refused(2, "eval", "a", "--data", "toy", "--split", "dev", "--metrics", "RR")
    assert "an imported run cannot be searched" in said
    assert "--metrics RR --force" in said


def test_help_names_the_metrics_option(here: Path) -> None:
    assert "--metrics" in hybench("eval", "--help").out
