"""The loop when things go wrong: no numbers, no memory, a clock that runs backwards."""

from __future__ import annotations

import itertools
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from hybench.config.train import TrainConfig
from hybench.errors import TrainingError
from hybench.runs.events import Event, EventLog, read_events
from hybench.runs.run import Run
from hybench.training.loop import Loop
from hybench.training.memory import explain_out_of_memory
from hybench.training.train import resume_config, train
from tests.builders import Toy, toy_dataset
from tests.training.conftest import BUDGET, make_task
from tests.waiting import HANG

ABSURD: dict[str, Any] = {
    "learning_rate": 10.0,
    "clip": 0.0,
    "weight_decay": 1e36,
    "warmup": 0.0,
    "checkpoint_every": 1,
    "keep_checkpoints": 3,
}


def test_what_is_no_number_is_neither_kept_nor_scored(tmp_path: Path, data_root: Path) -> None:
    run = Run(tmp_path / "run")
    config = replace(BUDGET, **ABSURD)
    with pytest.raises(TrainingError, match=r"became .* at step") as caught:
        list(train(config, run, data_root, device="cpu"))
    events = read_events(run.events_file).events
    assert events[-1]["event"] == "failed"
    assert events[-1]["reason"] == caught.value.what
    kept = sorted(run.checkpoints.glob("step-*"))
    assert kept
    for path in kept:
        assert all(
            bool(value.isfinite().all()) for value in load_file(path / "model.safetensors").values()
        )
    assert not run.model.exists()
    # It goes on from the last good one, and comes to the same end.
    with pytest.raises(TrainingError) as again:
        list(train(resume_config(run), run, data_root, device="cpu", resume=True))
    assert again.value.what == caught.value.what
    [_, start] = [e for e in read_events(run.events_file).events if e["event"] == "start"]
    assert start["step"] == events[-1]["step"] - 1


def spoiled_loop(tmp_path: Path, data_root: Path, spoil_at: int) -> Loop:
    """A loop with a gradient, but no loss, that is no number in one step."""
    task = make_task(data_root, tmp_path, checkpoint_every=2)
    run = Run(tmp_path / "run")
    run.write_config(task.config.to_toml())
    loop = Loop(task, run, EventLog(run.events_file), lambda: False)
    [weight] = task.encoder.model.parameters()

    def spoil(gradient: torch.Tensor) -> torch.Tensor:
        return gradient * math.nan if loop.state.step == spoil_at else gradient

    weight.register_hook(spoil)  # type: ignore[no-untyped-call]
    return loop


def test_a_gradient_that_is_no_number_leaves_the_weights_alone(
    tmp_path: Path, data_root: Path
) -> None:
    loop = spoiled_loop(tmp_path, data_root, spoil_at=4)
    before: dict[str, torch.Tensor] = {}
    events = loop.events()
    for event in events:
        if event["event"] == "step" and event["step"] == 3:
            before = {name: value.clone() for name, value in loop._model.state_dict().items()}
            break
    with pytest.raises(TrainingError, match="gradient of run run became nan at step 4"):
        list(events)
    after = loop._model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    # The step that was none is in the log, for curves to show where it was.
    lost, failed = read_events(tmp_path / "run" / "events.jsonl").events[-2:]
    assert (lost["event"], lost["step"], failed["event"]) == ("step", 4, "failed")
    assert math.isnan(lost["grad_norm"])
    # Without the fault, the run goes on from step 2 to its end.
    again = spoiled_loop(tmp_path, data_root, spoil_at=0)
    again.restore()
    assert again.state.step == 2
    assert list(again.events())[-1]["event"] == "done"
    assert (tmp_path / "run" / "model").is_dir()


_MEMORY = """
import resource, sys
from dataclasses import replace
from pathlib import Path
from hybench.config.train import TrainConfig
from hybench.errors import HybenchError
from hybench.runs.run import Run
from hybench.training.train import train

root = Path(sys.argv[1])
small = TrainConfig(data=("toy",), encoder="tiny", dimension=64, vocabulary=400, steps=2,
                    batch_size=16, validate_every=0)
# After this, threads and libraries are there.
list(train(small, Run(root / "small"), root, device="cpu"))
used = int(next(l for l in open("/proc/self/status") if l.startswith("VmSize")).split()[1]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (used + 3 * 2**26, resource.RLIM_INFINITY))
large = TrainConfig(data=("toy",), encoder="tiny", dimension=64, vocabulary=400, steps=1,
                    batch_size=900, validate_every=0)
for chunk in (30, 0):
    try:
        config = replace(large, chunk_size=chunk)
        list(train(config, Run(root / f"chunk-{chunk}"), root, device="cpu"))
    except HybenchError as error:
        print(f"chunk-{chunk}", type(error).__name__, error, sep="\\n")
"""


def _train_in_little_memory(root: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(root)],
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
        # Arenas by thread would take addresses at random.
        env={**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's addresses")
def test_out_of_memory_says_what_to_lower_and_that_helps(tmp_path: Path) -> None:
    toy_dataset(tmp_path, Toy(train=950))
    which, kind, what, do = _train_in_little_memory(tmp_path).splitlines()
    assert (which, kind) == ("chunk-0", "TrainingError")
    assert what == "Out of memory in the training of run chunk-0."
    assert "--chunk-size 225" in do
    assert "--batch-size" in do
    failed = read_events(tmp_path / "chunk-0" / "events.jsonl").events[-1]
    assert (failed["event"], failed["step"], failed["reason"]) == ("failed", 1, what)
    assert read_events(tmp_path / "chunk-30" / "events.jsonl").events[-1]["event"] == "done"


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        MemoryError(),
    ],
)
def test_every_way_of_running_out_of_memory_is_known(error: Exception) -> None:
    config = TrainConfig(encoder="tiny").resolved()
    with pytest.raises(TrainingError) as caught, explain_out_of_memory(config, "a test"):
        raise error
    assert "--chunk-size 16" in caught.value.do
    assert caught.value.__cause__ is error


def test_a_chunk_that_is_small_already_is_not_to_be_lowered() -> None:
    config = TrainConfig(encoder="tiny", chunk_size=2).resolved()
    with pytest.raises(TrainingError) as caught, explain_out_of_memory(config, "a test"):
        raise MemoryError
    assert caught.value.do == "Lower --batch-size, --passage-length or --dimension."


def test_another_error_stays_what_it_is() -> None:
    config = TrainConfig(encoder="tiny").resolved()
    with pytest.raises(RuntimeError, match="a bug"), explain_out_of_memory(config, "a test"):
        raise RuntimeError("a bug")


def test_a_clock_that_runs_backwards_changes_no_figure(tmp_path: Path, data_root: Path) -> None:
    run = Run(tmp_path / "run")
    run.write_config({"kind": "train"})
    wall = itertools.count(1_000_000, -3600)
    monotonic = itertools.count(0, 0.5)
    log = EventLog(run.events_file, clock=lambda: float(next(wall)))
    loop = Loop(
        make_task(data_root, tmp_path), run, log, lambda: False, clock=lambda: next(monotonic)
    )
    events: list[Event] = list(loop.events())
    assert [event["time"] for event in events] == sorted(
        (event["time"] for event in events), reverse=True
    )
    for event in events:
        if event["event"] == "step":
            assert event["examples_per_second"] == 32.0
    # 12 steps and 3 validations of half a second each.
    assert events[-1]["seconds"] == 7.5
    assert read_events(run.events_file).events == events
