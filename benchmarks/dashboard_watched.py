"""The process that `benchmarks.dashboard` measures; it imports nothing but what it measures."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHOWN, TICKS = 8, 20
"""Runs that are drawn, and looks that are timed."""


@dataclass
class Seen:
    """Measurements of one dashboard.

    Attributes:
        paint: seconds from the start of the process to the first runs on the screen.
        filled: seconds to all runs.
        ticks: milliseconds of CPU of each look with its redraw, while one run grows.
        redraws: milliseconds of drawing the curves of `SHOWN` runs.
        grids: milliseconds of drawing their dev scores, a chart for every language.
        torch: whether torch was imported.
    """

    paint: float
    filled: float
    ticks: list[float]
    redraws: list[float]
    grids: list[float]
    torch: bool


def watch(folder: Path, started: float) -> Seen:
    """Show the runs without a terminal and measure."""
    from hybench.runs.events import EventLog
    from hybench.runs.run import Run
    from hybench.tui.app import Dashboard
    from hybench.tui.options import Options as Given
    from hybench.tui.panes.dev_curves import DevPane
    from hybench.tui.panes.runs import RunsPane

    async def until(holds: Callable[[], bool]) -> None:
        while not holds():
            await asyncio.sleep(0.005)  # a pilot's pause would take CPU of its own

    async def run() -> Seen:
        app = Dashboard(Given([folder], folder, every=3600.0))
        async with app.run_test(size=(140, 40)):
            grid = app.query_one(RunsPane).grid
            await until(lambda: len(grid.table.records) > 0)
            paint = time.time() - started
            count = len(list(folder.glob("*/config.toml")))
            await until(lambda: len(grid.table.records) == count)
            filled = time.time() - started
            app.marked = list(app.watched.views)[:SHOWN]
            await _all_read(app, until)
            redraws, charts = [], app.query_one(RunsPane).charts
            for _ in range(TICKS):
                charts._made.clear()
                begun = time.perf_counter()
                charts.draw_all()
                redraws.append(1000 * (time.perf_counter() - begun))
            app.action_tab("dev")
            grids, multiples = [], app.query_one(DevPane).charts
            await until(lambda: multiples.size.height > 0)
            app.tick()  # what a tab shows is drawn with the next look
            await until(lambda: len(multiples.language) > 0 and multiples.size.height > 0)
            for _ in range(TICKS):
                begun = time.perf_counter()
                multiples.draw_all()
                grids.append(1000 * (time.perf_counter() - begun))
            app.action_tab("runs")
            live = Run(folder / "live")
            log = EventLog(live.events_file)
            ticks = []
            for number in range(TICKS):
                log.append("step", step=number + 1, loss=1.0, seconds=number + 0.5)
                begun = time.process_time()
                app.tick()
                await until(lambda: not app._reading)
                await asyncio.sleep(0.1)  # for the paint
                ticks.append(1000 * (time.process_time() - begun))
        return Seen(paint, filled, ticks, redraws, grids, "torch" in sys.modules)

    return asyncio.run(run())


async def _all_read(app: Any, until: Callable[..., Awaitable[None]]) -> None:
    """Wait until the logs of the marked runs were read to their ends."""
    version = -1
    while version != (version := sum(_version(app, path) for path in app.marked)):
        app.tick()
        await until(lambda: not app._reading)


def _version(app: Any, path: Path) -> int:
    history = app.watched.history(path)
    return 0 if history is None else int(history.version)


def child() -> None:
    """Measure in this process; its arguments are the folder."""
    import resource

    seen = watch(Path(sys.argv[1]), float(sys.argv[2]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**vars(seen), "peak": peak}))
