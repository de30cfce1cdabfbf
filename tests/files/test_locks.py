"""Locks: held against other processes, looked at, and let go when their owner dies."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import threading
from pathlib import Path

import pytest

from hybench.errors import StateError
from hybench.files.locks import holder, is_held
from hybench.runs.run import LOCK, Run
from tests.waiting import HANG


def _hold(path: Path, ready: object, release: object) -> None:
    with Run(path).lock():
        ready.set()  # type: ignore[attr-defined]
        release.wait(HANG)  # type: ignore[attr-defined]


@pytest.mark.process
def test_a_lock_keeps_another_process_out_and_dies_with_its_owner(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, release = context.Event(), context.Event()
    owner = context.Process(target=_hold, args=(tmp_path / "run", ready, release))
    owner.start()
    assert ready.wait(HANG)
    with pytest.raises(StateError, match="Another process"), Run(tmp_path / "run").lock():
        pass
    assert holder(tmp_path / "run" / LOCK) == owner.pid
    owner.kill()
    owner.join()
    assert holder(tmp_path / "run" / LOCK) is None
    with Run(tmp_path / "run").lock():
        assert holder(tmp_path / "run" / LOCK) == os.getpid()
    assert holder(tmp_path / "run" / LOCK) is None


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="Cannot write"), Run(tmp_path / "file" / "run").lock():
        pass


def test_one_who_looks_keeps_nobody_from_working(tmp_path: Path) -> None:
    run = Run(tmp_path / "run")
    with run.lock():
        pass
    looking = threading.Event()

    def look() -> None:
        while not looking.is_set():
            is_held(run.path / LOCK)

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for each in lookers:
        each.start()
    try:
        for _ in range(300):
            with run.lock():
                pass
    finally:
        looking.set()
        for each in lookers:
            each.join()


@pytest.mark.parametrize("fault", [errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP])
def test_a_disk_that_cannot_lock_is_said_and_there_is_a_way_on(
    fault: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(fcntl, "flock", cannot)
    run = Run(tmp_path / "run")
    with pytest.raises(StateError, match="cannot lock files") as refused, run.lock():
        pass
    assert "set HYBENCH_UNLOCKED=1" in refused.value.do
    assert not is_held(run.path / LOCK)
    monkeypatch.setenv("HYBENCH_UNLOCKED", "1")
    with run.lock():
        assert is_held(run.path / LOCK)  # known from who noted itself in it
    assert not is_held(run.path / LOCK)


def test_looking_at_a_lock_does_not_take_it(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert not is_held(run.path / ".lock")
    assert not (run.path / ".lock").exists()
    with run.lock():
        assert is_held(run.path / ".lock")
    assert not is_held(run.path / ".lock")
    with run.lock():
        pass
