"""Ctrl-C, SIGTERM and closed pipes, in processes of their own."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from safetensors.numpy import load_file

from hybench.runs.events import read_events
from tests.cli.program import BUDGET, line_with, names_in, next_command, start, works
from tests.waiting import HANG

pytestmark = pytest.mark.process

STEPS = 100
LONG = ("--data", "toy", *BUDGET, "--steps", STEPS, "--validate-every", "1")


def _ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code, and what was left to say."""
    _, err = process.communicate(timeout=HANG)
    assert "Traceback" not in err
    assert "error" not in err
    return process.returncode, err


def _interrupt(process: subprocess.Popen[str]) -> None:
    """Press Ctrl-C until it ends: once may fall between a look at the signals and a system call."""
    for _ in range(10):
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()


def test_ctrl_c_ends_after_the_step_and_resuming_loses_nothing(copied: Path) -> None:
    process = start("-v", "train", *LONG, "--name", "broken")
    line_with(process, "broken: step 1 of")
    process.send_signal(signal.SIGINT)
    assert "Ctrl-C again stops at once" in line_with(process, "Stopping after this step")
    code, err = _ended(process)
    assert code == 130
    assert "Interrupted. Resume with: hybench train --resume --name broken\n" in err
    broken = copied / "runs" / "broken"
    [step] = [name for name in names_in(broken / "checkpoints") if name.startswith("step-")]
    assert 1 <= int(step.removeprefix("step-")) < STEPS
    assert not (broken / "model").exists()
    done = works("train", "--resume", "--name", "broken")
    assert next_command(done)[:2] == ["eval", "broken"]
    works("train", *LONG, "--name", "whole")
    whole = copied / "runs" / "whole"
    for file in (f"checkpoints/step-{STEPS}/model.safetensors", "checkpoints/best.safetensors"):
        ours, theirs = load_file(broken / file), load_file(whole / file)
        assert ours.keys() == theirs.keys()
        assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_sigterm_however_often_ends_after_the_step(copied: Path) -> None:
    steps = ("--data", "toy", *BUDGET, "--steps", "100000", "--validate-every", "1")
    process = start("-v", "train", *steps, "--name", "broken")
    line_with(process, "broken: step 1 of")
    for _ in range(3):  # a scheduler tells the batch script, and its children once more
        process.send_signal(signal.SIGTERM)
    line_with(process, "Stopping after this step")
    code, err = _ended(process)
    assert code == 143
    assert "Interrupted. Resume with: hybench train --resume --name broken\n" in err
    names = names_in(copied / "runs" / "broken" / "checkpoints")
    assert any(name.startswith("step-") for name in names)


@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_a_terminal_that_closes_ends_it_after_the_step(copied: Path) -> None:
    steps = ("--data", "toy", *BUDGET, "--steps", "100000", "--validate-every", "1")
    ours, theirs = pty.openpty()
    program = (
        "import fcntl, termios; from hybench.__main__ import run\n"
        "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "run()\n"
    )
    words = ["-v", "train", *map(str, steps), "--name", "broken"]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    seen = b""
    while seen.count(b"dev score") < 3 or b"train broken" not in seen:  # the bar is drawn
        seen += os.read(ours, 65536)
    os.close(ours)  # from here on every write fails, and the process gets SIGHUP
    assert process.wait(timeout=HANG) == 129
    run = copied / "runs" / "broken"
    last = read_events(run / "events.jsonl").events[-1]
    assert last["event"] == "interrupted"
    assert f"step-{last['step']}" in names_in(run / "checkpoints")


def test_a_hangup_is_heeded_as_sigterm_is_and_not_under_nohup(copied: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", HEEDED], check=True, capture_output=True, text=True, timeout=HANG
    )
    assert asked.stdout == "True 129\n"
    ignored = subprocess.run(
        ["nohup", sys.executable, "-c", HEEDED],
        check=True,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert ignored.stdout == "False 130\n"


HEEDED = """
import os, signal
from hybench.cli.interrupt import stop_on_interrupt
with stop_on_interrupt("Stopping.") as stop:
    os.kill(os.getpid(), signal.SIGHUP)
print(stop.is_set(), stop.exit_code)
"""


@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_ctrl_c_twice_ends_at_once(copied: Path) -> None:
    endless = ("--data", "toy", *BUDGET, "--steps", "2", "--accumulation", "1000000")
    taught = ("--strategy", "distill", "--teacher", "runs/mono/model")
    process = start("-v", "train", *endless, *taught, "--name", "broken", cut_short=True)
    line_with(process, "broken: teacher runs/mono/model")
    process.send_signal(signal.SIGINT)
    line_with(process, "Stopping after this step")
    process.send_signal(signal.SIGINT)
    code, err = _ended(process)
    assert (code, err) == (130, "Interrupted.\n")
    assert not (copied / "runs" / "broken" / "checkpoints").exists()


def test_ctrl_c_before_any_work(here: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "arm.toml"
    os.mkfifo(pipe)
    process = start("train", "--config", pipe, cut_short=True)
    opened: list[int] = []
    # Opening a FIFO to write waits until the program has opened it to read.
    opener = Thread(target=lambda: opened.append(os.open(pipe, os.O_WRONLY)), daemon=True)
    opener.start()
    opener.join(60)
    assert opened
    _interrupt(process)
    assert _ended(process) == (130, "Interrupted.\n")
    os.close(opened[0])


def test_ctrl_c_ends_work_that_waits() -> None:
    program = (
        "import os, sys, polars\n"
        "from hybench.cli.console import Console, run_guarded\n"
        "console = Console()\n"
        "def work():\n"
        "    with console.progress():\n"
        "        console.talk('waiting')\n"
        "        os.read(0, 1)\n"
        "sys.exit(run_guarded(work, console))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    line_with(process, "waiting")
    _interrupt(process)
    assert _ended(process) == (130, "Interrupted.\n")


LOADING = """
class Finder:
    def find_spec(self, name, *_):
        if name == "hybench.cli.main":
            wait()
sys.meta_path.insert(0, Finder())
"""
DESTROYED = """
import hybench.cli.main
class Held:
    def __del__(self):
        wait()
def work():
    Held()
    time.sleep(60)
hybench.cli.main._call = work
"""
ENDING = """
import atexit, hybench.cli.main
atexit.register(wait)
hybench.cli.main._call = lambda: None
"""


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        pytest.param(LOADING, (-signal.SIGINT, ""), id="the commands are loaded"),
        pytest.param(DESTROYED, (130, "Interrupted.\n"), id="a destructor runs"),
        pytest.param(ENDING, (-signal.SIGINT, ""), id="Python ends"),
    ],
)
def test_ctrl_c_while(moment: str, ends: tuple[int, str]) -> None:
    program = (
        "import sys, time\n"
        "def wait():\n"
        "    print('waiting', file=sys.stderr, flush=True)\n"
        "    time.sleep(60)\n"
        f"{moment}\n"
        "from hybench.__main__ import run\n"
        "run()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
    line_with(process, "waiting")
    process.send_signal(signal.SIGINT)
    assert _ended(process) == ends


@pytest.mark.parametrize("form", ["table", "json"])
def test_nobody_reads_stdout(form: str, here: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = start("compare", "runs", "--data", "toy", "--format", form, stdout=writer)
    os.close(writer)
    assert _ended(process) == (0, "")


def test_a_pipe_is_data_alone(here: Path) -> None:
    process = start("compare", "runs", "--data", "toy", "--json", stdout=subprocess.PIPE)
    out, err = process.communicate(timeout=HANG)
    assert (process.returncode, err) == (0, "")
    assert json.loads(out)["comparisons"]
