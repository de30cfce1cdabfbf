"""Run folders: found, locked, and an event log that survives what happens to files."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.errors import StateError, UsageError
from hybench.files.locks import is_held
from hybench.runs.events import EventLog, read_events
from hybench.runs.run import LOCK, Run, find_runs, names_of


def make_run(path: Path) -> Run:
    path.mkdir(parents=True)
    (path / "config.toml").write_text("", encoding="utf-8")
    return Run(path)


def test_events_come_back_in_order_with_what_they_told(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl", clock=lambda: 12.3456)
    returned = [log.append("step", step=1, loss=0.5), log.append("done", name="ọba")]
    read = read_events(tmp_path / "events.jsonl")
    assert read.events == returned
    assert read.events[0] == {"event": "step", "time": 12.346, "step": 1, "loss": 0.5}
    assert read.torn == 0


def test_nan_is_read_as_nan(tmp_path: Path) -> None:
    EventLog(tmp_path / "e").append("step", loss=float("nan"))
    loss = read_events(tmp_path / "e").events[0]["loss"]
    assert loss != loss  # noqa: PLR0124 - that is what NaN is


def test_only_what_was_appended_is_read_again(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "e")
    log.append("a")
    first = read_events(tmp_path / "e")
    log.append("b")
    second = read_events(tmp_path / "e", first.offset)
    assert [event["event"] for event in second.events] == ["b"]


def test_a_torn_last_line_waits_and_torn_lines_inside_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "e"
    log = EventLog(file)
    log.append("a")
    with file.open("ab") as raw:
        raw.write(b'{"event": "b"')
    before = read_events(file)
    assert [event["event"] for event in before.events] == ["a"]
    assert before.torn == 0
    log.append("c")
    after = read_events(file, before.offset)
    assert [event["event"] for event in after.events] == ["c"]
    assert after.torn == 1


def test_a_file_that_shrank_is_read_from_its_beginning(tmp_path: Path) -> None:
    file = tmp_path / "e"
    EventLog(file).append("a", text="x" * 100)
    offset = read_events(file).offset
    file.unlink()
    EventLog(file).append("b")
    assert [event["event"] for event in read_events(file, offset).events] == ["b"]


def test_no_file_has_no_events(tmp_path: Path) -> None:
    assert read_events(tmp_path / "none") == read_events(tmp_path / "none", 50)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        path.write_bytes(data + b'\n{"event": "last"}\n')
        read = read_events(path)
    assert read.events[-1] == {"event": "last"}


def test_runs_are_found_in_folders_and_by_name(tmp_path: Path) -> None:
    make_run(tmp_path / "b")
    make_run(tmp_path / "a")
    make_run(tmp_path / ".hidden")
    (tmp_path / "no-run").mkdir()
    assert [run.name for run in find_runs([tmp_path])] == ["a", "b"]
    assert [run.name for run in find_runs([tmp_path / "b", tmp_path])] == ["b", "a"]
    with pytest.raises(UsageError, match="No runs in"):
        find_runs([tmp_path / "no-run"])
    make_run(tmp_path / "studies" / "one" / "a")
    (tmp_path / "studies" / "one" / "study.json").write_text("{}")
    with pytest.raises(UsageError, match="No runs in") as asked:
        find_runs([tmp_path / "studies"])
    assert str(tmp_path / "studies" / "one") in asked.value.do
    both = [tmp_path, tmp_path / "studies"]
    folders = [run.path for run in find_runs(both, studies=True)]
    assert [path.name for path in folders] == ["a", "b", "a"]
    assert list(names_of(folders).values())[1:] == [f"{tmp_path.name}/b", "one/a"]
    assert list(names_of(folders[:2]).values()) == ["a", "b"]
    with pytest.raises(UsageError, match="No run 'c'") as caught:
        Run.open(tmp_path / "c")
    assert "a b" in caught.value.do


def _hold(path: Path, ready: object, release: object) -> None:
    with Run(path).lock():
        ready.set()  # type: ignore[attr-defined]
        release.wait(30)  # type: ignore[attr-defined]


def test_a_lock_keeps_another_process_out_and_dies_with_its_owner(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, release = context.Event(), context.Event()
    owner = context.Process(target=_hold, args=(tmp_path / "run", ready, release))
    owner.start()
    assert ready.wait(30)
    with pytest.raises(StateError, match="Another process"), Run(tmp_path / "run").lock():
        pass
    owner.kill()
    owner.join()
    with Run(tmp_path / "run").lock():
        pass


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


@pytest.mark.parametrize("place", ["results", "index/toy", "events.jsonl", ".lock", "model"])
def test_a_run_with_a_link_out_of_it_is_not_worked_on(place: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "letter").write_text("dear")
    run = Run(tmp_path / "run")
    link = run.path / place
    link.parent.mkdir(parents=True)
    link.symlink_to(victim if "." not in place else victim / "letter")
    with pytest.raises(StateError, match="is a link that leads out of"), run.lock():
        pass
    assert (victim / "letter").read_text() == "dear"
    link.unlink()
    (run.path / "inside").mkdir(exist_ok=True)
    link.symlink_to(run.path / "inside")
    if place != ".lock":
        with run.lock():
            pass


def test_a_run_that_is_a_link_itself_is_its_users_own(tmp_path: Path) -> None:
    (tmp_path / "disk" / "run").mkdir(parents=True)
    (tmp_path / "run").symlink_to(tmp_path / "disk" / "run")
    with Run(tmp_path / "run").lock():
        assert is_held(tmp_path / "disk" / "run" / LOCK)
