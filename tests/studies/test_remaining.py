"""What is left of a study, at the pace of the cells that are done."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.files.documents import write_json
from hybench.runs.events import EventLog
from hybench.runs.run import STUDY
from hybench.studies.remaining import remaining_of, remaining_work
from hybench.studies.run import LOG
from hybench.studies.status import CellStatus, StudyStatus
from hybench.tui.model.outlook import left_sentence
from tests.comparison.conftest import MakeRun, make_run
from tests.comparison.test_looks import write_study

__all__ = ["make_run"]

CELLS = (
    CellStatus("a-s0", "a", "done", seconds=100.0),
    CellStatus("b-s0", "b", "done", seconds=300.0),
    CellStatus("a-s1", "a", "done", seconds=140.0),
    CellStatus("b-s1", "b", "training", seconds=50.0),
    CellStatus("c-s0", "c", "failed", "no memory", seconds=10.0),
    CellStatus("a-s2", "a", "waiting"),
)


def test_cells_take_as_long_as_those_of_their_arm() -> None:
    left = remaining_of(StudyStatus("arms", CELLS, ()), {"b-s1": 900.0}, 1000.0, held=True)
    assert (left.cells, left.left, left.failed, left.at_work) == (6, 3, 1, 1)
    assert left.progress == "arms 3 of 6, 1 failed, 1 at work"
    assert left.failures == (("c-s0", "no memory"),)
    # b has 300, of which 100 have passed; of c nothing is known but what all take; a has 120.
    assert left.seconds == pytest.approx(200 + 180 + 120)
    assert left.until == left.seconds
    assert remaining_of(StudyStatus("arms", CELLS, ()), {}, 0.0, held=False).at_work == 0


def test_cells_at_a_time_and_trials() -> None:
    two = (*CELLS[:4], CellStatus("a-s2", "a", "evaluating"))
    trials = (CellStatus("t0", "a", "done", seconds=20.0), CellStatus("t1", "b", "waiting"))
    status = StudyStatus("arms", two, (), trials)
    left = remaining_of(status, {"b-s1": 0.0, "a-s2": 970.0}, 1000.0, held=True)
    assert left.seconds == pytest.approx(0 + 90 + 20)
    assert left.until == pytest.approx(55)
    assert (left.cells, left.left) == (7, 3)


def test_before_the_first_cell_the_trials_say_how_far_it_is() -> None:
    trials = (
        CellStatus("t0", "a", "done", seconds=20.0),
        CellStatus("t1", "a", "training"),
        CellStatus("t2", "b", "waiting"),
    )
    status = StudyStatus("arms", CELLS[5:], (), trials)
    left = remaining_of(status, {"t1": 990.0}, 1000.0, held=True)
    assert left.progress == "arms tuning 1 of 3, 1 at work"
    assert (left.trials, left.trials_left) == (3, 2)
    assert left.trial_seconds == pytest.approx(10 + 20)
    assert left.seconds is None
    said = left_sentence(left)
    assert said.startswith("arms: 3 of 4 cells left, 2 of them trials, which take about 30 s")
    done = StudyStatus("arms", CELLS, (), trials[:1])
    assert remaining_of(done, {}, 0.0, held=False).progress.startswith("arms 4 of 7")


def test_before_a_cell_is_done_nothing_is_known_of_time() -> None:
    left = remaining_of(StudyStatus("arms", CELLS[5:], ()), {}, 0.0, held=False)
    assert (left.left, left.seconds, left.until) == (1, None, None)
    done = remaining_of(StudyStatus("arms", CELLS[:3], ()), {}, 0.0, held=False)
    assert (done.left, done.seconds) == (0, 0.0)


def test_it_is_read_from_the_folder(tmp_path: Path) -> None:
    cells = {f"a-s{seed}": {"arm": "a", "seed": seed} for seed in (0, 1)}
    write_json(tmp_path / STUDY, {"name": "arms", "cells": cells})
    log = EventLog(tmp_path / LOG, clock=lambda: 50.0)
    log.append("cell_begun", cell="a-s0")
    log.append("cell_done", cell="a-s0", seconds={"train": 60.0, "eval atlas": 20.0})
    left = remaining_work(tmp_path, 100.0)
    assert (left.study, left.left, left.seconds, left.at_work) == ("arms", 1, 80.0, 0)


def test_a_cell_that_was_evaluated_elsewhere_is_done(make_run: MakeRun, tmp_path: Path) -> None:
    write_study(make_run, tmp_path / "runs", ["mono-s0"])
    log = EventLog(tmp_path / "runs" / "mono-s0" / "events.jsonl", clock=lambda: 50.0)
    log.append("start", step=0, steps=600)
    log.append("done", step=600)
    left = remaining_work(tmp_path / "runs", 100.0)
    assert (left.cells, left.left, left.at_work) == (6, 5, 0)
