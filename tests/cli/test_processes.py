"""``hybench train`` in several processes, started by itself and by torchrun."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from hybench.runs.events import read_events
from tests.cli.program import BUDGET, TRAIN, line_with, next_command, refused, start, works
from tests.waiting import HANG, wait_until

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.usefixtures("forked")]

LONG = ("--data", "toy", *BUDGET, "--steps", "100000", "--validate-every", "0")


def test_train_in_two_processes(copied: Path) -> None:
    done = works(*TRAIN, "--name", "pair", "--processes", "2", "--device", "cpu")
    assert next_command(done) == ["eval", "pair", "--data", "toy"]
    events = read_events(copied / "runs" / "pair" / "events.jsonl").events
    assert [event["step"] for event in events if event["event"] == "step"] == list(range(1, 9))
    works("eval", "pair", "--data", "toy")


def test_ctrl_c_stops_all_and_resuming_goes_on_in_one(copied: Path) -> None:
    process = start("-v", "train", *LONG, "--name", "pair", "--processes", "2", "--device", "cpu")
    run = copied / "runs" / "pair"
    wait_until(lambda: process.poll() is not None or read_events(run / "events.jsonl").events[4:])
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    line_with(process, "Stopping after this step")
    _, said = process.communicate(timeout=HANG)
    assert process.returncode == 130
    assert "Resume with: hybench train --resume --name pair" in said
    assert "error" not in said
    assert "Traceback" not in said
    last = read_events(run / "events.jsonl").events[-1]
    assert last["event"] == "interrupted"
    assert (run / "checkpoints" / f"step-{last['step']}" / "state.json").is_file()


def test_sigterm_to_every_process_stops_all_after_the_step(copied: Path) -> None:
    process = start("-v", "train", *LONG, "--name", "pair", "--processes", "2", "--device", "cpu")
    run = copied / "runs" / "pair"
    wait_until(lambda: process.poll() is not None or read_events(run / "events.jsonl").events[4:])
    assert process.poll() is None
    children = psutil.Process(process.pid).children()
    [follower] = [child for child in children if os.getsid(child.pid) == child.pid]
    follower.terminate()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=HANG)
    assert process.returncode == 143
    assert "Resume with: hybench train --resume --name pair" in said
    assert "error" not in said
    assert read_events(run / "events.jsonl").events[-1]["event"] == "interrupted"


TORCHRUN = ("torch.distributed.run", "--standalone", "--nproc-per-node", "2")
ACCELERATE = (
    *("accelerate.commands.launch", "--num_machines", "1", "--num_processes", "2"),
    *("--mixed_precision", "no", "--dynamo_backend", "no"),
)


@pytest.mark.parametrize("launcher", [TORCHRUN, (*ACCELERATE, "--multi_gpu")])
def test_a_launcher_starts_one_training_and_one_process_speaks(
    launcher: tuple[str, ...], copied: Path
) -> None:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", *launcher, "-m", "hybench", "-v", "train"),
            *LONG,
            *("--name", "pair", "--device", "cpu"),
        ],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    run = copied / "runs" / "pair"
    wait_until(lambda: process.poll() is not None or read_events(run / "events.jsonl").events[4:])
    assert process.poll() is None
    # As a terminal does: torchrun hears of it, and so do the processes that it tells once more.
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=HANG)
    assert said.count("Stopping after this step") == 1
    assert said.count("Resume with: hybench train --resume --name pair") == 1
    events = read_events(run / "events.jsonl").events
    assert [event["processes"] for event in events if event["event"] == "start"] == [2]
    assert events[-1]["event"] == "interrupted"


def test_accelerate_that_starts_one_process_of_several_is_refused(here: Path) -> None:
    train = (*ACCELERATE, "--cpu", "-m", "hybench", *TRAIN, "--name", "new")
    ran = subprocess.run(
        [sys.executable, "-m", *train], capture_output=True, text=True, timeout=HANG, check=False
    )
    assert "asked for several processes, and started this one alone" in ran.stderr
    assert not (here / "runs" / "new").exists()


def test_mistakes(here: Path) -> None:
    assert "--processes is 0" in refused(2, *TRAIN, "--name", "new", "--processes", "0")
    several = ("--processes", "2", "--device", "cuda:0")
    assert "--device cuda:0 is a single GPU" in refused(2, *TRAIN, "--name", "new", *several)
