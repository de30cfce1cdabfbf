"""Workers of a study: what they say, and their end with those who started them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from hybench.concurrency.processes import environment
from hybench.concurrency.progress import Stop
from hybench.files.checksums import sha256_file
from hybench.studies.options import StudyOptions
from hybench.studies.run import run_study
from hybench.studies.states import cell_states
from hybench.studies.worker import CellRequest, Ended, Message, Working, parse
from tests.studies.conftest import STUDY, run, study_of
from tests.waiting import HANG

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("forked")]


@pytest.mark.slow
def test_a_worker_ends_when_who_started_it_dies_and_its_cell_goes_on(
    tmp_path: Path, data_root: Path
) -> None:
    study = study_of(tmp_path, steps="steps = 300", validate_every="validate_every = 0")
    whole, folder = tmp_path / "whole", tmp_path / "cut"
    cell = study.cells[0]
    request = CellRequest(
        cell.name, (cell.config.to_toml(),), str(folder), str(data_root), ("toy",), None, "cpu", 1
    )
    with subprocess.Popen(
        [sys.executable, "-m", "hybench.studies.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(1),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write((json.dumps(asdict(request)) + "\n").encode())
        process.stdin.flush()
        for line in process.stdout:
            message = parse(line.decode())
            if isinstance(message, Working) and message.task == "train":
                break
        process.stdin.close()
        assert process.wait(timeout=HANG) == 1
    assert cell_states(study, folder, data_root)[cell.name] == "begun"
    text = 'name = "one"\n' + STUDY[STUDY.index("[train]") : STUDY.index("[arms.kl]")]
    one = study_of(tmp_path, text, steps="steps = 300", validate_every="validate_every = 0")
    assert run(one, folder, data_root, threads=1).ended[0].state == "done"
    assert run(one, whole, data_root, threads=1).ended[0].state == "done"
    left, right = (
        sha256_file(next((each / cell.name / "model").rglob("*.safetensors")))
        for each in (folder, whole)
    )
    assert left == right


@pytest.mark.slow
def test_a_worker_that_is_killed_is_a_failed_cell(tmp_path: Path, data_root: Path) -> None:
    study = study_of(tmp_path, steps="steps = 4000")
    folder, killed = tmp_path / "runs" / "small", Stop()
    stop = Stop()

    def watch(message: Message) -> None:
        if isinstance(message, Ended):
            stop.set()
        elif isinstance(message, Working) and message.task == "train" and not killed.is_set():
            killed.set()
            [worker] = [
                child for child in psutil.Process().children() if os.getsid(child.pid) == child.pid
            ]
            worker.kill()

    outcome = run_study(study, folder, data_root, StudyOptions(), stop=stop, watch=watch)
    assert outcome.failed[0].what == "Its process was killed (SIGKILL)."
    assert outcome.failed[0].seconds["until it died"] > 0
    assert outcome.left


@pytest.mark.parametrize("line", ["", "{", "[]", '{"ended": 3}', '{"working": {"x": 1}}', "null"])
def test_lines_that_are_no_message_are_passed_over(line: str) -> None:
    assert parse(line) is None
