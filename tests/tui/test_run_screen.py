"""One run whole: what its folder says of it, over the tabs, read again while it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from hybench.files.documents import write_json
from hybench.runs.events import EventLog
from hybench.runs.run import LOGS
from hybench.tui.app import Dashboard
from hybench.tui.widgets import run_screen
from tests.tui.driving import NOW, drive, options, said, screen, shows, write_training

TALL = (100, 110)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    write_training(folder, "hybrid", 50, batch_size=64)
    run = write_training(folder, "mono", alpha=1.0, batch_size=64)
    log = EventLog(run.events_file, clock=lambda: NOW - 30)
    log.append("alarm", step=75, kind="collapse", text="vectors collapse")
    log.append("done", step=100, best_score=0.65, seconds=42.5, flops=3_000_000_000_000)
    environment = {"versions": {"torch": "2.13.0"}, "device": "cpu", "argv": ["hybench", "a b"]}
    write_json(run.environment_file, environment)
    (folder / LOGS).mkdir()
    (folder / LOGS / "mono.log").write_bytes(b"\x1b[31mred\x1b[0m words\nat 1\rat 2\n")
    return folder


def test_a_run_whole(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G", "slash", *"mono", "enter", "w")
        await shows(pilot, "mono · done")
        for text in (
            "elapsed 30 s, pauses included",
            "steps 100 of 100",
            "train s 42.5",
            "train TFLOP 3",
            "step 75: vectors collapse",
            "batch_size 64",
            "Its log does not describe it.",
            "versions torch 2.13.0",
            "argv hybench 'a b'",
            "done step 100, best_score 0.65",
            "red words at 2",
        ):
            assert text in said(pilot)
        assert "where they differ" not in said(pilot)
        await pilot.press("escape")
        await shows(pilot, "run  ")

    drive(options(runs), script, (100, 240))


def test_configs_of_marked_runs_beside_it(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G", "a", "slash", *"mono", "enter", "w")
        await shows(pilot, "where they differ")
        text = said(pilot)
        table = text[text.index("where they differ") : text.index(" Config ")]
        assert table.split()[3:] == ["mono", "hybrid", "alpha", "1", "0.5"]

    drive(options(runs), script, TALL)


def test_it_follows_a_run_at_work(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_screen, "EVERY", 0.05)
    log = EventLog(runs / "hybrid" / "events.jsonl", clock=lambda: NOW - 1)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G", "slash", *"hyb", "enter", "w")
        await shows(pilot, "Operations and energy are logged when it is done.")
        assert "seconds 5" in said(pilot)
        log.append("alarm", step=50, kind="nan", text="its loss is NaN")
        await shows(pilot, "step 50: its loss is NaN")

    drive(options(runs), script, TALL)


def test_other_runs_and_sections_by_keys(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G", "w")
        await shows(pilot, "1 of 2")
        first = screen(pilot)[0].split()[0]
        await pilot.press("n")
        await shows(pilot, "2 of 2")
        assert {first, screen(pilot)[0].split()[0]} == {"hybrid", "mono"}
        await pilot.press("n")
        await shows(pilot, "1 of 2")
        await pilot.press("tab")
        assert screen(pilot)[0].strip() == "Time"
        await pilot.press("tab", "shift+tab", "shift+tab")
        assert screen(pilot)[0].split()[0] == first

    drive(options(runs), script)


def test_a_damaged_file_hides_no_other(runs: Path) -> None:
    (runs / "mono" / "environment.json").write_text("{")

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G", "slash", *"mono", "enter", "w")
        await shows(pilot, "Expecting property name")
        assert "red words" in said(pilot)

    drive(options(runs), script, (100, 240))
