"""Too little memory, a clock that goes backwards, a person in a hurry."""

from __future__ import annotations

import os
import pty
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hybench.cli.console import Console, run_guarded
from hybench.files.documents import read_json
from hybench.runs.events import EventLog, read_events
from tests.builders import toy_dataset
from tests.cli.program import BUDGET, TRAIN, line_with, names_in, refused, start, works
from tests.hostile.conftest import hidden_in
from tests.waiting import HANG

pytestmark = pytest.mark.process

LONG = ("--data", "toy", *BUDGET, "--steps", "100", "--validate-every", "1")


def _too_many_numbers() -> object:
    return np.ones(2**56)


def _too_large_a_tensor() -> object:
    import torch

    return torch.ones(2**56)


def _too_long_a_text() -> object:
    return "x" * 2**60


def _an_arrow_table() -> object:
    import pyarrow

    return pyarrow.allocate_buffer(2**60)


@pytest.mark.parametrize(
    "work", [_too_many_numbers, _too_large_a_tensor, _too_long_a_text, _an_arrow_table]
)
def test_too_little_memory_says_what_to_lower(
    work: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_guarded(work, Console()) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "error: Out of memory."
    assert "--batch-size" in said[1]
    assert "--languages" in said[1]
    assert len(said) == 2


def test_a_model_that_is_too_large_for_memory(here: Path) -> None:
    import psutil

    before = resource.getrlimit(resource.RLIMIT_AS)
    limit = psutil.Process().memory_info().vms + 2**29
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        said = refused(1, *TRAIN, "--name", "huge", "--dimension", "1000000")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert "Out of memory" in said
    assert "--dimension" in said
    assert not (here / "runs" / "huge").exists()


def test_a_clock_that_goes_backwards(tmp_path: Path) -> None:
    times = iter([100.0, 50.0, -3.0, 1e12])
    log = EventLog(tmp_path / "events.jsonl", clock=lambda: next(times))
    for name in ("a", "b", "c", "d"):
        log.append(name)
    read = read_events(tmp_path / "events.jsonl")
    assert [event["event"] for event in read.events] == ["a", "b", "c", "d"]
    assert [event["time"] for event in read.events] == [100.0, 50.0, -3.0, 1e12]


@pytest.mark.parametrize("date", [0, 4_000_000_000])
def test_the_dates_of_files_decide_nothing(date: int, copied: Path) -> None:
    before = (copied / "runs" / "mono" / "model.json").read_text()
    for path in [*copied.rglob("*"), copied]:
        os.utime(path, (date, date))
    assert "up to date" in works("index", "mono", "--data", "toy", "--exact").out
    works("train", "--resume", "--name", "mono")
    assert (copied / "runs" / "mono" / "model.json").read_text() == before
    table = works("compare", "runs", "--data", "toy").out
    assert "mono" in table


def test_a_checkpoint_from_the_future_is_not_newer(copied: Path) -> None:
    """The newest checkpoint is that of the most steps."""
    checkpoints = copied / "runs" / "mono" / "checkpoints"
    newest = max(checkpoints.glob("step-*"), key=lambda path: int(path.name.removeprefix("step-")))
    for path in checkpoints.glob("step-*"):
        if path != newest:
            os.utime(path, (4_000_000_000, 4_000_000_000))
    works("train", "--resume", "--name", "mono")
    assert read_json(newest / "state.json")["state"]["finished"]


@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_ctrl_c_on_a_terminal_is_answered_at_once(copied: Path) -> None:
    """The handler writes past the progress bar and its locks, which may be in use."""
    ours, theirs = pty.openpty()
    slow = ("--steps", "1000", "--accumulation", "50", "--batch-size", "16", "--data", "toy")
    arguments = [sys.executable, "-m", "hybench", "train", *slow, "--name", "mine"]
    with subprocess.Popen(arguments, stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        said = ""
        while "steps" not in said:  # the bar is there
            said += os.read(ours, 4096).decode("utf-8", "replace")
        process.send_signal(signal.SIGINT)
        while True:
            try:
                said += os.read(ours, 4096).decode("utf-8", "replace")
            except OSError:  # the other end is closed
                break
        assert process.wait(HANG) == 130
    os.close(ours)
    assert "Stopping after this step, with a checkpoint; Ctrl-C again stops at once." in said
    assert "Resume with: hybench train --resume --name mine" in " ".join(said.split())
    assert len(names_in(copied / "runs" / "mine" / "checkpoints")) == 1
    assert hidden_in(copied / "runs") == []


@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_many_interrupts_in_a_row_break_nothing(copied: Path) -> None:
    process = start("-v", "train", *LONG, "--name", "mine")
    line_with(process, "mine: step 2 of")
    for _ in range(20):
        process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=HANG)
    assert process.returncode in {130, -signal.SIGINT}
    assert "a bug in hybench" not in said
    assert hidden_in(copied / "runs") == []


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_files_and_folders_have_the_modes_that_the_umask_leaves(
    umask: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = os.umask(umask)
    try:
        toy_dataset(tmp_path / "data")
        works(*TRAIN, "--name", "mono", "--strategy", "distill")
        works("index", "mono", "--data", "toy")
        works("eval", "mono", "--data", "toy", "--export-trec", "trec")
        works("eval", "bm25", "--data", "toy")
        works("compare", "runs", "--data", "toy", "-o", "table.md")
    finally:
        os.umask(before)
    for path in tmp_path.rglob("*"):
        whole = 0o777 if path.is_dir() else 0o666
        assert path.stat().st_mode & 0o777 == whole & ~umask, path
