"""Tabs with results, frozen: made-up scores, so that they are the same everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot

from hybench.tui.app import Dashboard
from tests.comparison.conftest import MakeRun, make_run, mono
from tests.tui.driving import drive, frozen, options, shows, until

__all__ = ["make_run"]

SIZES = [(60, 20), (80, 24), (140, 40)]


@pytest.fixture
def runs(make_run: MakeRun, tmp_path: Path) -> Path:
    for number, (name, alpha) in enumerate((("cross", 0.0), ("hybrid", 0.5), ("mono", 1.0))):
        random = np.random.default_rng(number)
        languages = ("ar", "bn", "en", "ja", "sw", "te", "th", "yo")
        scores = {
            language: (random.beta(2, 2, 40) * (0.6 + 0.1 * (number + at % 3))).tolist()
            for at, language in enumerate(languages)
            if (name, language) != ("cross", "yo")
        }
        make_run(name, mono(scores), config={"alpha": alpha})
    return tmp_path / "runs"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("tab", "text"),
    [("2", "×100"), ("3", "bias"), ("4", "Configs differ"), ("5", "against mono")],
)
def test_a_tab(runs: Path, tab: str, text: str, size: tuple[int, int]) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press(tab)
        await shows(pilot, "40 " if tab in "24" else "a")
        await shows(pilot, text)
        if tab == "4":
            await until(pilot, lambda: app.comparisons.outlook)
        name = {"2": "matrix", "3": "cross", "4": "compare", "5": "queries"}[tab]
        frozen(pilot, f"{name}-{size[0]}x{size[1]}")

    drive(options(runs, data_dir=Path("data"), every=3600.0), script, size)
