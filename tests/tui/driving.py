"""Drives the dashboard without a terminal, and writes runs for it to show."""

from __future__ import annotations

import asyncio
import math
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import tomli_w
from textual.pilot import Pilot

from hybench.config.train import TrainConfig
from hybench.runs.events import EventLog
from hybench.runs.run import LOCK, Run
from hybench.tui.app import Dashboard
from hybench.tui.options import Options
from tests.waiting import HANG

NOW = 1_000_000.0
"""The dashboard's time."""

SNAPSHOTS = Path(__file__).parent / "snapshots"

_WRITE = os.environ.get("HYBENCH_SNAPSHOTS") == "write"
"""As it was before the tests, in which no variable of hybench's is set."""

Script = Callable[[Dashboard, Pilot[None]], Awaitable[None]]


def write_run(folder: Path, name: str, **config: Any) -> Run:
    """A run without a log."""
    run = Run(folder / name)
    run.path.mkdir(parents=True)
    resolved = TrainConfig(**{"data": ("atlas",), "steps": 100, **config}).resolved()
    run.config_file.write_text(tomli_w.dumps(resolved.to_toml()))
    (run.path / LOCK).touch()  # a run of this machine, which a copy has not
    return run


def write_steps(
    run: Run, steps: range, clock: float = NOW - 60, losses: Mapping[int, float] | None = None
) -> None:
    """Step events whose loss falls from 4; `losses` says what it is instead."""
    log = EventLog(run.events_file, clock=lambda: clock)
    for step in steps:
        loss = (losses or {}).get(step, 4 * math.exp(-step / 30))
        log.append(
            "step",
            step=step,
            loss=loss,
            loss_mono=loss,
            batch_kind="mono",
            lr=step / 1000,
            grad_norm=1.0,
            examples=step * 8,
            tokens=step * 100,
            examples_per_second=800.0,
            seconds=step / 10,
            memory_mb=500.0,
        )


def write_training(folder: Path, name: str, steps: int = 100, **config: Any) -> Run:
    """A run with a log: a start, `steps` steps, a validation at every 25th, and an end."""
    run = write_run(folder, name, **config)
    log = EventLog(run.events_file, clock=lambda: NOW - 60)
    log.append("start", step=0, steps=100, validation=["atlas"])
    for first in range(1, steps, 25):
        last = min(first + 24, steps)
        write_steps(run, range(first, last + 1))
        scores = {"en": 0.5 + last / 400, "yo": 0.3 + last / 400}
        score = sum(scores.values()) / 2
        log.append("validation", step=last, score=score, scores={"atlas": {"mono": scores}})
    if steps == 100:
        log.append("done", step=100, best_score=0.65)
    return run


def options(*paths: Path, **changed: Any) -> Options:
    """What a dashboard of these folders is started with."""
    data = paths[0].parent / "data"
    return Options(paths, **{"data_dir": data, "clock": lambda: NOW, **changed})


def drive(given: Options, script: Script, size: tuple[int, int] = (80, 24), **how: Any) -> None:
    """Run a script on the dashboard once it has looked for runs."""

    async def run() -> None:
        app = Dashboard(given, **how)
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: app.looked)
            await script(app, pilot)

    asyncio.run(run())


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Wait for something that a thread brings about."""
    end = monotonic() + HANG
    while not holds():
        assert monotonic() < end, "it did not come to that:\n" + "\n".join(screen(pilot))
        await pilot.pause(0.01)
    await pilot.pause()


async def shows(pilot: Pilot[None], text: str) -> None:
    """Wait until a text stands on the screen."""
    await until(pilot, lambda: any(text in line for line in screen(pilot)))


def screen(pilot: Pilot[None]) -> list[str]:
    """What the terminal would show, line by line."""
    strips = pilot.app.screen._compositor.render_strips()
    return [strip.text.rstrip() for strip in strips]


def said(pilot: Pilot[None]) -> str:
    """The screen as one text, whatever its lines."""
    return re.sub(r"\s+", " ", " ".join(screen(pilot)))


def frozen(pilot: Pilot[None], name: str, hidden: str = "") -> None:
    """Compare the screen with what was kept; HYBENCH_SNAPSHOTS=write keeps it anew.

    Args:
        pilot: of the screen.
        name: of what was kept.
        hidden: a line with this text is not compared.
    """
    lines = ["…" if hidden and hidden in line else line for line in screen(pilot)]
    text = re.sub(r"\d\d:\d\d:\d\d", "HH:MM:SS", "\n".join(lines)) + "\n"
    file = SNAPSHOTS / f"{name}.txt"
    if _WRITE:
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text
