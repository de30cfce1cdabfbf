"""``hybench status``: tables and documents of runs, and what is watched."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import pty
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hybench.runs.events import EventLog
from tests.cli.program import next_command, refused, start, works
from tests.waiting import HANG, wait_until

CONFIG = 'kind = "train"\nsteps = 40\n'


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three runs in runs/: finished, cut off, and failed."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "runs"
    for name, last in (("whole", "done"), ("cut", "step"), ("broken", "failed")):
        (root / name).mkdir(parents=True)
        (root / name / ".lock").touch()
        (root / name / "config.toml").write_text(CONFIG, encoding="utf-8")
        log = EventLog(root / name / "events.jsonl")
        log.append("start", step=0)
        log.append("step", step=20, loss=0.5, seconds=10)
        log.append("step", step=30, loss=0.25, seconds=20)
        log.append("validation", step=30, score=0.875)
        if last == "done":
            log.append("done", step=40, seconds=30)
        elif last == "failed":
            log.append("step", step=31, loss=math.nan, seconds=21)
            log.append("failed", step=31, reason="The loss is nan.")
    return root


def test_all_runs_in_a_table(runs: Path) -> None:
    done = works("status")
    lines = done.out.splitlines()
    assert lines[2].split() == [
        *("run", "state", "step", "steps/s", "left", "loss", "dev", "score", "last", "event"),
    ]
    told = {line.split()[0]: line.split()[1:-3] for line in lines[4:7]}
    assert told["whole"] == ["done", "40/40", "1", "—", "0.2500", "0.8750"]
    assert told["cut"] == ["interrupted", "30/40", "1", "—", "0.2500", "0.8750"]
    assert told["broken"] == ["failed", "31/40", "1", "—", "nan", "0.8750"]
    assert "broken: The loss is nan." in done.out
    assert next_command(done) == ["train", "--resume", "--name", "cut"]


def test_some_runs_by_name_or_folder(runs: Path) -> None:
    assert [line.split()[0] for line in works("status", "whole").out.splitlines()[4:]] == ["whole"]
    done = works("status", runs / "whole", runs / "broken")
    assert "cut" not in done.out
    assert next_command(done) == ["train", "--help"]  # neither has a model
    assert "There is no run" not in done.err


def test_the_next_command_works(copied: Path) -> None:
    assert next_command(works("status")) == ["compare", "runs"]
    for name in ("mono", "hybrid"):
        works("eval", name, "--data", "toy", "--split", "dev")
    compare = next_command(works("status"))
    assert compare == ["compare", "runs", "--data", "toy"]  # there are results of toy@dev, too
    works(*compare)
    for name in ("mono", "hybrid", "bm25"):
        shutil.rmtree(copied / "runs" / name / "results")
    evaluate = next_command(works("status"))
    assert evaluate == ["eval", "hybrid", "--data", "toy"]
    works(*evaluate)


def test_json_and_csv_hold_every_number(runs: Path) -> None:
    for arguments in (("--json",), ("--format", "json")):
        document = json.loads(works("status", *arguments).out)
        found = {run["name"]: run for run in document["runs"]}
        assert document["format"] == 1
        assert list(found) == ["broken", "cut", "whole"]
        assert found["broken"]["loss"] is None
        assert (found["cut"]["state"], found["cut"]["step"]) == ("interrupted", 30)
        assert found["whole"]["path"] == "runs/whole"
    rows = list(csv.DictReader(io.StringIO(works("status", "--format", "csv").out)))
    assert [row["name"] for row in rows] == ["broken", "cut", "whole"]
    assert rows[0]["loss"] == "nan"
    works("status", "-o", "status.json")
    assert len(json.loads(Path("status.json").read_text(encoding="utf-8"))["runs"]) == 3
    said = refused(2, "status", "-o", "status.html")
    assert "ends in .html: the format is unknown" in said
    works("status", "-o", "status.md")
    assert Path("status.md").read_text(encoding="utf-8").startswith("### runs\n\n| run | state |")


@pytest.mark.process
def test_watching_off_a_terminal_prints_what_changes_and_tells_of_it(runs: Path) -> None:
    (runs.parent / "hybench.toml").write_text('[alerts]\ncommand = ["tee", "told"]\n')
    watching = start("status", "--watch", "--every", "0.1", stdout=subprocess.PIPE)
    assert watching.stdout is not None
    first = [watching.stdout.readline() for _ in range(3)]
    assert first[1] == (
        "cut: interrupted, step 30/40, 1 steps/s, — left, loss 0.2500, dev score 0.8750\n"
    )
    EventLog(runs / "cut" / "events.jsonl").append("done", step=40)
    assert watching.stdout.readline().startswith("cut: done, step 40/40,")
    told = runs.parent / "told"
    wait_until(lambda: told.is_file() and told.read_text().endswith("}"))
    assert '"kind": "done"' in told.read_text()
    watching.send_signal(signal.SIGINT)
    rest, said = watching.communicate(timeout=HANG)
    assert (watching.returncode, rest) == (130, "")
    assert "cut is done." in said
    assert "Traceback" not in said


@pytest.mark.process
def test_watching_as_json_prints_a_document_a_line(runs: Path) -> None:
    watching = start("status", "--watch", "--every", "0.1", "--json", stdout=subprocess.PIPE)
    assert watching.stdout is not None
    for _ in range(2):
        assert len(json.loads(watching.stdout.readline())["runs"]) == 3
    watching.send_signal(signal.SIGINT)
    watching.communicate(timeout=HANG)
    assert watching.returncode == 130


@pytest.mark.process
def test_watching_on_a_terminal_draws_the_table_again(runs: Path) -> None:
    ours, theirs = pty.openpty()
    watching = subprocess.Popen(
        [sys.executable, "-m", "hybench", "status", "--watch", "--every", "0.1"],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    seen = ""
    while seen.count("\x1b[H\x1b[J") < 3:
        seen += os.read(ours, 65536).decode(errors="replace")
    watching.send_signal(signal.SIGINT)
    assert watching.wait(timeout=HANG) == 130
    os.close(ours)
    assert seen.split("\x1b[H\x1b[J")[1].count("interrupted") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--format", "xml"), "'--format': 'xml' is not one of 'table', 'json', 'md', 'csv'."),
        (("--every", "0"), "--every is 0.0."),
        (("--watch", "--format", "csv"), "--watch shows a table"),
        (("--watch", "-o", "file"), "--watch shows a table"),
        (("nowhere",), "There is no folder runs/nowhere."),
    ],
)
def test_mistakes(runs: Path, arguments: tuple[str, ...], says: str) -> None:
    assert says in refused(2, "status", *arguments)


CASE = Path(__file__).resolve().parents[3] / "shared" / "cases" / "06-status-diverged"


@pytest.mark.skipif(not CASE.is_dir(), reason=f"no {CASE.name} beside the checkout")
def test_the_case_of_a_diverged_run() -> None:
    done = works("status", "--runs-dir", CASE / "runs")
    header, row = (line for line in done.out.splitlines() if line.startswith(("run ", "div ")))
    assert header.split("loss")[0].rstrip().endswith("left")
    assert " 1e+33 " in row
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("loss", "shown"),
    [(1e33, "1e+33"), (-1e300, "-1e+300"), (1.7e308, "1.7e+308"), (math.inf, "inf"),
     (0.25, "0.2500"), (123456.5, "123456.5000")],
)  # fmt: skip
def test_huge_numbers_are_short(loss: float, shown: str, runs: Path) -> None:
    log = EventLog(runs / "cut" / "events.jsonl")
    log.append("step", step=int(1e299), loss=loss, seconds=21)
    log.append("validation", step=31, score=1e200, seconds=1e250)
    log.append("failed", step=31, reason="diverged", time=1.0)
    table = works("status", "cut", "--format", "md").out
    assert f" {shown} " in table
    assert max(map(len, table.splitlines())) < 120


def test_no_runs_yet(empty: Path) -> None:
    assert "hybench train creates them" in refused(2, "status")
