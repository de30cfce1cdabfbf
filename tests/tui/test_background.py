"""Trainings that are started, stopped and resumed from the dashboard."""

from __future__ import annotations

import shlex
import time
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from hybench.tui.app import Dashboard
from tests.builders import toy_dataset
from tests.cli.program import TRAIN
from tests.tui.driving import drive, options, screen, shows, until
from tests.waiting import HANG


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_a_training_is_started_stopped_and_resumed(tmp_path: Path) -> None:
    toy_dataset(tmp_path / "data")
    folders = ("--runs-dir", str(tmp_path / "runs"), "--data-dir", str(tmp_path / "data"))
    long = shlex.join(["hybench", *TRAIN, "--steps", "200000", "--name", "new", *folders])

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("N")
        command = app.query_one("#run-command").query_one(Input)
        await until(pilot, lambda: command.value.startswith("hybench train --data toy --name new"))
        command.value = "rm -r runs"
        await pilot.press("enter")
        await shows(pilot, "cannot be started from here")
        await pilot.press("N")
        command.value = long
        await pilot.press("enter")
        await shows(pilot, "Started; its output goes to")
        for keys in ((), ("R", "enter")):
            await pilot.press(*keys)
            await until(pilot, lambda: "● new" in screen(pilot)[3])
            await until(pilot, lambda: "/200k" in screen(pilot)[3])
            await pilot.press("S", "enter")
            await until(pilot, lambda: "◌ new" in screen(pilot)[3])
        await pilot.press("S")
        await shows(pilot, "new is interrupted: there is nothing to stop.")
        for process in app.started:
            assert process.wait(timeout=HANG) == 130

    drive(options(tmp_path / "runs", every=0.2, clock=time.time), script)
