"""Trainings in several processes: stopped, killed, resumed with another number of them."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from hybench.errors import HybenchError, StateError, TrainingError, UsageError
from hybench.runs.events import Event, read_events
from hybench.runs.run import Run
from hybench.training.distributed import launch as together
from hybench.training.distributed.follower import FOLLOWED
from hybench.training.distributed.launch import train_together
from tests.training.conftest import BUDGET, run_to_the_end
from tests.training.distributed.test_group import steps
from tests.training.test_train import assert_same_weights
from tests.waiting import HANG

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.usefixtures("forked")]


def followers(leader: int | None = None) -> list[psutil.Process]:
    """The processes that this one, or another, has started to train together.

    Each has a session of its own, as no other process of tests has.
    """
    return [
        child
        for child in psutil.Process(leader).children()
        if child.status() != psutil.STATUS_ZOMBIE and os.getsid(child.pid) == child.pid
    ]


def events(path: Path, data_root: Path, processes: int, **options: Any) -> Iterator[Event]:
    return train_together(BUDGET, Run(path), data_root, processes, device="cpu", **options)


@pytest.mark.parametrize(("first", "then"), [(2, 1), (1, 2)])
def test_resumed_in_another_number_of_processes_a_run_sees_the_same_batches(
    first: int, then: int, tmp_path: Path, data_root: Path
) -> None:
    from safetensors.numpy import load_file

    step = 0

    def after_seven() -> bool:
        return step == 7

    for event in events(tmp_path / "cut", data_root, first, stop=after_seven):
        step = event["step"] if event["event"] == "step" else step
    assert event["event"] == "interrupted"
    assert not followers()
    assert not (tmp_path / "cut" / "model").exists()
    *_, last = events(tmp_path / "cut", data_root, then, resume=True)
    assert last["event"] == "done"
    run_to_the_end(tmp_path / "whole", data_root)
    names = ("step", "batch_kind", "examples", "tokens", "lr")
    cut, whole = (steps(tmp_path / name) for name in ("cut", "whole"))
    assert [[one[name] for name in names] for one in cut] == [
        [one[name] for name in names] for one in whole
    ]
    starts = [
        event["processes"]
        for event in read_events(tmp_path / "cut" / "events.jsonl").events
        if event["event"] == "start"
    ]
    assert starts == [first, then]
    ours, theirs = (
        load_file(tmp_path / name / "checkpoints" / "step-12" / "model.safetensors")
        for name in ("cut", "whole")
    )
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, atol=1e-5)


def test_dev_decides_alike_in_two_processes_and_after_a_start(
    tmp_path: Path, data_root: Path
) -> None:
    """α by dev scores, from another run's model: stopped and resumed to the same bits."""
    run_to_the_end(tmp_path / "first", data_root, steps=4)
    changes = {"alpha_schedule": "dev", "init": str(tmp_path / "first"), "first_batch": 4}
    config = replace(BUDGET, **changes)  # type: ignore[arg-type]
    step = 0

    def after_seven() -> bool:
        return step == 7

    run = Run(tmp_path / "cut")
    for event in train_together(config, run, data_root, 2, device="cpu", stop=after_seven):
        step = event["step"] if event["event"] == "step" else step
    *_, last = train_together(config, run, data_root, 2, device="cpu", resume=True)
    assert last["event"] == "done"
    list(train_together(config, Run(tmp_path / "whole"), data_root, 2, device="cpu"))
    cut, whole = (steps(tmp_path / name) for name in ("cut", "whole"))
    assert [each["batch_kind"] for each in cut] == [each["batch_kind"] for each in whole]
    decided = [
        [each["alpha"] for each in read_events(tmp_path / name / "events.jsonl").events
         if each["event"] == "alpha"]
        for name in ("cut", "whole")
    ]  # fmt: skip
    assert decided[0] == decided[1]
    assert len(decided[0]) == 3
    assert_same_weights(tmp_path / "whole" / "model", tmp_path / "cut" / "model")


