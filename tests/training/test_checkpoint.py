"""Checkpoints that a kill or a fault has met."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from hybench.errors import DivergedError, StateError
from hybench.files.checksums import sha256_file
from hybench.files.documents import read_json, write_json
from hybench.runs.events import Event
from hybench.runs.run import Run
from hybench.training.learner import Learner, StepResult
from hybench.training.train import train
from tests.training.conftest import BUDGET, run_to_the_end


def test_a_checkpoint_whose_deletion_was_cut_does_not_stay(
    tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(folder: Path, **_: Any) -> None:
        (folder / "state.json").unlink()
        raise KeyboardInterrupt

    run = Run(tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            run_to_the_end(run.path, data_root)
    assert [path for path in run.checkpoints.iterdir() if not (path / "state.json").exists()]
    list(train(BUDGET, run, data_root, device="cpu", resume=True))
    left = sorted(path.name for path in run.checkpoints.iterdir())
    assert left == ["best.safetensors", "step-10", "step-12"]


@pytest.mark.parametrize("file", ["model.safetensors", "optimizer.safetensors"])
def test_a_damaged_checkpoint_is_said(tmp_path: Path, data_root: Path, file: str) -> None:
    run = Run(tmp_path / "run")
    stopped_after(5, run, data_root)
    damaged = run.checkpoints / "step-5" / file
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(bytes(content))
    with pytest.raises(StateError, match="checksum differs"):
        list(train(BUDGET, run, data_root, resume=True))


def model_of(run: Run) -> str:
    """The SHA-256 of a run's weights."""
    return sha256_file(run.model / "model.safetensors")


def stopped_after(step: int, run: Run, data_root: Path, **changes: Any) -> None:
    """Train the budget, changed, until a step is done."""
    steps: list[Event] = []
    config = replace(BUDGET, log_every=1, **changes)
    for event in train(config, run, data_root, device="cpu", stop=lambda: len(steps) == step):
        if event["event"] == "step":
            steps.append(event)
    assert event["event"] == "interrupted"


def test_the_best_weights_are_written_with_a_checkpoint(
    tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at each validation; a run that is stopped after one, or killed, ends with the same."""
    whole, stopped, killed = (Run(tmp_path / name) for name in ("whole", "stopped", "killed"))
    config = replace(BUDGET, checkpoint_every=0)
    before = {}
    for event in train(config, whole, data_root, device="cpu"):
        if event["event"] == "validation" and event["step"] < 12:
            before[event["step"]] = list(whole.checkpoints.glob("best*"))
    assert before == {4: [], 8: []}
    stopped_after(6, stopped, data_root, checkpoint_every=0)
    assert {path.name for path in stopped.checkpoints.iterdir()} == {"best.safetensors", "step-6"}
    with monkeypatch.context() as patch:
        patch.setattr("hybench.training.best.sha256_file", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            list(train(config, killed, data_root, device="cpu"))
    for run in (stopped, killed):
        list(train(run.train_config(), run, data_root, device="cpu", resume=True))
    weights = [
        sha256_file(run.checkpoints / "best.safetensors") for run in (whole, stopped, killed)
    ]
    assert len(set(weights)) == 1
    assert len({model_of(run) for run in (whole, stopped, killed)}) == 1


@pytest.mark.parametrize("changes", [{}, {"validate_every": 0}, {"optimizer": "lazy-adamw"}])
def test_a_training_killed_before_its_model_is_saved_needs_no_optimizer(
    tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    whole, killed = Run(tmp_path / "whole"), Run(tmp_path / "killed")
    run_to_the_end(whole.path, data_root, **changes)
    with monkeypatch.context() as patch:
        patch.setattr("hybench.encoders.encoder.Encoder.save", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_to_the_end(killed.path, data_root, **changes)
    last = {path.name for path in (killed.checkpoints / "step-12").iterdir()}
    assert last == {"model.safetensors", "state.json"}
    list(train(killed.train_config(), killed, data_root, device="cpu", resume=True))
    assert model_of(killed) == model_of(whole)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_no_numbers_are_not_saved(
    tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    run = Run(tmp_path / "run")
    step = Learner.step

    def spoiled(learner: Learner, number: int) -> StepResult:
        result = step(learner, number)
        if number == 4:  # it is validated
            with torch.no_grad():
                next(iter(learner.model.parameters()))[-1, -1] = value
        return result

    monkeypatch.setattr(Learner, "step", spoiled)
    with pytest.raises(DivergedError, match="weights"):
        run_to_the_end(run.path, data_root)
    assert not list(run.checkpoints.glob("*"))


def test_a_run_that_was_begun_with_other_batches_does_not_go_on(
    tmp_path: Path, data_root: Path
) -> None:
    """Checkpoints of older builds lack `DEALING`; a run that is done needs no batches."""
    run = Run(tmp_path / "run")
    run_to_the_end(run.path, data_root)
    file = run.checkpoints / "step-12" / "state.json"
    saved = read_json(file)
    del saved["dealing"]
    write_json(file, saved)
    list(train(BUDGET, run, data_root, device="cpu", resume=True))
    saved["state"]["finished"] = False
    write_json(file, saved)
    with pytest.raises(StateError, match="draws other batches"):
        list(train(BUDGET, run, data_root, device="cpu", resume=True))
