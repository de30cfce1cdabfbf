"""Where runs are, read from real files: whole, torn, shrunk, gone."""

from __future__ import annotations

import json
import math
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybench.errors import UsageError
from hybench.files.locks import is_held
from hybench.runs import status
from hybench.runs.events import EventLog
from hybench.runs.run import Run
from hybench.runs.status import ELSEWHERE, RunStatus, RunWatch, StatusBoard, how_to_finish


def make_run(path: Path, config: str = "kind = 'train'\nsteps = 1000\nvalidate_every = 250") -> Run:
    path.mkdir(parents=True)
    (path / "config.toml").write_text(f"{config}\n", encoding="utf-8")
    return Run(path)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make_run(tmp_path / "runs" / "hybrid")


class Trainer:
    """Writes a log as training does, at 2 steps a second."""

    def __init__(self, run: Run, begun: float = 1000.0) -> None:
        self.time, self.validated = begun, 0.0
        self.log = EventLog(run.events_file, lambda: self.time)

    def steps(self, first: int, last: int, loss: Callable[[int], float] = lambda n: 1 / n) -> None:
        for step in range(first, last + 1):
            self.time += 0.5
            self.log.append("step", step=step, loss=loss(step), seconds=step / 2 + self.validated)

    def validation(self, step: int, score: float, seconds: float = 0.0) -> None:
        self.log.append("validation", step=step, score=score, best=True, scores={}, seconds=seconds)
        self.time += seconds
        self.validated += seconds


def look(run: Run, now: float = 1000.0) -> RunStatus:
    return RunWatch(run).look(now)


def test_a_run_at_work(run: Run) -> None:
    trainer = Trainer(run)
    trainer.log.append("start", step=0, steps=1000)
    trainer.steps(1, 250)
    trainer.validation(250, 0.75)
    trainer.steps(251, 300)
    with run.lock():
        seen = look(run, trainer.time + 3)
    assert (seen.name, seen.kind, seen.state) == ("hybrid", "train", "running")
    assert (seen.step, seen.steps, seen.loss, seen.score) == (300, 1000, 1 / 300, 0.75)
    assert seen.steps_per_second == pytest.approx(2)
    assert seen.seconds_left == pytest.approx(350)
    assert seen.age == pytest.approx(3)
    assert (seen.reason, seen.torn) == ("", 0)


@pytest.mark.parametrize("tail", [300, 1 << 14])
def test_validations_to_come_are_part_of_the_time_left(
    tail: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "TAIL", tail)
    run = make_run(tmp_path / "slow", "steps = 1100\nvalidate_every = 250")
    trainer = Trainer(run)
    trainer.steps(1, 250)
    trainer.validation(250, 0.75, seconds=60)
    trainer.steps(251, 300)
    with run.lock():
        seen = look(run, trainer.time)
    assert seen.steps_per_second == pytest.approx(2)
    assert seen.seconds_left == pytest.approx(400 + 4 * 60)  # after 500, 750, 1000 and 1100


def test_a_resumed_run_keeps_its_rate_until_there_is_a_new_one(run: Run) -> None:
    trainer, watch = Trainer(run), RunWatch(run)
    trainer.steps(1, 100)
    for _ in range(2):
        trainer.log.append("start", step=100)
        assert watch.look().steps_per_second == pytest.approx(2)


def test_states(run: Run) -> None:
    trainer = Trainer(run)
    with run.lock():
        assert look(run).state == "running"  # before its first event
    assert look(run).state == "interrupted"
    trainer.log.append("start", step=0)
    trainer.steps(1, 3)
    assert look(run).state == "interrupted"  # killed: nobody holds the lock
    with run.lock():
        assert look(run, trainer.time + 599).state == "running"
        assert look(run, trainer.time + 601).state == "stalled"
        assert look(run, trainer.time + 601).seconds_left is None
    trainer.log.append("failed", step=3, reason="the loss is nan")
    with run.lock():
        assert look(run).state == "failed"
    assert look(run).reason == "the loss is nan"
    trainer.log.append("start", step=2)
    with run.lock():
        assert (look(run).state, look(run).reason) == ("running", "")
    trainer.log.append("done", step=3)
    assert look(run).state == "done"


