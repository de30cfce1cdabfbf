"""The last words of a log."""

from __future__ import annotations

from pathlib import Path

from hybench.runs.events import EventLog, last_events


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
