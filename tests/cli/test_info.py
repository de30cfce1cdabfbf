"""What runs say of themselves."""

from __future__ import annotations

import json
from pathlib import Path

from hybench.runs.events import read_events
from hybench.runs.run import Run


def test_what_a_run_says_of_itself(here: Path) -> None:
    run = Run(here / "runs" / "mono")
    assert json.loads(run.environment_file.read_text())["device"] == "cpu"
    assert "done" in {event["event"] for event in read_events(run.events_file).events}
