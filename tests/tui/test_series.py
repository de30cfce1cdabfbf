"""Logs of any length in few numbers, none of which is lost that matters."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybench.runs.events import EventLog
from hybench.runs.run import Run
from hybench.tui.draw.curves import curve_of
from hybench.tui.model import history as module
from hybench.tui.model.history import History
from hybench.tui.model.series import Buckets
from tests.tui.driving import NOW, write_run, write_steps, write_training


def step(number: int, **values: Any) -> dict[str, Any]:
    return {
        "event": "step",
        "step": number,
        "seconds": number / 2,
        "examples": number * 8,
        **values,
    }


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.sampled_from([2, 4, 16, 64]))
@settings(deadline=None)
def test_buckets_keep_the_extremes_and_the_mean(values: list[float], most: int) -> None:
    buckets = Buckets(most)
    for number, value in enumerate(values, 1):
        buckets.take(step(number, loss=value))
    curve = buckets.curve("loss")
    assert len(curve) <= most
    assert curve.x[-1] == len(values)
    assert curve.low.min() == min(values)
    assert curve.high.max() == max(values)
    assert np.all(curve.low <= curve.mean + 1e-6)
    assert np.all(curve.mean <= curve.high + 1e-6)
    assert np.all(np.diff(curve.x) > 0)


@given(st.lists(st.sampled_from(["mono", "cross"]), min_size=1, max_size=200))
@settings(deadline=None)
def test_batches_of_both_kinds_stand_apart(kinds: list[str]) -> None:
    buckets = Buckets(1024)
    for number, kind in enumerate(kinds, 1):
        buckets.take(step(number, **{f"loss_{kind}": float(number)}))
    for kind in ("mono", "cross"):
        places = [float(number) for number, each in enumerate(kinds, 1) if each == kind]
        assert buckets.curve(f"loss_{kind}").mean.tolist() == places
        assert buckets.curve(f"loss_{kind}").lost.tolist() == []


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 50), st.sampled_from([8, 512]))
@settings(deadline=None)
def test_a_resumed_run_replaces_what_came_after(
    first: int, again: int, more: int, most: int
) -> None:
    """Whole buckets before the repeated step stay; nothing of the first try stands after it."""
    again = min(again, first)
    buckets = Buckets(most)
    for number in range(1, first + 1):
        buckets.take(step(number, loss=1.0))
    for number in range(again, again + more + 1):
        buckets.take(step(number, loss=2.0))
    curve = buckets.curve("loss")
    assert curve.x[-1] == again + more
    # A bucket may begin before the repeated step.
    assert np.all(curve.high[curve.x >= again] == 2.0)
    assert np.all(curve.mean[curve.x >= again + buckets.width] == 2.0)
    assert np.all(curve.mean[curve.x < again] == 1.0)


def test_what_is_no_number_is_told_and_not_drawn() -> None:
    buckets = Buckets(64)
    for number, loss in enumerate([1.0, math.nan, 2.0, math.inf, 10**400, "x", True, None], 1):
        buckets.take(step(number, loss=loss))
    curve = buckets.curve("loss")
    assert curve.mean.tolist() == [1.0, 2.0]
    assert curve.lost.tolist() == [2.0, 4.0, 5.0]
    assert [str(each) for each in curve.odd] == ["nan", "inf", "nan"]


def test_what_is_no_number_is_kept_however_long_the_log() -> None:
    buckets = Buckets(8)
    for number in range(1, 129):
        odd = {20: math.inf, 90: -math.inf, 91: math.inf, 120: math.nan}
        buckets.take(step(number, loss=odd.get(number, 1.0)))
    curve = buckets.curve("loss")
    assert buckets.width >= 16
    assert [str(each) for each in curve.odd] == ["inf", "nan", "nan"]
    assert curve.ends == (curve.x[0], 128)


def test_the_average_starts_without_bias_and_forgets() -> None:
    buckets = Buckets(1024)
    for number in range(1, 401):
        buckets.take(step(number, loss=5.0 if number <= 200 else 1.0))
    smoothed = buckets.curve("loss").smoothed(0.9)
    assert smoothed[:200] == pytest.approx(5.0)
    assert smoothed[200] == pytest.approx(4.6, abs=0.01)
    assert smoothed[-1] == pytest.approx(1.0, abs=1e-6)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=500),
    st.sampled_from([0.9, 0.98, 0.995]),
    st.sampled_from([1.0, 10.0, 32.0, 1000.0]),
)
@settings(deadline=None)
def test_the_average_is_the_recursion_that_defines_it(
    values: list[float], decay: float, weight: float
) -> None:
    curve = replace(curve_of(range(len(values)), values), weight=weight)
    kept, total, norm, wanted = decay**weight, 0.0, 0.0, []
    for value in values:
        total = kept * total + (1 - kept) * value
        norm = kept * norm + (1 - kept)
        wanted.append(total / norm)
    assert curve.smoothed(decay) == pytest.approx(wanted, rel=1e-6, abs=1e-4)


def test_axes_follow_the_steps() -> None:
    buckets = Buckets(64)
    for number in range(10, 50, 10):
        buckets.take(step(number, loss=1.0))
    assert buckets.curve("loss", "seconds").x.tolist() == [5, 10, 15, 20]
    assert buckets.place([20, 25], "examples").tolist() == [160, 200]


def read_all(history: History) -> History:
    while history.read(NOW):
        pass
    return history


def test_a_log_is_read_piece_by_piece_and_then_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PIECE", 100)
    run = write_training(tmp_path, "run")
    history = read_all(History(run))
    assert history.curve("loss", "step").x.tolist() == list(range(1, 101))
    assert [each.step for each in history.validations] == [25, 50, 75, 100]
    assert history.validations[-1].scores == {"atlas": {"mono": {"en": 0.75, "yo": 0.55}}}
    assert history.curve("score", "seconds").x.tolist() == [2.5, 5.0, 7.5, 10.0]
    version = history.version
    write_steps(run, range(101, 103))
    assert read_all(history).curve("loss", "step").x[-1] == 102
    assert history.version > version


def test_an_unfinished_line_waits_for_its_end(tmp_path: Path) -> None:
    run = write_run(tmp_path, "run")
    line = json.dumps(step(1, loss=2.0)) + "\n"
    run.events_file.write_text(line[:20])
    history = read_all(History(run))
    assert len(history.curve("loss", "step")) == history.torn == 0
    with run.events_file.open("a") as file:
        file.write(line[20:])
    assert read_all(history).curve("loss", "step").mean.tolist() == [2.0]


def test_a_log_that_shrinks_is_another(tmp_path: Path) -> None:
    run = write_training(tmp_path, "run")
    history = read_all(History(run))
    run.events_file.write_text("")
    write_steps(run, range(1, 3))
    history = read_all(history)
    assert history.curve("loss", "step").x.tolist() == [1, 2]
    assert history.restarts == 1
    run.events_file.unlink()
    with pytest.raises(FileNotFoundError):
        history.read(NOW)
    assert history.curve("loss", "step").x.tolist() == [1, 2]


def test_a_resume_forgets_validations_and_alarms_that_come_again(tmp_path: Path) -> None:
    run = write_training(tmp_path, "run", 50)
    log = EventLog(run.events_file, clock=lambda: NOW)
    log.append("alarm", step=40, kind="collapse", text="odd")
    log.append("start", step=30, steps=100)
    history = read_all(History(run))
    assert [each.step for each in history.validations] == [25]
    assert history.alarms == []


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=200)
def test_nothing_in_a_log_breaks_it(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    run = Run(tmp_path_factory.mktemp("run"))
    run.events_file.write_bytes(data)
    history = read_all(History(run))
    assert history.curve("loss", "step").mean.tolist() == []


EVENT = st.dictionaries(
    st.sampled_from(["step", "loss", "score", "scores", "time", "text", "seconds", "examples"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
        ),
        max_leaves=4,
    ),
)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.sampled_from(["step", "validation", "alarm", "start"]), EVENT), max_size=8
    )
)
@settings(deadline=None, max_examples=200)
def test_events_of_any_form_are_taken_or_passed_over(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, dict[str, Any]]]
) -> None:
    run = Run(tmp_path_factory.mktemp("run"))
    lines = [json.dumps({**values, "event": kind}) for kind, values in events]
    run.events_file.write_text("".join(f"{line}\n" for line in lines))
    history = read_all(History(run))
    for name in ("loss", "score"):
        for axis in ("step", "seconds", "examples"):
            curve = history.curve(name, axis)
            assert np.isfinite(curve.mean).all()
            assert len(curve.x) == len(curve.mean)
    assert len(history.alarm_places("seconds")) == len(history.alarms)