def test_a_process_that_is_killed_is_named_and_the_run_goes_on_from_its_checkpoint(
    tmp_path: Path, data_root: Path
) -> None:
    def kill_after_the_first_checkpoint() -> None:
        for event in events(tmp_path / "run", data_root, 2):
            if event["event"] == "checkpoint":
                [follower] = followers()
                follower.kill()

    with pytest.raises(TrainingError, match=r"Process 2 of 2 was killed \(SIGKILL\)") as caught:
        kill_after_the_first_checkpoint()
    assert "--resume" in caught.value.do
    log = tmp_path / "run" / "events.jsonl"
    assert read_events(log).events[-1]["event"] == "failed"
    assert not followers()
    *_, last = events(tmp_path / "run", data_root, 2, resume=True)
    assert (last["event"], last["step"]) == ("done", 12)


def test_the_others_end_with_the_one_that_leads(tmp_path: Path, data_root: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from dataclasses import replace\n"
        "from tests.training.conftest import BUDGET; from hybench.runs.run import Run\n"
        "from hybench.training.distributed.launch import train_together\n"
        "for event in train_together(replace(BUDGET, steps=10**6), Run(Path(sys.argv[1])),\n"
        "        Path(sys.argv[2]), 3, device='cpu'):\n"
        "    print(event['event'], flush=True)\n"
    )
    leader = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "run"), str(data_root)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    with leader:
        assert leader.stdout is not None
        assert any(line == "step\n" for line in leader.stdout)
        others = followers(leader.pid)
        assert len(others) == 2
        leader.send_signal(signal.SIGKILL)
    gone, alive = psutil.wait_procs(others, timeout=HANG)
    assert len(gone) == 2
    assert not alive


def test_what_is_wrong_for_all_is_said_as_for_one(tmp_path: Path, data_root: Path) -> None:
    run_to_the_end(tmp_path / "run", data_root)
    with pytest.raises(StateError, match="Run run already exists"):
        list(events(tmp_path / "run", data_root, 2))
    assert not followers()


def test_numbers_of_processes_that_make_no_sense_are_refused(
    tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="--processes is 0"):
        list(events(tmp_path / "run", data_root, 0))
    for name in ("RANK", "LOCAL_RANK"):
        monkeypatch.setenv(name, "1")
    for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE"):
        monkeypatch.setenv(name, "4")
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("MASTER_PORT", "1")
    with pytest.raises(UsageError, match="--processes is 2 in one of 4 processes of torchrun"):
        list(events(tmp_path / "run", data_root, 2))
    assert not (tmp_path / "run").exists()


def ended(code: int, said: str) -> together._Others:
    """A process of two that has ended."""
    process = subprocess.Popen(["sh", "-c", f"exit {code}"], text=True)
    process.wait()
    return together._Others(None, [process], [io.StringIO(said)])


def test_the_reason_is_what_a_process_said_last() -> None:
    reason = ended(1, "Traceback ...\nOut of memory.\nLower --batch-size.\n").reason()
    assert reason is not None
    assert reason.what == "Process 2 of 2: Out of memory."
    assert reason.do == "Lower --batch-size."
    assert "nothing" in str(ended(1, "").reason())


def test_a_process_that_followed_another_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "_NOTICED", 0.1)
    assert ended(FOLLOWED, "").reason() is None
    assert ended(0, "").reason() is None


def test_who_waits_without_end_for_a_process_that_has_gone_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(together, "_GRACE", 0.1)
    told: list[HybenchError] = []
    together._watch(ended(1, "Out of memory.\nLower it.\n"), threading.Event(), told.append)
    assert [error.what for error in told] == ["Process 2 of 2: Out of memory."]
    over = threading.Event()
    over.set()
    together._watch(ended(1, ""), over, told.append)
    assert len(told) == 1


def test_a_follower_that_is_asked_nothing_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hybench.training.distributed.follower"],
        stdin=subprocess.DEVNULL,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == FOLLOWED
