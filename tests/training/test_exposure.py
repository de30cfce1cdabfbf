"""What a training shows, counted, and trainings that are told how much to show."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hybench.config.config_file import read_config
from hybench.config.train import TrainConfig
from hybench.errors import UsageError
from hybench.runs.events import Event
from hybench.runs.run import Run
from hybench.sampling import Batch, BatchSampler, PairTable
from hybench.training.estimate import estimate
from hybench.training.exposure import ExposureCounter, exposure, steps_to_show
from hybench.training.teacher import EnglishTeacher
from hybench.training.train import train
from tests.training.conftest import BUDGET, run_to_the_end
from tests.training.test_train import assert_same_weights, named


def _table(*sizes: int, name: str = "set") -> PairTable:
    """A set whose languages a, b, … have its first pairs, so many each."""
    rows = np.full((max(sizes), len(sizes)), -1, dtype=np.int32)
    for language, size in enumerate(sizes):
        rows[:size, language] = np.arange(size)
    ids = tuple(f"p{at:05}" for at in range(max(sizes)))
    return PairTable(
        name, tuple("abcdefgh"[: len(sizes)]), ids, rows, np.arange(max(sizes), dtype=np.int32)
    )


def _sampler(*tables: PairTable, alpha: float, batch_size: int = 16, **more: Any) -> BatchSampler:
    return BatchSampler(tables, alpha=alpha, batch_size=batch_size, seed=3, **more)


def _batch(number: int, pairs: list[int], queries: list[int], passages: list[int]) -> Batch:
    sides = (np.array(each, dtype=np.int64) for each in (pairs, queries, passages))
    return Batch(number, "mixed", 0, *sides)


def test_two_batches_counted_by_hand() -> None:
    """Three pairs and two, pair 1 in both: 3 × 2 and 2 × 1 negatives, over five examples."""
    counted = ExposureCounter(_sampler(_table(4, 4, 4), alpha=0.5))
    counted.add(_batch(0, [0, 1, 2], [0, 0, 1], [0, 1, 1]))
    counted.add(_batch(1, [1, 3], [0, 1], [1, 1]))
    found = counted.exposure
    assert (found.examples, found.pairs) == (5, 4)
    assert found.negatives == (3 * 2 + 2 * 1) / 5
    assert found.languages == {"a": 0.4, "b": 0.6, "c": 0.0}
    assert found.to_event()["negatives"] == 1.6


@pytest.mark.parametrize("mixing", ["batch", "example"])
@pytest.mark.parametrize("alpha", [0.0, 0.4, 1.0])
def test_it_counts_what_stands_in_the_batches(alpha: float, mixing: str) -> None:
    """A second count, example by example, with names instead of positions."""
    tables = (_table(40, 40, 5), _table(30, 9, name="other"))
    sampler = _sampler(*tables, alpha=alpha, mixing=mixing)
    sides: Counter[str] = Counter()
    pairs: set[tuple[str, str]] = set()
    negatives = []
    for number in range(60):
        batch = sampler.batch(number)
        table = tables[batch.table]
        for pair, query, passage in zip(
            batch.pairs, batch.query_languages, batch.passage_languages, strict=True
        ):
            pairs.add((table.name, table.pair_ids[pair]))
            sides.update([table.languages[query], table.languages[passage]])
            negatives.append(len([other for other in batch.pairs if other != pair]))
    found = exposure(sampler, 60)
    assert found.examples == len(negatives) == sum(sides.values()) / 2
    assert found.pairs == len(pairs)
    assert found.negatives == pytest.approx(np.mean(negatives))
    assert found.languages == pytest.approx(
        {code: sides[code] / sides.total() for code in ("a", "b", "c")}
    )


def test_steps_show_arms_different_things_and_examples_the_same() -> None:
    """Languages of 2,000, 2,000 and 12 pairs, and 3,000 steps of 128."""
    arms = {
        alpha: _sampler(_table(2000, 2000, 12), alpha=alpha, batch_size=128) for alpha in (1.0, 0.0)
    }
    mono, cross = (exposure(arms[alpha], 3000) for alpha in (1.0, 0.0))
    assert (mono.examples, cross.examples) == (265_332, 384_000)
    assert (mono.languages["c"], cross.languages["c"]) == pytest.approx((0.046, 0.002), abs=5e-4)
    for alpha, arm in arms.items():
        steps = steps_to_show(arm, 100_000, 1)
        assert 100_000 <= exposure(arm, steps).examples < 100_128, alpha
        assert exposure(arm, steps - 1).examples < 100_000
    assert steps_to_show(arms[0.0], 100_000, 4) == 196  # 195 steps of 4 × 128 show 99,840


def _lasting(events: list[Event]) -> list[Event]:
    """Events without what a clock or the memory says, and without checkpoints' folders."""
    passing = {"time", "seconds", "examples_per_second", "tokens_per_second", "memory_mb"}
    passing |= {"prepare_seconds", "joules", "power"}
    return [
        {key: value for key, value in event.items() if key not in passing}
        for event in events
        if event["event"] in {"step", "validation", "done"}
    ]


