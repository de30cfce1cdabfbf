"""Looks at runs whose logs are long, torn, shrunk, replaced or full of anything."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybench.runs import status
from hybench.runs.run import Run
from hybench.runs.status import RunStatus, RunWatch
from tests.runs.trainer import Trainer, make_run


def look(run: Run, now: float = 1000.0) -> RunStatus:
    return RunWatch(run).look(now)


def test_torn_lines_are_counted_and_the_last_one_waits(run: Run) -> None:
    trainer, watch = Trainer(run), RunWatch(run)
    trainer.steps(1, 2)
    with run.events_file.open("ab") as file:
        file.write(b'garbage\n{"event": "step", "step": 3')
    assert (watch.look().step, watch.look().torn) == (2, 1)
    with run.events_file.open("ab") as file:
        file.write(b', "loss": 0.25, "time": 1}\n')
    assert (watch.look().step, watch.look().loss, watch.look().torn) == (3, 0.25, 1)


def test_only_the_end_of_a_long_log_is_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(run)
    trainer.steps(1, 250)
    trainer.validation(250, 0.5)
    trainer.steps(251, 499)
    lines = run.events_file.read_bytes().splitlines(keepends=True)
    monkeypatch.setattr(status, "TAIL", 20 * len(lines[-1]))
    lines[100] = b"torn" + lines[100]  # is not looked at
    run.events_file.write_bytes(b"".join(lines))
    watch = RunWatch(run)
    seen = watch.look()
    assert (seen.step, seen.score, seen.torn) == (499, 0.5, 0)
    assert seen.steps_per_second == pytest.approx(2)
    trainer.steps(500, 500)
    trainer.validation(500, 0.625)
    trainer.steps(501, 600)
    assert (watch.look().step, watch.look().score) == (600, 0.625)
    trainer.steps(601, 1000)
    assert (watch.look().step, watch.look().score) == (1000, 0.625)


@pytest.mark.parametrize("tail", [1, 10, 200, 1000])
def test_a_line_longer_than_what_is_read_at_once(
    run: Run, tail: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "TAIL", tail)
    trainer, watch = Trainer(run), RunWatch(run)
    trainer.steps(1, 5)
    trainer.log.append("checkpoint", step=5, path="x" * 500)
    assert watch.look().step == 5
    trainer.log.append("checkpoint", step=6, path="x" * 500)
    assert watch.look().step == 6


def test_a_run_begun_anew_is_another_one(run: Run) -> None:
    trainer, watch = Trainer(run), RunWatch(run)
    trainer.steps(1, 40)
    trainer.validation(40, 0.5)
    assert watch.look().score == 0.5
    run.events_file.unlink()
    assert (watch.look().step, watch.look().score) == (0, None)
    Trainer(run, begun=9000.0).steps(1, 90)  # longer than the last one was
    run.config_file.write_text("steps = 90\n", encoding="utf-8")
    assert (watch.look().step, watch.look().steps) == (90, 90)


def test_a_log_that_shrank_is_read_from_its_end(run: Run) -> None:
    trainer, watch = Trainer(run), RunWatch(run)
    trainer.steps(1, 40)
    watch.look()
    data = run.events_file.read_bytes()
    run.events_file.write_bytes(data[: data.index(b'"step": 11,')])
    assert watch.look().step == 10


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


_EVENTS = st.lists(
    st.fixed_dictionaries(
        {"event": st.sampled_from(["start", "step", "validation", "teacher", "alarm", "done"])},
        optional=dict.fromkeys(("time", "step", "seconds", "loss", "score", "reason"), _JSON),
    ),
    max_size=6,
)


@pytest.mark.slow
@given(_EVENTS, st.binary(max_size=60), st.integers(1, 100), _JSON)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_that_a_log_holds_breaks_a_look(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    events: list[dict[str, object]],
    between: bytes,
    tail: int,
    steps: object,
) -> None:
    monkeypatch.setattr(status, "TAIL", tail)
    run = make_run(tmp_path_factory.mktemp("any") / "run", f"steps = {json.dumps(str(steps))}")
    lines = [json.dumps(event).encode() + b"\n" for event in events]
    run.events_file.write_bytes(between.join(lines) + between)
    watch = RunWatch(run)
    with run.lock():
        for _ in range(2):
            assert (watch.look(now=0.0).age or 0.0) >= 0.0
            with run.events_file.open("ab") as file:
                file.write(b"\n" + lines[0] if lines else b"")
