"""The dashboard on many long runs, in its own process: first paint, ticks, redraws, memory."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.harness import Check, Options, Report, Timing, main
from benchmarks.startup import QUERIES, write_config, write_logs

RUNS, EVENTS, SHOWN, TICKS = 500, 100_000, 8, 20
BARS = {
    "first paint, s": 0.5,
    "tick, ms of CPU": 50.0,
    "redraw, ms": 50.0,
    "redraw of a chart of every language, ms": 60.0,
    "memory, MiB": 300.0,
}

_NOTE = (
    "Textual without a terminal, 140×40; files in the page cache. The logs of the "
    f"{SHOWN} runs marked are read whole before ticks and redraws are timed; torch is not imported."
)


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

    count = len(list(folder.glob("*/config.toml")))

    async def until(holds: Callable[[], bool]) -> None:
        while not holds():
            await asyncio.sleep(0.005)  # a pilot's pause would take CPU of its own

    async def run() -> Seen:
        app = Dashboard(Given([folder], folder, every=3600.0))
        async with app.run_test(size=(140, 40)):
            grid = app.query_one(RunsPane).grid
            await until(lambda: len(grid.table.records) > 0)
            paint = time.time() - started
            await until(lambda: len(grid.table.records) == count)
            filled = time.time() - started
            app.marked = list(app.watched.views)[:SHOWN]
            await _all_read(app, until)
            redraws, charts = [], app.query_one(RunsPane).charts
            for _ in range(TICKS):
                charts._made.clear()
                begun = time.perf_counter()
                charts._draw()
                redraws.append(1000 * (time.perf_counter() - begun))
            app.action_tab("dev")
            grids, multiples = [], app.query_one(DevPane).charts
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


def _measured(folder: Path) -> dict[str, Any]:
    code = "from benchmarks.dashboard import child; child()"
    words = [sys.executable, "-c", code, str(folder), str(time.time())]
    found = subprocess.run(words, check=True, capture_output=True, text=True)
    value: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return value


def write_all(folder: Path, runs: int, events: int) -> None:
    """Write the long logs, and one run that grows."""
    write_logs(folder, runs - 1, events)
    write_config(folder / "live")
    for number in range(runs - 1):  # each is an arm of its own
        config = folder / f"run-{number:03d}" / "config.toml"
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace("alpha = 0.5", f"alpha = {number / 1000}"), encoding="utf-8")


def dashboard(options: Options) -> Report:
    """Measure it, each round in its own process."""
    runs, events = (20, 2000) if options.quick else (RUNS, EVENTS)
    with TemporaryDirectory() as name:
        # A process's peak memory is at least that of the one that started it, which stays small.
        writer = multiprocessing.get_context("spawn").Process(
            target=write_all, args=(Path(name), runs, events)
        )
        writer.start()
        writer.join()
        if writer.exitcode:
            raise SystemExit("the runs could not be written")
        rounds = [_measured(Path(name)) for _ in range(options.rounds + 1)][1:]
    peak = max(each["peak"] for each in rounds)

    def timing(values: list[float]) -> Timing:
        return Timing(tuple(round(value, 5) for value in values), round(peak, 1), 0.0, 0.0)

    timings = {
        "first runs on the screen, from the start of the process": timing(
            [each["paint"] for each in rounds]
        ),
        "all runs in the list": timing([each["filled"] for each in rounds]),
        "a tick while a run grows, CPU": timing(
            [tick / 1000 for each in rounds for tick in each["ticks"]]
        ),
        f"the curves of {SHOWN} runs drawn": timing(
            [draw / 1000 for each in rounds for draw in each["redraws"]]
        ),
        f"their dev scores, {len(QUERIES)} languages": timing(
            [draw / 1000 for each in rounds for draw in each["grids"]]
        ),
    }
    paint, _, tick, redraw, grid = timings.values()
    drawn = [1000 * each.median for each in (tick, redraw, grid)]
    measured = (paint.median, *drawn, peak)
    if any(each["torch"] for each in rounds):
        raise SystemExit("torch was imported")
    return Report(
        title=f"The dashboard: {runs} runs × {events:,} events",
        timings=timings,
        checks=[
            Check(what, value, "≤", bar)
            for (what, bar), value in zip(BARS.items(), measured, strict=True)
        ],
        notes=[_NOTE],
    )


if __name__ == "__main__":
    main("dashboard", dashboard, packages=("textual",))