def test_a_training_shows_the_examples_that_it_was_told(tmp_path: Path, data_root: Path) -> None:
    events = run_to_the_end(tmp_path / "run", data_root, examples=150)
    done = events[-1]
    assert (done["examples"], done["exposure"]["examples"]) == (160, 160)
    assert (done["step"], named(events, "start")[0]["steps"]) == (10, 10)
    config = read_config(tmp_path / "run" / "config.toml")
    assert (config.examples, config.steps) == (150, 10)
    assert config.asked == replace(BUDGET, examples=150, steps=TrainConfig.steps).resolved()
    # The file reproduces the run; so do as many steps.
    list(train(config, Run(tmp_path / "again"), data_root, device="cpu"))
    assert_same_weights(tmp_path / "run" / "model", tmp_path / "again" / "model")
    run_to_the_end(tmp_path / "steps", data_root, steps=10)
    assert_same_weights(tmp_path / "run" / "model", tmp_path / "steps" / "model")


@pytest.mark.parametrize("asked", [True, False])
def test_a_training_that_was_cut_goes_on_with_the_same_events(
    tmp_path: Path, data_root: Path, asked: bool
) -> None:
    """Resumed as it was asked for, as a study does, or by its own config."""
    whole = run_to_the_end(tmp_path / "whole", data_root, examples=150)
    config, run = replace(BUDGET, examples=150), Run(tmp_path / "cut")
    stops = iter([False] * 4 + [True])
    cut = list(train(config, run, data_root, device="cpu", stop=lambda: next(stops)))
    assert cut[-1]["event"] == "interrupted"
    again = config if asked else read_config(run.config_file)
    rest = list(train(again, run, data_root, device="cpu", resume=True))
    assert _lasting([*cut, *rest]) == _lasting(whole)
    assert_same_weights(tmp_path / "cut" / "model", tmp_path / "whole" / "model")
    other = replace(config, examples=151)
    with pytest.raises(UsageError, match="another config"):
        list(train(other, run, data_root, device="cpu", resume=True))


def test_a_teacher_is_shown_as_many_and_found_again(tmp_path: Path, data_root: Path) -> None:
    changes: dict[str, Any] = {"strategy": "distill", "examples": 150}
    events = run_to_the_end(tmp_path / "one", data_root, **changes)
    [told] = named(events, "teacher")
    assert (told["trained"], told["examples"]) == (True, 160)
    assert not named(run_to_the_end(tmp_path / "two", data_root, **changes, alpha=1.0), "x")
    assert len(list((tmp_path / ".teachers").glob("*/config.toml"))) == 1
    found = EnglishTeacher.of(replace(BUDGET, **changes).resolved(), tmp_path, data_root)
    assert found.run.config_file.is_file()


def test_an_estimate_knows_the_steps(tmp_path: Path, data_root: Path) -> None:
    plan = estimate(replace(BUDGET, examples=150), Run(tmp_path / "run"), data_root, "cpu")
    assert plan.steps == 10


@pytest.mark.parametrize("examples", [0, -3, 10**12])
def test_examples_out_of_range(examples: int) -> None:
    with pytest.raises(UsageError, match="--examples is"):
        TrainConfig(examples=examples)


def test_without_examples_a_config_is_what_it_was() -> None:
    assert "examples" not in BUDGET.to_toml()
    assert BUDGET.asked == BUDGET