def test_a_copy_of_a_run_at_work_is_not_interrupted(run: Run, tmp_path: Path) -> None:
    trainer = Trainer(run)
    trainer.log.append("start", step=0)
    trainer.steps(1, 3)
    copy = tmp_path / "copy"
    with run.lock():
        shutil.copytree(run.path, copy)
    assert look(Run(copy), trainer.time + 59).state == ELSEWHERE
    assert look(Run(copy), trainer.time + 61).state == "interrupted"
    (copy / ".lock").write_text("1 another-machine")
    assert look(Run(copy), trainer.time + 5).state == ELSEWHERE
    (copy / ".lock").write_text(f"{2**22 + 1} {platform.node()}")  # no process has this number
    assert look(Run(copy), trainer.time + 5).state == "interrupted"
    assert "hybench train --resume" in how_to_finish(Run(copy))
    (copy / ".lock").unlink()  # not copied
    assert look(Run(copy), trainer.time + 5).state == ELSEWHERE
    EventLog(copy / "events.jsonl", lambda: trainer.time).append("interrupted", step=3)
    assert look(Run(copy), trainer.time + 5).state == "interrupted"


def test_nobody_is_told_to_resume_what_is_at_work(run: Run, tmp_path: Path) -> None:
    EventLog(run.events_file).append("start", step=0)
    with run.lock():
        shutil.copytree(run.path, tmp_path / "copy")
        assert how_to_finish(run) == "It is being trained: wait for it."
    assert "on another machine" in how_to_finish(Run(tmp_path / "copy"))
    assert "hybench train --resume" in how_to_finish(run)


def test_an_import_with_a_damaged_config_is_no_training(tmp_path: Path) -> None:
    run = make_run(tmp_path / "theirs", "kind = ")
    EventLog(run.events_file).append("imported", results="toy")
    assert look(run, 1e12).state == "done"


def test_a_run_that_logs_seldom_stalls_later(run: Run) -> None:
    log = EventLog(run.events_file, iter([0.0, 100.0, 200.0]).__next__)
    for step in (100, 200, 300):
        log.append("step", step=step, loss=1.0, seconds=step)
    with run.lock():
        assert look(run, 1199).state == "running"
        assert look(run, 1201).state == "stalled"


def test_the_teachers_steps_are_not_the_students(run: Run) -> None:
    log = EventLog(run.events_file)
    log.append("teacher", model="m", trained=True, step=500)
    assert look(run).step == 0


def test_steps_taken_again_after_a_kill_go_back(run: Run) -> None:
    trainer, watch = Trainer(run), RunWatch(run)
    trainer.steps(1, 100)
    assert watch.look().step == 100
    trainer.log.append("start", step=50)
    trainer.steps(51, 60)
    seen = watch.look()
    assert seen.step == 60
    assert seen.steps_per_second == pytest.approx(2)


def test_numbers_that_are_none_are_shown_as_they_are(run: Run) -> None:
    trainer = Trainer(run)
    trainer.steps(1, 2, loss=lambda _: math.nan)
    assert math.isnan(look(run).loss or 0.0)
    trainer.steps(3, 3, loss=lambda _: math.inf)
    assert look(run).loss == math.inf
    trainer.log.append("validation", step=3, score=math.nan)
    assert look(run).score is None


def test_clocks_that_differ_give_no_negative_age(run: Run) -> None:
    Trainer(run, begun=5000.0).steps(1, 2)
    assert look(run, now=10.0).age == 0.0


def test_bm25_is_done_without_events(tmp_path: Path) -> None:
    seen = look(make_run(tmp_path / "bm25", "kind = 'bm25'"))
    assert (seen.kind, seen.state, seen.steps, seen.age) == ("bm25", "done", None, None)


def test_a_damaged_config_hides_no_run(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", "steps = ")
    Trainer(run).steps(1, 2)
    seen = look(run, 1e6)
    assert (seen.state, seen.step, seen.steps) == ("interrupted", 2, None)
    assert "cannot be read as TOML" in seen.reason


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


def test_a_run_that_is_deleted_is_gone_with_what_was_known(run: Run) -> None:
    Trainer(run).steps(1, 3)
    board = StatusBoard([run.path.parent])
    assert [one.state for one in board.look()] == ["interrupted"]
    other = make_run(run.path.parent / "another")
    assert [one.name for one in board.look()] == ["another", "hybrid"]
    shutil.rmtree(run.path)
    assert [(one.name, one.state, one.step) for one in board.look()] == [
        ("another", "interrupted", 0),
        ("hybrid", "gone", 3),
    ]
    shutil.rmtree(other.path)
    assert {one.state for one in board.look()} == {"gone"}
    with pytest.raises(UsageError, match="No runs in"):
        StatusBoard([run.path.parent]).look()


def test_looking_at_a_lock_does_not_take_it(run: Run) -> None:
    assert not is_held(run.path / ".lock")
    assert not (run.path / ".lock").exists()
    with run.lock():
        assert is_held(run.path / ".lock")
    assert not is_held(run.path / ".lock")
    with run.lock():
        pass


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
