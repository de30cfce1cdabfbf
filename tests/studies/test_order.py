"""Cells begin seed by seed, and runs made of others as soon as those are done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Thread
from typing import Literal

import pytest

from hybench.concurrency.progress import Stop
from hybench.studies import run as run_module
from hybench.studies.options import StudyOptions
from hybench.studies.order import WaitingCells, in_order
from hybench.studies.worker import CellRequest, Ended, Message
from tests.waiting import HANG


def request(name: str, *after: str) -> CellRequest:
    return CellRequest(name, (), "runs", "data", (), None, "cpu", 1, after=after)


TRAINED = [request(name) for name in ("base", "mono-s0", "cross-s0", "mono-s1", "cross-s1")]
DERIVED = [
    request("white", "base"),
    request("merged-s0", "mono-s0", "cross-s0"),
    request("merged-s1", "mono-s1", "cross-s1"),
    request("shifted-s0", "mono-s0"),
    request("of-a-done-run", "mono-s9"),
]


def test_runs_made_of_others_stand_behind_the_last_of_them() -> None:
    assert [each.name for each in in_order(TRAINED, DERIVED)] == [
        *("of-a-done-run", "base", "white", "mono-s0", "shifted-s0", "cross-s0", "merged-s0"),
        *("mono-s1", "cross-s1", "merged-s1"),
    ]
    assert in_order(TRAINED, []) == TRAINED


def names(waiting: WaitingCells) -> list[str]:
    """Those that may begin now."""
    found = []
    while (each := waiting.ready()) is not None:
        found.append(each.name)
    return found


def test_a_run_waits_for_all_that_it_is_made_of() -> None:
    waiting = WaitingCells(in_order(TRAINED, DERIVED))
    assert names(waiting) == ["of-a-done-run", *(each.name for each in TRAINED)]
    waiting.end(Ended("mono-s0", "done", {}))
    assert names(waiting) == ["shifted-s0"]
    waiting.end(Ended("cross-s0", "done", {}))
    assert names(waiting) == ["merged-s0"]
    assert len(waiting) == 2


@pytest.mark.parametrize("state", ["failed", "interrupted"])
def test_what_is_made_of_a_run_that_is_not_done_does_not_begin(
    state: Literal["failed", "interrupted"],
) -> None:
    waiting = WaitingCells(in_order(TRAINED, DERIVED))
    names(waiting)
    waiting.end(Ended("mono-s0", state, {}))
    waiting.end(Ended("cross-s0", "done", {}))
    waiting.end(Ended("base", "done", {}))
    assert names(waiting) == ["white"]
    assert len(waiting) == 1  # merged-s1


def test_a_job_waits_until_a_cell_may_begin() -> None:
    waiting, stop = WaitingCells([request("mono"), request("shifted", "mono")]), Stop()
    taken: list[str | None] = []

    def job() -> None:
        for _ in range(2):
            found = waiting.take(stop)
            taken.append(None if found is None else found.name)

    first = waiting.take(stop)
    assert first is not None
    thread = Thread(target=job, daemon=True)
    thread.start()
    thread.join(0.3)
    assert taken == []
    waiting.end(Ended("mono", "done", {}))
    thread.join(HANG)
    assert taken == ["shifted", None]


def test_a_job_that_waits_ends_when_the_study_is_stopped() -> None:
    waiting, stop = WaitingCells([request("mono"), request("shifted", "mono")]), Stop()
    waiting.take(stop)
    thread = Thread(target=waiting.take, args=(stop,), daemon=True)
    thread.start()
    stop.set()
    thread.join(HANG)
    assert not thread.is_alive()
    assert len(waiting) == 1


@pytest.mark.parametrize("stopped", [False, True])
def test_a_failed_run_is_no_interruption_of_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    def engine(requests: Sequence[CellRequest], _logs: Path, stop: Stop) -> Iterator[Message]:
        waiting = WaitingCells(requests)
        while (each := waiting.take(stop)) is not None:
            ended = Ended(each.name, "failed", {}, "no memory")
            waiting.end(ended)
            if stopped:
                stop.set()
            yield ended

    monkeypatch.setattr(run_module, "_engine", lambda _options: engine)
    work = run_module._Work(tmp_path, StudyOptions(), Stop(), lambda _message: None)
    work.on([request("mono"), request("shifted", "mono")])
    assert [each.name for each in work.outcome.failed] == ["mono"]
    assert work.outcome.left == (["shifted"] if stopped else [])
    assert work.outcome.interrupted == stopped
