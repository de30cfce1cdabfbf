"""fp16: where it is refused, what it leaves out, and that its state is saved."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from hybench.errors import TrainingError, UsageError
from hybench.runs.events import Event, EventLog
from hybench.runs.run import Run
from hybench.training.loop import Loop
from hybench.training.train import train
from tests.training.conftest import BUDGET, make_task


def test_fp16_on_the_cpu_writes_nothing(tmp_path: Path, data_root: Path) -> None:
    run = Run(tmp_path / "run")
    with pytest.raises(UsageError, match="--precision fp16"):
        list(train(replace(BUDGET, precision="fp16"), run, data_root, device="cpu"))
    assert not run.path.exists()


def half_precision_loop(tmp_path: Path, data_root: Path, name: str, stop_after: int = 0) -> Loop:
    """A loop in fp16 on the CPU, whose gradients are infinite in steps 3 and 6."""
    task = make_task(data_root, tmp_path, encoder="tiny", precision="fp16", clip=0.0)
    run = Run(tmp_path / name)
    run.write_config(task.config.to_toml())
    loop = Loop(task, run, EventLog(run.events_file), lambda: loop.state.step == stop_after)

    def spoil(gradient: torch.Tensor) -> torch.Tensor:
        return gradient * math.inf if loop.state.step in {3, 6} else gradient

    next(task.encoder.model.parameters()).register_hook(spoil)  # type: ignore[no-untyped-call]
    return loop


def flat_weights(loop: Loop) -> torch.Tensor:
    return torch.cat([value.detach().flatten() for value in loop._model.parameters()])


def steps(events: list[Event]) -> list[Event]:
    return [event for event in events if event["event"] == "step"]


def test_fp16_leaves_out_a_step_that_overflows_and_goes_on(tmp_path: Path, data_root: Path) -> None:
    loop = half_precision_loop(tmp_path, data_root, "run")
    weights = [flat_weights(loop)]
    events = []
    for event in loop.events():
        if event["event"] == "step":
            weights.append(flat_weights(loop))
            events.append(event)
    overflown = {event["step"] for event in events if not math.isfinite(event["grad_norm"])}
    assert {3, 6} <= overflown < set(range(1, 13))
    pairs = enumerate(itertools.pairwise(weights), start=1)
    assert {step for step, (old, new) in pairs if torch.equal(old, new)} == overflown
    halved = [2.0**16 / 2 ** len(overflown & set(range(step))) for step in range(1, 13)]
    assert [event["loss_scale"] for event in events] == halved


def test_fp16_resumes_with_its_scale(tmp_path: Path, data_root: Path) -> None:
    whole = list(half_precision_loop(tmp_path, data_root, "whole").events())
    cut = list(half_precision_loop(tmp_path, data_root, "cut", stop_after=4).events())
    again = half_precision_loop(tmp_path, data_root, "cut")
    again.restore()
    assert again.state.step == 4
    assert again.state.scaler["scale"] < 2**16
    cut += list(again.events())
    for name in ("loss", "grad_norm", "loss_scale"):
        ours, theirs = ([event[name] for event in steps(events)] for events in (cut, whole))
        assert repr(ours) == repr(theirs)  # NaN is NaN
    assert cut[-1]["best_score"] == whole[-1]["best_score"]


def test_fp16_that_overflows_unscaled_too_stops(tmp_path: Path, data_root: Path) -> None:
    loop = half_precision_loop(tmp_path, data_root, "run")
    weight = next(loop._model.parameters())
    weight.register_hook(lambda gradient: gradient * math.inf)  # type: ignore[no-untyped-call]
    loop._learner.scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    with pytest.raises(TrainingError, match=r"gradient of run run became (inf|nan) at step 3"):
        list(loop.events())
