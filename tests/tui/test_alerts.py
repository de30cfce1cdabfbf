"""What happens to a run is said in a corner, and sent on as `[alerts]` says."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from hybench.alerts.settings import AlertSettings
from hybench.runs.events import EventLog
from hybench.tui.app import Dashboard
from tests.tui.driving import NOW, drive, options, until, write_run, write_steps


@pytest.mark.parametrize("desktop", [True, False])
def test_a_run_that_fails_is_told(
    tmp_path: Path, desktop: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_run(tmp_path / "runs", "yo-s0")
    write_steps(run, range(1, 20))
    written: list[str] = []

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", written.append)
        log = EventLog(run.events_file, clock=lambda: NOW)
        log.append("failed", step=20, reason="The loss is nan.\x1b[31m")
        await until(pilot, lambda: list(app._notifications))
        [said] = list(app._notifications)
        assert (said.title, said.severity) == ("yo-s0", "error")
        assert said.message == "yo-s0 has failed: The loss is nan.\ufffd[31m"

    drive(options(tmp_path / "runs", alerts=AlertSettings(desktop=desktop)), script)
    told = "\x1b]9;hybench: yo-s0 has failed: The loss is nan.\ufffd[31m\x07"
    assert (told in written) is desktop
