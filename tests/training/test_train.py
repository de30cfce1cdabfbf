"""Training as a whole: what a run holds, that arms differ only where they should, resuming."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hybench.config.config_file import read_config
from hybench.config.train import TrainConfig
from hybench.encoders.loading import load_encoder
from hybench.errors import StateError, TrainingError, UsageError
from hybench.runs.events import Event, read_events
from hybench.runs.run import Run
from hybench.training.train import resume_config, train
from tests.builders import Toy, toy_dataset
from tests.training.conftest import BUDGET, run_to_the_end
from tests.waiting import HANG


def weights(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    from safetensors.numpy import load_file

    found: dict[str, np.ndarray[Any, Any]] = {}
    for file in sorted(path.rglob("*.safetensors")):
        for name, value in load_file(file).items():
            found[f"{file.relative_to(path)}:{name}"] = value
    assert found
    return found


def assert_same_weights(one: Path, other: Path) -> None:
    left, right = weights(one), weights(other)
    assert left.keys() == right.keys()
    assert all((left[name] == right[name]).all() for name in left)


def named(events: list[Event], event: str) -> list[Event]:
    return [item for item in events if item["event"] == event]


STRATEGIES: dict[str, dict[str, Any]] = {
    "hybrid": {},
    "example": {"mixing": "example", "accumulation": 2, "schedule": "cosine"},
    "mse": {"strategy": "distill"},
    "kl": {"strategy": "distill", "objective": "kl", "contrastive_weight": 0.5},
    "tiny": {"encoder": "tiny", "query_length": 12, "passage_length": 16},
    "lazy": {"optimizer": "lazy-adamw", "accumulation": 2},
    "lazy tiny": {"encoder": "tiny", "optimizer": "lazy-adamw"},
}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_resumed_training_ends_with_the_weights_of_an_uninterrupted_one(
    tmp_path: Path, data_root: Path, strategy: str
) -> None:
    changes = STRATEGIES[strategy]
    run_to_the_end(tmp_path / "whole", data_root, **changes)
    config = replace(BUDGET, **changes)
    run = Run(tmp_path / "cut" / "run")
    steps = 0

    def after_seven() -> bool:
        return steps == 7

    for event in train(config, run, data_root, device="cpu", stop=after_seven):
        steps = event["step"] if event["event"] == "step" else steps
    assert read_events(run.events_file).events[-1]["event"] == "interrupted"
    assert not run.model.exists()
    # Killed, not stopped: what came after the last checkpoint is lost and done again.
    lost = train(resume_config(run), run, data_root, device="cpu", resume=True)
    for event in lost:
        if event["event"] == "step" and event["step"] == 9:
            break
    lost.close()  # type: ignore[attr-defined]
    list(train(resume_config(run), run, data_root, device="cpu", resume=True))
    assert_same_weights(tmp_path / "whole" / "model", run.model)
    steps_seen = [e["step"] for e in named(read_events(run.events_file).events, "step")]
    assert steps_seen == [1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12]


def test_equal_configs_give_equal_weights_and_seeds_matter(tmp_path: Path, data_root: Path) -> None:
    run_to_the_end(tmp_path / "a" / "x", data_root)
    run_to_the_end(tmp_path / "b" / "x", data_root)
    assert_same_weights(tmp_path / "a" / "x" / "model", tmp_path / "b" / "x" / "model")
    run_to_the_end(tmp_path / "a" / "y", data_root, seed=1)
    with pytest.raises(AssertionError):
        assert_same_weights(tmp_path / "a" / "x" / "model", tmp_path / "a" / "y" / "model")


def test_what_a_run_holds_and_tells(tmp_path: Path, data_root: Path) -> None:
    events = run_to_the_end(tmp_path / "run", data_root)
    run = Run.open(tmp_path / "run")
    assert read_events(run.events_file).events == events
    kinds = [event["event"] for event in events if event["event"] != "step"]
    assert kinds[:2] == ["encoder", "start"]
    assert kinds[-1] == "done"
    steps = named(events, "step")
    assert [event["step"] for event in steps] == list(range(1, 13))
    for event in steps:
        assert event[f"loss_{event['batch_kind']}"] == event["loss"]
        assert {"lr", "grad_norm", "examples_per_second", "tokens_per_second", "memory_mb"} <= set(
            event
        )
    assert steps[-1]["examples"] == 12 * 16
    scores = named(events, "validation")
    assert [event["step"] for event in scores] == [4, 8, 12]
    assert set(scores[0]["scores"]["toy"]["mono"]) == {"de", "en", "yo"}
    best = max(scores, key=lambda event: event["score"])
    assert events[-1]["best_score"] == best["score"]
    assert read_config(run.config_file) == replace(BUDGET).resolved()
    environment = json.loads(run.environment_file.read_text(encoding="utf-8"))
    assert environment["device"] == "cpu"
    assert environment["versions"]["torch"]
    assert sorted(path.name for path in run.checkpoints.iterdir()) == [
        "best.safetensors",
        "step-10",
        "step-12",
    ]
    vectors = load_encoder(run.model, "cpu").encode(["red blue green"], "query")
    assert vectors.shape == (1, 16)


def test_training_teaches(tmp_path: Path, data_root: Path) -> None:
    events = run_to_the_end(tmp_path / "run", data_root, steps=150, validate_every=50)
    losses = [event["loss"] for event in named(events, "step")]
    assert np.mean(losses[-10:]) < np.mean(losses[:10]) / 2
    assert events[-1]["best_score"] > 0.5


def test_arms_start_from_equal_weights(tmp_path: Path, data_root: Path) -> None:
    for name, changes in STRATEGIES.items():
        if "tiny" not in name:
            run_to_the_end(
                tmp_path / name, data_root, steps=1, learning_rate=1e-9, validate_every=0, **changes
            )
    initial = weights(tmp_path / "hybrid" / "model")
    for name in ("example", "mse", "kl"):
        for key, value in weights(tmp_path / name / "model").items():
            np.testing.assert_allclose(value, initial[key], atol=1e-6)


def test_the_teacher_is_trained_once_and_its_cost_told(tmp_path: Path, data_root: Path) -> None:
    first = run_to_the_end(tmp_path / "one", data_root, strategy="distill")
    second = run_to_the_end(tmp_path / "two", data_root, strategy="distill", objective="kl")
    assert len(named(first, "teacher_training")) > 12
    assert not named(second, "teacher_training")
    costs = [named(events, "teacher")[0] for events in (first, second)]
    assert costs[0]["trained"]
    assert costs[0]["seconds"] == costs[1]["seconds"] > 0
    assert costs[0]["examples"] == 12 * 16


def test_a_teacher_can_be_named_and_have_another_dimension(tmp_path: Path, data_root: Path) -> None:
    run_to_the_end(tmp_path / "teacher", data_root, dimension=24)
    teacher = str(tmp_path / "teacher" / "model")
    for objective in ("mse", "margin-mse", "kl"):
        events = run_to_the_end(
            tmp_path / objective,
            data_root,
            strategy="distill",
            objective=objective,
            teacher=teacher,
        )
        told = named(events, "teacher")[0]
        assert told["model"] == teacher
        assert told["dimension"] == 24
        assert not told["trained"]
    with pytest.raises(UsageError, match="There is no checkpoint"):
        run_to_the_end(tmp_path / "x", data_root, strategy="distill", teacher="./nowhere")


def test_any_checkpoint_can_be_trained(tmp_path: Path, data_root: Path, checkpoint: Path) -> None:
    changes = {"encoder": str(checkpoint), "learning_rate": 1e-3, "steps": 4}
    run_to_the_end(tmp_path / "run", data_root, **changes)
    assert load_encoder(tmp_path / "run" / "model").dimension == 16


def test_patience_stops_early_and_keeps_the_best(tmp_path: Path, data_root: Path) -> None:
    events = run_to_the_end(
        tmp_path / "run", data_root, steps=400, validate_every=5, patience=3, learning_rate=1e-9
    )
    done = events[-1]
    assert done["event"] == "done"
    assert done["step"] < 400
    assert done["best_step"] < done["step"]


def test_without_validation_the_last_weights_are_the_model(tmp_path: Path, data_root: Path) -> None:
    events = run_to_the_end(tmp_path / "run", data_root, validate_every=0)
    assert not named(events, "validation")
    assert events[-1]["best_step"] == 12
    model = weights(tmp_path / "run" / "model")
    last = weights(tmp_path / "run" / "checkpoints" / "step-12")
    assert (next(iter(model.values())) == last["model.safetensors:0.embedding.weight"]).all()


def test_a_set_reported_on_dev_does_not_choose_the_checkpoint(
    tmp_path: Path, data_root: Path
) -> None:
    events = run_to_the_end(tmp_path / "run", data_root, validation="toy")
    assert named(events, "start")[0]["validation"] == ["toy"]
    with pytest.raises(UsageError, match="No data set 'none'"):
        run_to_the_end(tmp_path / "other", data_root, validation="none")


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path, data_root: Path) -> None:
    run = Run(tmp_path / "run")
    events = train(
        replace(BUDGET, learning_rate=10.0, clip=0.0, weight_decay=1e36, warmup=0.0),
        run,
        data_root,
        device="cpu",
    )
    with pytest.raises(TrainingError, match="became nan at step") as caught:
        list(events)
    assert "--learning-rate" in caught.value.do
    assert read_events(run.events_file).events[-1]["event"] == "failed"


def test_a_run_that_is_there_is_not_overwritten(tmp_path: Path, data_root: Path) -> None:
    run_to_the_end(tmp_path / "run", data_root)
    before = (tmp_path / "run" / "events.jsonl").read_bytes()
    with pytest.raises(StateError, match="already exists"):
        run_to_the_end(tmp_path / "run", data_root)
    assert (tmp_path / "run" / "events.jsonl").read_bytes() == before


def test_resuming_needs_the_same_config_and_a_run(tmp_path: Path, data_root: Path) -> None:
    run_to_the_end(tmp_path / "run", data_root)
    run = Run(tmp_path / "run")
    with pytest.raises(UsageError, match="another config"):
        list(train(replace(BUDGET, seed=5), run, data_root, resume=True))
    with pytest.raises(UsageError, match="no run none to resume"):
        list(train(BUDGET, Run(tmp_path / "none"), data_root, resume=True))


def test_a_finished_run_resumes_to_the_same_end(tmp_path: Path, data_root: Path) -> None:
    run_to_the_end(tmp_path / "run", data_root)
    before = weights(tmp_path / "run" / "model")
    events = list(train(BUDGET, Run(tmp_path / "run"), data_root, resume=True))
    assert [event["event"] for event in events] == ["encoder", "start", "done"]
    after = weights(tmp_path / "run" / "model")
    assert all((before[name] == after[name]).all() for name in before)


def test_distillation_needs_english(tmp_path: Path) -> None:
    toy_dataset(tmp_path / "data", Toy(languages=("de", "yo")))
    with pytest.raises(UsageError, match="no pairs in en"):
        run_to_the_end(tmp_path / "run", tmp_path / "data", strategy="distill")


def test_distillation_leaves_out_pairs_without_english(tmp_path: Path) -> None:
    toy_dataset(tmp_path / "data", Toy(missing={"en": frozenset(range(20))}))
    events = run_to_the_end(tmp_path / "run", tmp_path / "data", strategy="distill")
    assert named(events, "start")[0]["data"][0]["pairs"] == 40
    assert events[-1]["event"] == "done"


def test_no_data_is_said(tmp_path: Path, data_root: Path) -> None:
    with pytest.raises(UsageError, match="No data set was given"):
        list(train(TrainConfig(), Run(tmp_path / "run"), data_root))
    assert not (tmp_path / "run").exists()


def test_tiny_needs_a_dimension_for_its_heads(tmp_path: Path, data_root: Path) -> None:
    with pytest.raises(UsageError, match="four heads"):
        run_to_the_end(tmp_path / "run", data_root, encoder="tiny", dimension=18)
    assert not (tmp_path / "run" / "config.toml").exists()


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_of_two_distillations_at_once_one_trains_the_teacher(
    tmp_path: Path, data_root: Path
) -> None:
    program = (
        "from pathlib import Path; from tests.training.conftest import run_to_the_end\n"
        f"root, data_root = Path({str(tmp_path)!r}), Path({str(data_root)!r})\n"
        "run_to_the_end(root / {!r}, data_root, strategy='distill')\n"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program.format(name)], cwd=Path(__file__).parents[2]
        )
        for name in ("one", "two")
    ]
    assert [process.wait(HANG) for process in both] == [0, 0]
    trained = [
        len(named(read_events(file).events, "start"))
        for file in (tmp_path / ".teachers").glob("*/events.jsonl")
    ]
    assert trained == [1]
