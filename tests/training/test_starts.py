"""Trainings that begin with another run: its weights, what the chain has cost, and resuming."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hybench.api.starting import with_start
from hybench.comparison.arms import make_arms
from hybench.comparison.budgets import read_budget
from hybench.comparison.costs import read_cost
from hybench.comparison.members import Member
from hybench.config.train import TrainConfig
from hybench.errors import UsageError
from hybench.origins.tracing import origin_of
from hybench.runs.chain import teachers_of, training_ends
from hybench.runs.events import read_events
from hybench.runs.run import Run
from hybench.sampling import BatchSampler
from hybench.training.train import resume_config, train
from tests.sampling.test_sampler import same, table
from tests.training.conftest import BUDGET, run_to_the_end
from tests.training.test_train import assert_same_weights, named

CHAIN = ("one", "two", "three")


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, data_root: Path) -> Path:
    """Three trainings, each from the one before; the first one teaches the other two."""
    folder = tmp_path_factory.mktemp("chain")
    run_to_the_end(folder / "one", data_root, alpha=1.0, steps=6)
    begun: dict[str, Any] = {"strategy": "distill", "init": str(folder / "one")}
    begun["teacher"] = str(folder / "one" / "model")
    run_to_the_end(folder / "two", data_root, **begun, steps=8)
    begun |= {"init": str(folder / "two"), "contrastive_weight": 0.5}
    run_to_the_end(folder / "three", data_root, **begun, steps=4)
    return folder


def test_it_begins_with_the_weights_of_the_run(chain: Path, data_root: Path) -> None:
    as_it_is = run_to_the_end(chain / "still", data_root, init=str(chain / "one"), steps=0)
    assert_same_weights(chain / "one" / "model", chain / "still" / "model")
    assert named(as_it_is, "encoder")[0]["name"] == str(chain / "one" / "model")
    named_by_model = str(chain / "one" / "model")
    run_to_the_end(chain / "same", data_root, init=named_by_model, steps=0)
    assert_same_weights(chain / "one" / "model", chain / "same" / "model")


def test_a_chain_costs_and_shows_what_all_of_it_did(chain: Path) -> None:
    logs = {name: read_events(chain / name / "events.jsonl").events for name in CHAIN}
    ends = {name: named(events, "done")[-1] for name, events in logs.items()}
    whole = training_ends(chain / "three" / "events.jsonl")["done"]
    for key in ("examples", "tokens", "seconds", "flops"):
        assert whole[key] == pytest.approx(sum(end[key] for end in ends.values()))
    assert whole["memory_mb"] == max(end["memory_mb"] for end in ends.values())
    shown = [(end["examples"], end["exposure"]) for end in ends.values()]
    for code in ("de", "en", "yo"):
        counted = sum(n * each["languages"][code] for n, each in shown) / whole["examples"]
        assert whole["exposure"]["languages"][code] == pytest.approx(counted, abs=1e-5)
    # The teacher of two and three is one: its vectors are made once, and counted once.
    teachers = [named(logs[name], "teacher")[-1] for name in ("two", "three")]
    assert teachers[0]["model"] == teachers[1]["model"]
    assert len(teachers_of(training_ends(chain / "three" / "events.jsonl"))) == 1
    cost = read_cost([Run(chain / "three")], [None])
    assert cost.train_seconds == pytest.approx(whole["seconds"])
    assert cost.start_seconds == pytest.approx(whole["seconds"] - ends["three"]["seconds"])
    assert cost.teacher_seconds == pytest.approx(teachers[1]["encoding"]["seconds"])
    assert cost.train_flops == pytest.approx(whole["flops"] + teachers[1]["encoding"]["flops"])
    budget = read_budget([chain / "three" / "events.jsonl"])
    assert budget is not None
    assert budget.examples == 16 * (6 + 8 + 4)


def test_what_it_saw_before_is_part_of_its_origin(chain: Path) -> None:
    origin = origin_of(Run(chain / "three"))
    assert {each.name for each in origin.sets} == {"toy"}
    assert not origin.links


def test_a_resumed_training_that_began_with_a_run_ends_alike(
    chain: Path, data_root: Path, tmp_path: Path
) -> None:
    changes: dict[str, Any] = {"init": str(chain / "one"), "first_batch": 6, "optimizer": "adamw"}
    run_to_the_end(tmp_path / "whole", data_root, **changes)
    run = Run(tmp_path / "cut" / "run")
    step = 0

    def after_seven() -> bool:
        return step == 7

    for event in train(replace(BUDGET, **changes), run, data_root, device="cpu", stop=after_seven):
        step = event["step"] if event["event"] == "step" else step
    list(train(resume_config(run), run, data_root, device="cpu", resume=True))
    assert_same_weights(tmp_path / "whole" / "model", run.model)


def test_seeds_of_a_chain_are_one_arm(chain: Path, data_root: Path, tmp_path: Path) -> None:
    for seed in (1, 2):
        first = tmp_path / f"first-s{seed}"
        run_to_the_end(first, data_root, seed=seed, steps=2)
        run_to_the_end(tmp_path / f"then-s{seed}", data_root, seed=seed, steps=2, init=str(first))
    run_to_the_end(tmp_path / "other-s1", data_root, seed=1, steps=2, init=str(chain / "one"))
    runs = [Run(tmp_path / name) for name in ("then-s1", "then-s2", "other-s1")]
    arms = make_arms(runs, group_seeds=True)
    assert [(arm.label, arm.seeds) for arm in arms] == [("then", 2), ("other-s1", 1)]
    assert Member.read(runs[0]).value("init") is None


def test_a_later_stage_goes_on_with_the_batches_of_the_seed() -> None:
    def sampler(first: int) -> BatchSampler:
        return BatchSampler((table(),), alpha=0.5, batch_size=8, seed=3, first=first)

    whole, later = sampler(0), sampler(20)
    for number in range(30):
        one, other = later.batch(number), whole.batch(20 + number)
        assert same(replace(one, number=other.number), other)


def test_a_run_is_named_by_its_name_and_brings_its_encoder(chain: Path) -> None:
    config = with_start(TrainConfig(data=("toy",), init="one"), chain)
    assert (config.init, config.encoder, config.dimension) == (str(chain / "one"), "static", 16)
    resolved = config.resolved()
    assert resolved.query_prefix is None
    assert resolved.query_length is None
    assert with_start(TrainConfig(init="no/such"), chain).init == "no/such"
    assert with_start(replace(config, dimension=32), chain).dimension == 32


def test_another_encoder_than_the_runs_is_refused(
    chain: Path, data_root: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="is a run of --encoder static, not of tiny"):
        run_to_the_end(tmp_path / "x", data_root, init=str(chain / "one"), encoder="tiny")
    assert not (tmp_path / "x").exists()
    assert np.isfinite(read_events(chain / "one" / "events.jsonl").events[-1]["seconds"])
