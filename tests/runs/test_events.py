"""An event log survives what happens to files."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from hybench.runs.events import (
    EventLog,
    every_event,
    first_event,
    last_events,
    newest_events,
    read_events,
)


def test_the_last_event_of_a_kind_counts(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path, clock=lambda: 0.0)
    log.append("teacher", model="done")
    log.append("done", examples=1)
    log.append("step", text='"done"', step=3)
    log.append("done", examples=2)
    with path.open("ab") as file:
        file.write(b'{"event": "done", "examples"')  # cut short
    found = last_events(path, ("done", "teacher", "start"))
    assert {kind: event.get("examples") for kind, event in found.items()} == {
        "done": 2,
        "teacher": None,
    }
    assert last_events(tmp_path / "none.jsonl", ("done",)) == {}
    assert last_events(tmp_path, ("done",)) == {}


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


def test_events_of_a_kind_and_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path, clock=lambda: 1.0)
    for step in range(5):
        log.append("step", step=step, said='a "step" of "alarm"')
        log.append("alarm", step=step)
    assert [each["step"] for each in every_event(path, "alarm")] == [0, 1, 2, 3, 4]
    newest = [(each["event"], each["step"]) for each in newest_events(path, 3)]
    assert newest == [("alarm", 4), ("step", 4), ("alarm", 3)]
    assert len(newest_events(path, 100)) == 10
    assert first_event(path, "alarm")["step"] == 0
    assert first_event(path)["event"] == "step"
    assert every_event(tmp_path / "none", "alarm") == newest_events(tmp_path / "none", 3) == []
