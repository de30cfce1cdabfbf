"""The dashboard on many long runs, in its own process: first paint, ticks, redraws, memory."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.harness import Check, Options, Report, Timing, main
from benchmarks.startup import QUERIES, as_installed, write_config, write_logs

EVENTS, SHOWN, TICKS = 100_000, 8, 20
FIRST_PAINT = {500: 0.5, 5000: 0.7}
"""Seconds to the first paint at most, by the number of runs."""

BARS = {
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


def _measured(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    code = "from benchmarks.dashboard import child; child()"
    words = [sys.executable, "-c", code, str(folder), str(time.time())]
    found = subprocess.run(words, check=True, capture_output=True, text=True, env=environment)
    value: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return value


def write_all(folder: Path, runs: int, events: int) -> None:
    """Write the long logs, and one run that grows."""
    write_logs(folder, runs - 1, events)
    write_config(folder / "live")
    for number in range(runs - 1):  # each is an arm of its own
        config = folder / f"run-{number:03d}" / "config.toml"
        text, alpha = config.read_text(encoding="utf-8"), number / (2 * runs)
        config.write_text(text.replace("alpha = 0.5", f"alpha = {alpha}"), encoding="utf-8")


def _measured_of(runs: int, events: int, rounds: int) -> tuple[dict[str, Timing], list[Check]]:
    """Measure with so many runs, each round in its own process."""
    with TemporaryDirectory() as name:
        # A process's peak memory is at least that of the one that started it, which stays small.
        writer = multiprocessing.get_context("spawn").Process(
            target=write_all, args=(Path(name), runs, events)
        )
        writer.start()
        writer.join()
        if writer.exitcode:
            raise SystemExit("the runs could not be written")
        with TemporaryDirectory() as bytecode:
            environment = as_installed(Path(bytecode))
            found = [_measured(Path(name), environment) for _ in range(rounds + 1)][1:]
    if any(each["torch"] for each in found):
        raise SystemExit("torch was imported")
    peak = max(each["peak"] for each in found)

    def timing(values: list[float]) -> Timing:
        return Timing(tuple(round(value, 5) for value in values), round(peak, 1), 0.0, 0.0)

    def drawn(what: str) -> Timing:
        return timing([milliseconds / 1000 for each in found for milliseconds in each[what]])

    timings = {
        "first runs on the screen, from the start of the process": timing(
            [each["paint"] for each in found]
        ),
        "all runs in the list": timing([each["filled"] for each in found]),
        "a tick while a run grows, CPU": drawn("ticks"),
        f"the curves of {SHOWN} runs drawn": drawn("redraws"),
        f"their dev scores, {len(QUERIES)} languages": drawn("grids"),
    }
    paint, _, *others = timings.values()
    values = (*(1000 * each.median for each in others), peak)
    of = f"{runs:,} runs: "
    checks = [Check(f"{of}first paint, s", paint.median, "≤", FIRST_PAINT.get(runs, 0.5))]
    checks += [
        Check(of + what, value, "≤", bar)
        for (what, bar), value in zip(BARS.items(), values, strict=True)
    ]
    return {of + what: each for what, each in timings.items()}, checks


def dashboard(options: Options) -> Report:
    """Measure it."""
    sizes, events = ((20,), 2000) if options.quick else (tuple(FIRST_PAINT), EVENTS)
    timings: dict[str, Timing] = {}
    checks: list[Check] = []
    for runs in sizes:
        found, bars = _measured_of(runs, events, options.rounds)
        timings |= found
        checks += bars
    title = f"The dashboard: {' and '.join(f'{runs:,}' for runs in sizes)} runs × {events:,} events"
    return Report(title=title, timings=timings, checks=checks, notes=[_NOTE])


if __name__ == "__main__":
    main("dashboard", dashboard, packages=("textual",))
