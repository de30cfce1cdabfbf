"""Takes the pictures of docs/dashboard.md: ``python -m tools.dashboard_pictures RUNS DATA``.

RUNS is a folder of evaluated runs, such as ``demo/runs`` of ``hybench demo``; DATA is its data.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.pilot import Pilot

from hybench.tui.app import Dashboard
from hybench.tui.options import Options

OUT = Path(__file__).resolve().parents[1] / "docs" / "dashboard"
SIZE = (110, 32)

STEPS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("runs", ("space", "space", "space", "space", "home"), "dev score"),
    ("matrix", ("2", "right"), "reference: mono"),
    ("cross", ("3", "n", "n", "d"), "minus mono"),
    ("compare", ("4", "n"), "Configs differ in"),
    ("queries", ("5", "n", "enter"), "Relevant: "),
)
"""Names of pictures, keys that lead there, and what stands there then."""


async def take(runs: Path, data: Path) -> None:
    """Go through the tabs and write a picture of each."""
    app = Dashboard(Options([runs], data, every=0.2))
    OUT.mkdir(parents=True, exist_ok=True)
    async with app.run_test(size=SIZE) as pilot:
        await _until(pilot, lambda: app.looked and bool(app.fleet.views))
        for name, keys, text in STEPS:
            for key in keys:
                await pilot.press(key)
                await _until(pilot, lambda: app.desk.scores is not None or app.pane.id == "runs")
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
    asyncio.run(take(Path(sys.argv[1]), Path(sys.argv[2])))
