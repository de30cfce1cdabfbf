"""Alarms: the rules on sequences made by hand, then trainings that go wrong."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hybench.runs.events import Event, read_events
from hybench.runs.run import Run
from hybench.training.alarms import alarms, collapsed, left_behind
from hybench.training.train import resume_config, train
from hybench.training.validation import _mean_cosine, language_scores
from tests.builders import Toy, toy_dataset
from tests.training.conftest import BUDGET, make_task, run_to_the_end


def raised(cosines: list[float], scores: dict[str, list[float]]) -> list[tuple[int, str]]:
    """All alarms of a training's validations: (validation from 1, kind or language)."""
    return [
        (count, alarm.language or alarm.kind)
        for count in range(1, len(cosines) + 1)
        for alarm in alarms(cosines[:count], {key: scores[key][:count] for key in scores})
    ]


def test_a_collapse_is_said_when_it_begins() -> None:
    assert raised([0.2, 0.95, 0.99, 0.94, 0.96], {}) == [(2, "collapse"), (5, "collapse")]
    assert raised([0.97, 0.98], {}) == [(1, "collapse")]
    assert raised([math.nan, 0.9499], {}) == []
    assert not collapsed([])


RISING = [0.4, 0.5, 0.6, 0.65, 0.7, 0.7]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        pytest.param([0.4, 0.5, 0.45, 0.44, 0.43, 0.42], [4], id="falls for good"),
        pytest.param([0.5, 0.45, 0.45, 0.5, 0.44, 0.44], [3, 6], id="twice"),
        pytest.param([0.4, 0.5, 0.44, 0.5, 0.44, 0.5], [], id="one bad validation at a time"),
        pytest.param([0.5, 0.46, 0.46, 0.46, 0.46, 0.46], [], id="too little"),
        pytest.param([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [], id="rises"),
        pytest.param([0.5, 0.45, 0.45, 0.6, 0.56, 0.54], [3], id="a new best is what counts"),
    ],
)
def test_a_language_that_falls_while_the_others_rise(own: list[float], expected: list[int]) -> None:
    scores = {"de": RISING, "en": RISING, "yo": own}
    assert raised([0.0] * 6, scores) == [(count, "yo") for count in expected]


def test_a_language_that_falls_with_the_others_is_no_alarm() -> None:
    falling = [0.6, 0.5, 0.4]
    assert raised([0.0] * 3, {"de": falling, "en": falling, "yo": falling}) == []
    # The median of the others counts: one of them may fall too.
    steady = [0.5, 0.5, 0.5]
    scores = {"de": falling, "en": steady, "sw": steady, "yo": falling}
    assert raised([0.0] * 3, scores) == [(3, "de"), (3, "yo")]


def test_a_language_stays_behind_until_it_recovers_whatever_the_others_do() -> None:
    own = [0.5, 0.4, 0.4, 0.4, 0.4, 0.48, 0.4, 0.4]
    others = [0.5, 0.5, 0.5, 0.3, 0.6, 0.6, 0.6, 0.6]
    assert raised([0.0] * 8, {"en": others, "yo": own}) == [(3, "yo"), (8, "yo")]


def test_others_at_their_best_are_enough_and_one_language_has_no_others() -> None:
    assert left_behind({"en": [1.0, 1.0, 1.0], "yo": [0.8, 0.75, 0.75]}, "yo")
    assert not left_behind({"yo": [0.8, 0.1, 0.1]}, "yo")
    assert not left_behind({"en": [1.0, 1.0], "yo": [0.8, 0.1]}, "yo")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0, 1))
def test_a_language_that_never_falls_far_is_never_left_behind(
    own: list[float], other: float
) -> None:
    near = [1 - value * 0.049 for value in own]
    assert not left_behind({"en": [other] * len(own), "yo": near}, "yo")


def test_a_languages_score_is_the_mean_over_sets_and_settings() -> None:
    one = {"mono": {"en": 1.0, "yo": math.nan}, "multi": {"en": 0.5, "yo": math.nan}}
    other = {"mono": {"en": 0.0, "sw": 0.25}}
    assert language_scores([one, other]) == {"en": 0.5, "sw": 0.25}


def test_the_mean_cosine_of_random_passages() -> None:
    rows = np.random.default_rng(0).normal(size=(4000, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert _mean_cosine(rows) == pytest.approx(0, abs=0.05)
    assert _mean_cosine(np.repeat(rows[:1], 5, axis=0)) == pytest.approx(1)
    assert _mean_cosine(rows[:2]) == pytest.approx(float(rows[0] @ rows[1]))  # never with itself
    assert math.isnan(_mean_cosine(rows[:1]))


def of_kind(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event["event"] == "alarm" and event["kind"] == kind]


def constant_teacher(path: Path, data_root: Path) -> Path:
    """A model that gives every text the same vector."""
    encoder = make_task(data_root, path.parent).encoder
    [weight] = encoder.model.parameters()
    torch.nn.init.ones_(weight)
    encoder.save(path)
    return path


def test_a_student_of_a_constant_teacher_collapses(tmp_path: Path, data_root: Path) -> None:
    changes: dict[str, Any] = {
        "strategy": "distill",
        "teacher": str(constant_teacher(tmp_path / "teacher", data_root)),
        "steps": 40,
        "learning_rate": 0.02,
    }
    events = run_to_the_end(tmp_path / "run", data_root, **changes)
    [alarm] = of_kind(events, "collapse")
    measured = {
        event["step"]: event["cosine"] for event in events if event["event"] == "validation"
    }
    assert measured[4] < 0.95 <= measured[alarm["step"]]
    assert alarm["step"] == min(step for step, value in measured.items() if value >= 0.95)
    assert "mean cosine" in alarm["text"]
    # Resumed after the alarm: the state is known, and the alarm is not repeated.
    run = Run(tmp_path / "cut")
    config = replace(BUDGET, **changes)

    def has_alarmed() -> bool:
        return bool(of_kind(read_events(run.events_file).events, "collapse"))

    cut = list(train(config, run, data_root, device="cpu", stop=has_alarmed))
    assert cut[-1]["event"] == "interrupted"
    cut += train(resume_config(run), run, data_root, device="cpu", resume=True)
    assert of_kind(cut, "collapse") == [{**alarm, "time": of_kind(cut, "collapse")[0]["time"]}]


@pytest.mark.slow
def test_a_language_whose_training_pairs_are_wrong_is_left_behind(tmp_path: Path) -> None:
    # Many dev queries, so that chance moves no language's score by much.
    toy_dataset(tmp_path / "good", Toy(train=400, held_out=150))
    toy_dataset(tmp_path / "bad", Toy(train=400, held_out=150, wrong=("yo",)))
    run_to_the_end(tmp_path / "one" / "run", tmp_path / "good", steps=300, validate_every=0)
    changes = {
        "encoder": str(tmp_path / "one" / "run" / "model"),
        "query_prefix": "query: ",
        "passage_prefix": "passage: ",
        "optimizer": "adamw",
        "alpha": 1.0,
        "learning_rate": 1e-2,
        "temperature": 0.1,
        "steps": 80,
        "validate_every": 8,
    }
    events = run_to_the_end(tmp_path / "two", tmp_path / "bad", **changes)
    said = of_kind(events, "language")
    assert {alarm["language"] for alarm in said} == {"yo"}
    assert said[0]["text"].startswith("yo falls while the other languages do not")
    whole = run_to_the_end(tmp_path / "three", tmp_path / "good", **changes)
    assert not of_kind(whole, "language")
