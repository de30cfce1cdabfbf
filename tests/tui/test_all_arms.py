"""Where there are many arms, the comparison is of all of them, as `hybench compare`'s is."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot

from hybench.tui.app import Dashboard
from tests.cli.program import works
from tests.comparison.conftest import MakeRun, mono
from tests.tui.driving import drive, options, said, shows, until

WIDE = (140, 40)


@pytest.fixture
def many(make_run: MakeRun, tmp_path: Path) -> Path:
    """Fourteen arms of five seeds."""
    for arm in range(14):
        for seed in range(5):
            random = np.random.default_rng(arm * 5 + seed)
            scores = {code: random.beta(2 + arm / 4, 2, 12).tolist() for code in ("de", "sw")}
            config = {"alpha": arm / 14, "seed": seed}
            make_run(f"arm{arm:02}-s{seed}", mono(scores), config=config)
    return tmp_path / "runs"


@pytest.mark.parametrize("marks", [[], ["a"]])
def test_of_many_arms_the_verdict_is_that_of_all(many: Path, marks: list[str]) -> None:
    table = works("compare", many, "--group-seeds", "--format", "md").out
    [verdict] = re.findall(r"Of 13 arms[^.]*\.", table)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press(*marks, "2")
        await shows(pilot, "arm00 (5)")
        for tab in ("2", "4"):
            await pilot.press(tab, "i")
            await shows(pilot, "Summary")
            assert verdict in said(pilot)
            assert "Options in these notes belong to hybench compare" in said(pilot)
            await pilot.press("escape")

    drive(options(many), script, WIDE)


def test_marked_runs_that_are_not_compared_are_told_wherever_notes_are(seeds: Path) -> None:
    (seeds / "hybrid-s1" / "results").rename(seeds / "away")

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("a")
        for keys in (["2"], ["4"], ["i"]):
            await pilot.press(*keys)
            await until(pilot, lambda: "3 of the 4 marked runs are compared: those" in said(pilot))

    drive(options(seeds), script, WIDE)
