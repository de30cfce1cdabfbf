"""The dashboard on many long runs, in its own process: first paint, ticks, redraws, memory."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.dashboard_watched import SHOWN
from benchmarks.harness import Check, Options, Report, Timing, main
from benchmarks.startup import QUERIES, as_installed, write_config, write_logs

EVENTS = 100_000
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


def _measured(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    code = "from benchmarks.dashboard_watched import child; child()"
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
