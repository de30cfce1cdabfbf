"""Where runs are, read from real files."""

from __future__ import annotations

import math
import platform
import shutil
from pathlib import Path

import pytest

from hybench.errors import UsageError
from hybench.runs import status
from hybench.runs.events import EventLog
from hybench.runs.run import Run
from hybench.runs.status import ELSEWHERE, RunStatus, RunWatch, StatusBoard, how_to_finish
from tests.runs.trainer import Trainer, make_run


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
