"""Trainings with hard negatives: exact resume, costs, and what does not fit together."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import hybench
from hybench.comparison.costs import read_cost
from hybench.config.train import TrainConfig
from hybench.encoders.arithmetic import Work
from hybench.encoders.loading import load_encoder
from hybench.errors import StateError, UsageError
from hybench.mining.options import MineOptions
from hybench.runs.events import Event, first_event
from hybench.runs.run import Run
from hybench.training.estimate import estimate
from hybench.training.learner import Learner
from hybench.training.lists.reading import read_lists
from hybench.training.train import resume_config, train
from tests.builders import Toy, toy_dataset
from tests.training.conftest import BUDGET, NEGATIVES, make_task, run_to_the_end

HARD: dict[str, Any] = {"hard_negatives": (NEGATIVES,), "negatives_per_query": 3}


def weights(run: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted((run / "model").rglob("*.safetensors"))]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"alpha": 0.0, "optimizer": "lazy-adamw"},
        pytest.param(
            {
                "encoder": "tiny",
                "precision": "bf16",
                "accumulation": 2,
                "chunk_size": 7,
                "steps": 4,
            },
            marks=pytest.mark.slow,
        ),
        {"mixing": "example", "strategy": "distill", "contrastive_weight": 0.5, "steps": 4},
    ],
    ids=["hybrid", "cross", "tiny in chunks", "distilled"],
)
def test_a_training_with_negatives_resumes_to_the_bit(
    tmp_path: Path, data_root: Path, changes: dict[str, Any]
) -> None:
    given = {"validate_every": 0, **HARD, **changes}
    whole = run_to_the_end(tmp_path / "whole", data_root, **given)
    run, steps = Run(tmp_path / "cut"), 0

    def three() -> bool:
        return steps == 3

    for event in train(replace(BUDGET, **given), run, data_root, device="cpu", stop=three):
        steps = event["step"] if event["event"] == "step" else steps
    *_, done = train(resume_config(run), run, data_root, device="cpu", resume=True)
    assert weights(tmp_path / "whole") == weights(tmp_path / "cut")
    for name in ("examples", "tokens", "flops", "exposure"):
        assert done[name] == whole[-1][name]
    plain = run_to_the_end(tmp_path / "plain", data_root, **{**given, **dict.fromkeys(HARD)})
    assert weights(tmp_path / "plain") != weights(tmp_path / "whole")
    assert plain[-1]["examples"] == whole[-1]["examples"]


def test_negatives_are_part_of_the_costs(tmp_path: Path, data_root: Path) -> None:
    task = make_task(data_root, tmp_path, **HARD)
    assert task.lists is not None
    learner = Learner(task)
    result = learner.step(1)
    batch = learner._sampler.batch(0)
    drawn = task.lists.lists.draw(batch, 0)
    assert drawn is not None
    queries, passages = learner._tokens(batch)
    texts = (queries, passages, task.lists.tokens.take(drawn.texts))
    work = sum((Work.of(each.lengths) for each in texts), Work())
    assert (result.tokens, result.squares) == (work.tokens, work.squares)
    assert result.beside == len(drawn.texts)
    assert result.scores == 16 * (16 + len(drawn.texts))
    assert work.texts == 32 + result.beside
    against = learner.exposure(1).negatives
    assert against == 15 + (16 * len(drawn.texts) - drawn.false.sum()) / 16
    none = Learner(make_task(data_root, tmp_path))
    assert none.step(1).tokens < result.tokens
    assert none.exposure(1).negatives == 15


def test_the_cost_of_mining_is_part_of_the_arm_s(tmp_path: Path, data_root: Path) -> None:
    runs, sets = tmp_path / "runs", tmp_path / "data"
    shutil.copytree(data_root, sets)
    run_to_the_end(runs / "mono", sets, alpha=1.0)
    hybench.mine("mono", "toy", MineOptions(name="own"), data_dir=sets, runs_dir=runs, device="cpu")
    given = {"hard_negatives": ("own",), "validate_every": 0}
    events = run_to_the_end(runs / "hard", sets, **given)
    [lists] = [event for event in events if event["event"] == "lists"]
    costs = lists["sources"][0]["costs"]
    flops = sum(cost["flops"] for cost in costs)
    assert flops > 0
    cost = read_cost([Run(runs / "hard")], [None])
    assert cost.train_flops == events[-1]["flops"] + flops
    assert cost.mining_seconds == pytest.approx(sum(each["seconds"] for each in costs))


def test_an_estimate_counts_negatives(tmp_path: Path, data_root: Path) -> None:
    config = replace(BUDGET, **HARD)
    plan = estimate(config, Run(tmp_path / "run"), data_root, "cpu")
    assert plan.step_pairs == (16, 16)
    assert plan.seconds > 0


def test_a_config_without_lists_has_the_digest_that_it_had() -> None:
    # The digest that checkpoints of older builds carry.
    config = TrainConfig(data=("toy",))
    assert not {"hard_negatives", "teacher_scores"} & config.to_toml().keys()
    assert config.digest().startswith("8499edc51731956e")


def test_a_run_cannot_go_on_with_other_negatives(tmp_path: Path, data_root: Path) -> None:
    sets = tmp_path / "data"
    shutil.copytree(data_root, sets)
    config, run = replace(BUDGET, **HARD), Run(tmp_path / "run")
    list(train(config, run, sets, device="cpu", stop=lambda: True))
    again = MineOptions("same", count=6, relative_margin=-100.0, name=NEGATIVES, force=True)
    hybench.mine("bm25", "toy", again, data_dir=sets)
    with pytest.raises(StateError, match=f"{NEGATIVES} has changed since this run was started"):
        list(train(config, run, sets, device="cpu", resume=True))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"negatives_per_query": 2}, "--negatives-per-query is given without negatives"),
        ({"hard_negatives": ("x",), "negatives_per_query": 0}, "--negatives-per-query is 0"),
        ({"hard_negatives": ("x",), "strategy": "distill"}, "has no contrastive loss"),
        ({"hard_negatives": ("x",), "teacher_scores": ("y",)}, "are both given"),
        ({"teacher_scores": ("y",)}, "--strategy hybrid has no teacher"),
        ({"teacher_scores": ("y",), "strategy": "distill"}, "--objective mse needs vectors"),
        ({"teacher_score_scale": "raw"}, "without --teacher-scores"),
        (
            {"teacher_scores": ("y",), "strategy": "distill", "objective": "kl", "teacher": "t"},
            "--teacher and --teacher-scores are both given",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(changes: dict[str, Any], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        replace(BUDGET, **changes)


def test_negatives_of_other_data_are_refused(tmp_path: Path, data_root: Path) -> None:
    def begin(root: Path, **changes: Any) -> list[Event]:
        return list(train(replace(BUDGET, **changes), Run(tmp_path / "r"), root, device="cpu"))

    with pytest.raises(UsageError, match=f"No negatives 'nosuch'.*\\n?.*{NEGATIVES}"):
        begin(data_root, hard_negatives=("nosuch",))
    with pytest.raises(UsageError, match="of data set toy, which is not trained on"):
        begin(data_root, data=("sentences",), hard_negatives=(NEGATIVES,))
    with pytest.raises(UsageError, match="There are no negatives of the pairs of toy"):
        begin(data_root, hard_negatives=(NEGATIVES,), languages=("en",), scarce=("en",), share=0.0)
    toy_dataset(tmp_path / "new", Toy(train=50))
    shutil.copytree(data_root / NEGATIVES, tmp_path / "new" / NEGATIVES)
    with pytest.raises(StateError, match=f"toy has changed since the negatives {NEGATIVES}"):
        begin(tmp_path / "new", hard_negatives=(NEGATIVES,))


def test_a_lora_adapter_trains_with_negatives(
    tmp_path: Path, data_root: Path, checkpoint: Path
) -> None:
    pytest.importorskip("peft")
    given = {"encoder": str(checkpoint), "lora": 2, "steps": 2, "validate_every": 0, **HARD}
    events = run_to_the_end(tmp_path / "run", data_root, **given)
    assert events[-1]["event"] == "done"
    assert first_event(Run(tmp_path / "run").events_file, "lists")["per_query"] == 3
    assert load_encoder(tmp_path / "run" / "model", "cpu").dimension == 16
    assert read_lists(BUDGET, [], data_root, None) is None  # type: ignore[arg-type]
