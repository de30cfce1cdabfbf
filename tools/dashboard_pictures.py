"""Takes the pictures of docs/dashboard.md: ``python -m tools.dashboard_pictures RUNS DATA``.

RUNS is the folder of ``hybench study run studies/atlas-budget.toml``, of which the runs of 1,000
steps are shown; DATA is that of its data.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.pilot import Pilot

from hybench.tui.app import Dashboard
from hybench.tui.options import Options

BUDGET = "-steps1000"
OUT = Path(__file__).resolve().parents[1] / "docs" / "dashboard"
SIZE = (110, 32)

STEPS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("runs", (*"/s0", "enter", "space", *["down"] * 3, *"  ", *"yg"), "dev score"),
    ("matrix", ("1", "u", "2", "right"), "reference: mono"),
    ("cross", ("3", "n", "n"), "(mean of 5 seeds)"),
    ("compare", ("4", "n"), "Configs differ in"),
    ("queries", ("5", "n", "enter"), "Relevant: "),
)
"""Names of pictures, keys that lead there, and what stands there then."""


def of_one_budget(runs: Path, folder: Path) -> Path:
    """A folder with the runs of one budget, by the names of their arms and seeds."""
    for run in sorted(runs.glob(f"*{BUDGET}-*")):
        (folder / run.name.replace(BUDGET, "")).symlink_to(run.resolve())
    (folder / "bm25").symlink_to((runs / "bm25").resolve())
    return folder


async def take(runs: Path, data: Path) -> None:
    """Go through the tabs and write a picture of each."""
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    app = Dashboard(Options([runs], data, every=0.2))
    OUT.mkdir(parents=True, exist_ok=True)
    async with app.run_test(size=SIZE) as pilot:
        await _until(pilot, lambda: app.looked and bool(app.watched.views))
        for name, keys, text in STEPS:
            for key in keys:
                await pilot.press(key)
                await _until(
                    pilot, lambda: app.comparisons.scores is not None or app.pane.id == "runs"
                )
                await pilot.pause(1.0)
            await _until(pilot, partial(_shows, app, text))
            (OUT / f"{name}.svg").write_text(app.export_screenshot(title="hybench tui"), "utf-8")


def _shows(app: Dashboard, text: str) -> bool:
    """Whether a text stands on the screen."""
    strips = app.screen._compositor.render_strips()
    return any(text in strip.text for strip in strips)


async def _until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    while not holds():
        await pilot.pause(0.05)


if __name__ == "__main__":
    with TemporaryDirectory() as some:
        asyncio.run(take(of_one_budget(Path(sys.argv[1]), Path(some)), Path(sys.argv[2])))
