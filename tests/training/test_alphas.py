"""α by the dev scores: its formula, that it is kept, and that nothing depends on interruptions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hybench.errors import UsageError
from hybench.runs.events import Event, read_events
from hybench.runs.run import Run
from hybench.training.alphas import alphas_of, check_decides, decided
from hybench.training.train import resume_config, train
from tests.training.conftest import BUDGET, make_task, run_to_the_end
from tests.training.test_train import assert_same_weights, named

DEV: dict[str, Any] = {"alpha_schedule": "dev", "steps": 14}


def scores(mono: float, multi: float) -> dict[str, dict[str, float]]:
    return {"mono": {"a": mono - 0.05, "b": mono + 0.05}, "multi": {"a": multi, "b": float("nan")}}


def test_what_is_further_from_the_best_gets_more() -> None:
    assert decided([scores(0.5, 0.5)]) == pytest.approx(0.5)
    assert decided([scores(0.8, 0.4)]) == pytest.approx(0.2 / 0.8)
    assert decided([scores(0.9, 0.2), scores(0.7, 0.6)]) == pytest.approx(0.2 / 0.8)
    assert decided([scores(0.9, 0.2), {"cross": {"a": 0.1}}]) == pytest.approx(0.1 / 0.9)
    assert decided([scores(0.95, 0.0)]) == 0.1
    assert decided([scores(0.0, 0.95)]) == 0.9
    assert decided([scores(1.0, 1.0)]) == 0.5


def test_a_resumed_training_takes_the_decisions_of_an_uninterrupted_one(
    tmp_path: Path, data_root: Path
) -> None:
    whole = run_to_the_end(tmp_path / "whole", data_root, **DEV)
    decisions = named(whole, "alpha")
    assert [event["step"] for event in decisions] == [4, 8, 12, 14]
    for event, validation in zip(decisions, named(whole, "validation"), strict=True):
        assert event["alpha"] == decided(list(validation["scores"].values()))
    run = Run(tmp_path / "cut" / "run")
    step = 0

    def after_six() -> bool:
        return step == 6

    for event in train(replace(BUDGET, **DEV), run, data_root, device="cpu", stop=after_six):
        step = event["step"] if event["event"] == "step" else step
    lost = train(resume_config(run), run, data_root, device="cpu", resume=True)
    for event in lost:
        if event["event"] == "alpha" and event["step"] == 8:
            break  # decided, and lost before the next checkpoint
    lost.close()  # type: ignore[attr-defined]
    list(train(resume_config(run), run, data_root, device="cpu", resume=True))
    assert_same_weights(tmp_path / "whole" / "model", run.model)
    again = read_events(run.events_file).events
    assert kinds(again) == kinds(whole)
    assert again[-1]["exposure"] == whole[-1]["exposure"]


def kinds(events: list[Event]) -> dict[int, str]:
    return {event["step"]: event["batch_kind"] for event in named(events, "step")}


def test_dev_decides_which_kinds_follow(tmp_path: Path, data_root: Path) -> None:
    """Shares of kinds after a decision are those of α, over many steps."""
    events = run_to_the_end(
        tmp_path / "run", data_root, alpha_schedule="dev", steps=300, validate_every=150
    )
    alpha = named(events, "alpha")[0]["alpha"]
    after = [kind for step, kind in kinds(events).items() if step > 150]
    assert abs(after.count("mono") / 150 - alpha) < 0.13


def test_without_both_settings_it_is_refused(tmp_path: Path, data_root: Path) -> None:
    task = make_task(data_root, tmp_path)
    [held_out] = task.held_out
    config = replace(BUDGET, **DEV)
    check_decides(config, [replace(held_out, settings=("cross",)), held_out])
    for settings in (("mono",), ("cross",)):
        with pytest.raises(UsageError, match="needs dev queries"):
            check_decides(config, [replace(held_out, settings=settings)])
    with pytest.raises(UsageError, match="needs dev queries"):
        check_decides(config, [])
    with pytest.raises(UsageError, match="never validates"):
        replace(BUDGET, **DEV, validate_every=0)
    with pytest.raises(UsageError, match="--examples are both given"):
        replace(BUDGET, **DEV, examples=100)


def test_a_linear_schedule_goes_over_the_steps_of_full_batches() -> None:
    config = replace(BUDGET, alpha_schedule="linear:1:0", examples=100, accumulation=2)
    alphas = alphas_of(config.resolved())
    assert alphas.of(np.array([0, 1, 6, 7, 16])).tolist() == [1, 1, 0, 0, 0]
