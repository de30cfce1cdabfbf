"""Real results for the dashboard to show."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from hybench.runs.events import EventLog, read_events
from hybench.runs.run import Run
from tests.comparison.conftest import MakeRun, make_run, mono
from tests.tui.driving import NOW

__all__ = ["make_run"]

LANGUAGES = ("ar", "bn", "de", "en", "fi", "hi", "ja", "ko", "sw", "te", "yo", "zh")


@pytest.fixture
def evaluated(workshop: Path, tmp_path: Path) -> Path:
    """A folder with data and evaluated runs: bm25, hybrid and mono, of the set toy.

    Their logs end at `NOW`: of those of today, the dashboard would say that their clock is ahead.
    """
    shutil.copytree(workshop / "data", tmp_path / "data")
    shutil.copytree(workshop / "runs", tmp_path / "runs")
    for name in ("hybrid", "mono"):
        file = Run(tmp_path / "runs" / name).events_file
        events = read_events(file).events
        file.unlink()
        late = max(event["time"] for event in events) - NOW
        times = iter([event.pop("time") - late for event in events])
        log = EventLog(file, clock=times.__next__)
        for event in events:
            log.append(**event)
    return tmp_path / "runs"


@pytest.fixture
def seeds(make_run: MakeRun, tmp_path: Path) -> Path:
    """Two arms of two seeds, of which each seed alone tells another story."""
    for number, (name, alpha, seed, lift) in enumerate(
        (
            ("hybrid-s0", 0.5, 0, 0.2),
            ("hybrid-s1", 0.5, 1, -0.1),
            ("mono-s0", 1.0, 0, 0.0),
            ("mono-s1", 1.0, 1, 0.15),
        )
    ):
        random = np.random.default_rng(number)
        scores = {code: (random.beta(2, 2, 30) * 0.7 + lift).tolist() for code in LANGUAGES}
        make_run(name, mono(scores), config={"alpha": alpha, "seed": seed})
    return tmp_path / "runs"
