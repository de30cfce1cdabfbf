"""Takes the pictures of docs/dashboard.md: ``python -m tools.dashboard_pictures RUNS DATA [OUT]``.

RUNS is the folder of ``hybench study run studies/real-static.toml``, of which the first three seeds
are shown; DATA is that of its data. With OUT, every tab is taken at three sizes, dark and light,
into that folder, to be looked at; without it, the few that the page shows.
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

KEPT = Path(__file__).resolve().parents[1] / "docs" / "dashboard"
KEPT_SIZE = (110, 32)
SIZES = ((80, 24), (120, 36), (200, 56))
THEMES = ("dark", "light")
SEEDS = ("s0", "s1", "s2")
SET = "xquad-r-articles"

STEPS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("runs", (*"/!base", "enter", *["down"] * 3, *"   ", "home"), "n 3"),
    ("dev", ("u", "6"), "against mono"),
    ("matrix", ("2",), f"{SET} (test)"),
    ("cross", ("3", "n", "n"), "(mean of 3 seeds)"),
    ("compare", ("4", "n"), "Configs differ in"),
    ("queries", ("5", "n", "enter"), "Relevant: "),
)
"""Names of pictures, keys that lead there, and what stands there then."""


def of_few_seeds(runs: Path, folder: Path) -> Path:
    """A folder with the first seeds of every arm, and the model that they began with."""
    for run in sorted(runs.iterdir()):
        if run.name == "base" or run.name.rpartition("-")[2] in SEEDS:
            (folder / run.name).symlink_to(run.resolve())
    return folder


async def take(
    runs: Path, data: Path, out: Path, size: tuple[int, int], theme: str, ending: str
) -> None:
    """Go through the tabs and write a picture of each."""
    app = Dashboard(Options([runs], data, every=0.2))
    out.mkdir(parents=True, exist_ok=True)
    async with app.run_test(size=size) as pilot:
        app.theme = f"textual-{theme}"
        await _until(pilot, lambda: app.looked and bool(app.watched.views))
        app.choose(key=SET)
        for name, keys, text in STEPS:
            for key in keys:
                await pilot.press(key)
                await _until(pilot, partial(_compared, app))
                await pilot.pause(0.3)
            await _until(pilot, partial(_shows, app, text))
            await pilot.pause(1.0)
            picture = app.export_screenshot(title="hybench tui")
            (out / f"{name}{ending}.svg").write_text(picture, "utf-8")


def _compared(app: Dashboard) -> bool:
    """Whether the open tab has what it shows."""
    if app.pane.id in {"runs", "dev"}:
        return True
    # The list says how it is sorted, a query's rankings what is relevant.
    read = app.pane.id != "queries" or _shows(app, "worst first") or _shows(app, "Relevant: ")
    return app.comparisons.scores is not None and read


def _shows(app: Dashboard, text: str) -> bool:
    """Whether a text stands on the screen."""
    strips = app.screen._compositor.render_strips()
    return any(text in strip.text for strip in strips)


async def _until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    while not holds():
        await pilot.pause(0.05)


def main(runs: Path, data: Path, out: Path | None) -> None:
    """Take the pictures that are kept, or all of them into a folder."""
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with TemporaryDirectory() as some:
        few = of_few_seeds(runs, Path(some))
        if out is None:
            asyncio.run(take(few, data, KEPT, KEPT_SIZE, "dark", ""))
            return
        for theme in THEMES:
            for size in SIZES:
                ending = f"-{size[0]}x{size[1]}-{theme}"
                asyncio.run(take(few, data, out, size, theme, ending))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
