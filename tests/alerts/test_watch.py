"""What happens to runs between two looks is told once, and nothing that was before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hybench.alerts.watch import KINDS, Alert, AlertWatch
from hybench.runs.log_end import LoggedAlarm
from hybench.runs.status import RunStatus


def run(name: str = "one", **fields: Any) -> RunStatus:
    values = {"name": name, "path": Path("runs", name), "kind": "train", "state": "running"}
    return RunStatus(**{**values, "step": 7, **fields})


COLLAPSE = LoggedAlarm("collapse", 5, "The vectors have collapsed.")
SWAHILI = LoggedAlarm("language", 6, "sw falls.")


def kinds(alerts: tuple[Alert, ...]) -> list[str]:
    return [alert.kind for alert in alerts]


def test_what_was_before_the_first_look_is_not_told() -> None:
    watch = AlertWatch()
    before = [run(state="failed", reason="The loss is nan."), run("two", alarms=(COLLAPSE,))]
    assert watch.take(before) == ()
    assert watch.take(before) == ()


@pytest.mark.parametrize("state", ["failed", "stalled", "interrupted", "done"])
def test_a_state_is_told_as_it_begins(state: Any) -> None:
    watch = AlertWatch()
    watch.take([run()])
    now = run(state=state, reason="The loss is nan.")
    [alert] = watch.take([now])
    assert (alert.kind, alert.run, alert.folder, alert.step) == (state, "one", Path("runs/one"), 7)
    assert ("The loss is nan." in alert.text) == (state in {"failed", "interrupted"})
    assert alert.text.startswith("one ")
    assert watch.take([now]) == ()
    watch.take([run()])
    assert kinds(watch.take([now])) == [state]  # resumed, and again


def test_each_alarm_is_told_once() -> None:
    watch = AlertWatch()
    watch.take([run()])
    assert kinds(watch.take([run(alarms=(COLLAPSE, SWAHILI))])) == ["collapse", "language"]
    again = replace(SWAHILI, step=9)
    [alert] = watch.take([run(alarms=(COLLAPSE, SWAHILI, again))])
    assert (alert.text, alert.step) == ("sw falls.", 9)


def test_a_run_that_appears_has_ended_since() -> None:
    watch = AlertWatch()
    watch.take([])
    assert kinds(watch.take([run(state="done"), run("two")])) == ["done"]


def test_only_what_is_asked_for_is_told() -> None:
    watch = AlertWatch(("failed",))
    watch.take([run(), run("two")])
    now = [run(state="done", alarms=(COLLAPSE,)), run("two", state="failed")]
    assert kinds(watch.take(now)) == ["failed"]


def test_kinds_are_those_of_the_alarms() -> None:
    from hybench.training import alarms

    said = alarms.alarms([0.99], {})
    assert {alarm.kind for alarm in said} <= set(KINDS)
    assert [alarm.kind for alarm in said] == ["collapse"]
