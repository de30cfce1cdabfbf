"""What a training records of its cost and of its origin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hybench.comparison.costs import read_cost
from hybench.encoders.arithmetic import Work, arithmetic
from hybench.encoders.loading import load_encoder
from hybench.origins.model import Origin, TrainedSet
from hybench.origins.tracing import origin_of
from hybench.runs.energy import WATTS_VARIABLE
from hybench.runs.events import read_events
from hybench.runs.run import Run
from hybench.training.train import train
from tests.training.conftest import BUDGET, run_to_the_end


def test_a_resumed_training_costs_as_many_operations(
    tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WATTS_VARIABLE, "36")
    whole = run_to_the_end(tmp_path / "whole", data_root)[-1]
    cut, steps = Run(tmp_path / "cut"), 0

    def seven() -> bool:
        return steps == 7

    for event in train(BUDGET, cut, data_root, device="cpu", stop=seven):
        steps = event["step"] if event["event"] == "step" else steps
    *_, resumed = train(BUDGET, cut, data_root, device="cpu", resume=True)
    assert resumed["flops"] == whole["flops"]
    dimension = load_encoder(cut.model, "cpu").dimension
    work = Work(2 * whole["examples"], whole["tokens"], 1)
    known = arithmetic(load_encoder(cut.model, "cpu").model)
    scores = whole["examples"] * BUDGET.batch_size
    assert 0 < whole["flops"] <= known.training(work, scores)
    assert known.table == dimension
    for done in (whole, resumed):
        assert done["power"] == "36 W"
        assert done["joules"] >= 36 * done["seconds"] * 0.9


def test_a_teacher_that_is_cached_costs_each_arm_the_same(tmp_path: Path, data_root: Path) -> None:
    costs = []
    for name, objective in (("mse", "mse"), ("kl", "kl")):
        run_to_the_end(tmp_path / "runs" / name, data_root, strategy="distill", objective=objective)
        costs.append(read_cost([Run(tmp_path / "runs" / name)], [None]))
    first, second = costs
    assert first.teacher_seconds == second.teacher_seconds
    assert first.train_flops == second.train_flops
    teacher = next(
        event
        for event in read_events(Run(tmp_path / "runs" / "kl").events_file).events
        if event["event"] == "teacher"
    )
    assert teacher["encoding"]["tokens"] > 0
    assert (first.train_flops or 0) > teacher["flops"] + teacher["encoding"]["flops"]


def test_the_start_records_the_origin(tmp_path: Path, data_root: Path) -> None:
    config = replace(BUDGET, languages=("en", "yo"))
    run_to_the_end(tmp_path / "run", data_root, languages=config.languages)
    learned = TrainedSet("toy", "", ("en", "yo"))
    assert origin_of(Run(tmp_path / "run")) == Origin((), (learned,))
