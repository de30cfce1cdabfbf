"""Tab 1: the list and the curves, while runs come, go, grow and break."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from hybench.alerts.watch import Alert
from hybench.files.documents import write_json
from hybench.runs.events import EventLog
from hybench.runs.run import STUDY, Run
from hybench.studies.run import LOG
from hybench.tui.app import Dashboard
from hybench.tui.panes.runs import RunsPane
from hybench.tui.widgets.prompt import Prompt
from tests.tui.driving import (
    NOW,
    drive,
    frozen,
    options,
    said,
    screen,
    shows,
    until,
    write_run,
    write_steps,
    write_training,
)

SIZES = [(60, 20), (80, 24), (140, 40)]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    write_training(folder, "hybrid", 60)
    write_training(folder, "mono", alpha=1.0)
    return folder


@pytest.mark.parametrize("size", SIZES)
def test_the_list_and_the_curves(runs: Path, size: tuple[int, int]) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "hybrid 0.")
        await shows(pilot, "run  ")  # the list stands, with its columns
        if size == SIZES[-1]:
            await shows(pilot, "state  ")
        frozen(pilot, f"runs-{size[0]}x{size[1]}")

    drive(options(runs), script, size)


def test_ascii_draws_with_ascii_alone(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("space", "y")
        await shows(pilot, "log")
        assert "\n".join(screen(pilot)).isascii()
        frozen(pilot, "runs-ascii")

    drive(options(runs, ascii=True), script)


def test_live_runs_grow_on_the_screen(runs: Path) -> None:
    run = write_training(runs, "live", 50)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G")
        await shows(pilot, "● live")
        assert screen(pilot)[3].startswith("◇ ● live")
        assert "50/100" in screen(pilot)[3]
        write_steps(run, range(51, 76), clock=NOW)
        app.tick()
        await until(pilot, lambda: "75/100" in screen(pilot)[3])
        assert "● 1 live" in screen(pilot)[0]

    with run.lock():
        drive(options(runs, every=3600.0), script)


def test_runs_that_come_and_go(runs: Path) -> None:
    now = [NOW]

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G")
        await shows(pilot, "mono")
        write_training(runs, "another", 25)
        now[0] += 10
        await shows(pilot, "another")
        shutil.rmtree(runs / "hybrid")
        await shows(pilot, "· hybrid")
        await pilot.press("exclamation_mark")
        await shows(pilot, "hybrid Its folder is gone.")

    drive(options(runs, every=0.05, clock=lambda: now[0]), script)


@pytest.mark.parametrize(
    ("damage", "badge", "said"),
    [
        (b'{"event": "step", "ti\n', "torn 1", "Lines of its log that are not events: 1."),
        (b'{"event": "step", "time": 1, "step": 61, "loss": NaN}\n', "NaN", "Its loss is NaN"),
        (
            b'{"event": "step", "time": 1001000, "step": 61, "loss": 1.0}\n',
            "clock",
            "Its clock is 17 min ahead",
        ),
        (b"\xff\x00\n[1]\n{}\n", "torn 3", "not events: 3."),
    ],
)
def test_what_is_odd_gets_a_badge_and_a_line(
    runs: Path, damage: bytes, badge: str, said: str
) -> None:
    with (runs / "hybrid" / "events.jsonl").open("ab") as file:
        file.write(damage)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, badge)
        assert "in the log" in screen(pilot)[-1]
        await pilot.press("exclamation_mark")
        await shows(pilot, said)
        await pilot.press("escape")
        await shows(pilot, "hybrid")

    drive(options(runs, every=0.05), script)


def test_a_log_that_is_begun_anew_shows_its_new_curves(runs: Path) -> None:
    run = runs / "hybrid"

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "hybrid 0.")
        (run / "events.jsonl").unlink()
        EventLog(run / "events.jsonl", clock=lambda: NOW).append(
            "step", step=1, loss=3.25, seconds=1.0, examples=8
        )
        await shows(pilot, "hybrid 3.25")
        await pilot.press("exclamation_mark")
        await shows(pilot, "started again")

    drive(options(runs, every=0.05), script)


def test_a_run_without_a_log_and_one_that_failed(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    write_run(runs, "fresh")
    failed = write_training(runs, "broken", 25)
    EventLog(failed.events_file, clock=lambda: NOW).append("failed", step=25, reason="no memory")

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G")
        await shows(pilot, "✗ broken")
        await shows(pilot, "◌ fresh")
        await pilot.press("exclamation_mark")
        await shows(pilot, "It failed. no memory")

    drive(options(runs), script)


def test_nothing_there_says_what_to_run(tmp_path: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        for tab in "23451":
            await pilot.press(tab)
            await shows(pilot, f"There is no folder {tmp_path / 'runs'}"[:50])
            assert not any("No run here" in line for line in screen(pilot))
        (tmp_path / "runs").mkdir()
        await shows(pilot, f"No runs in {tmp_path / 'runs'}"[:50])
        await shows(pilot, "hybench train --data SET")
        for tab in "2345":
            await pilot.press(tab)
            await shows(pilot, "No run here has results yet.")
            await shows(pilot, "hybench eval")

    drive(options(tmp_path / "runs"), script)


def test_a_study_that_tunes_says_how_far_it_is_before_it_has_runs(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "arms"
    folder.mkdir(parents=True)
    cells = {"a-s0": {"arm": "a", "seed": 0}}
    tuning = {"runs": {".trial-0-a": "a", ".trial-1-a": "a"}}
    write_json(folder / STUDY, {"name": "arms", "cells": cells, "tuning": tuning})
    log = EventLog(folder / LOG, clock=lambda: NOW)
    log.append("cell_begun", cell=".trial-0-a")
    log.append("cell_done", cell=".trial-0-a", seconds={"train": 60.0})

    async def script(_app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "arms tuning 1 of 2")
        await shows(pilot, "arms: 2 of 3 cells left, 1 of them trials, which take about 1 min")
        assert not any("hybench train" in line for line in screen(pilot))

    drive(options(folder), script)
    drive(options(folder.parent), script)


def test_studies_are_found_and_their_runs_told_apart(tmp_path: Path) -> None:
    for study in ("first", "second"):
        write_training(tmp_path / "runs" / study, "mono", 25)
        (tmp_path / "runs" / study / "study.json").write_text("{}")

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G")
        await shows(pilot, "first/mono")
        await shows(pilot, "second/mono")
        await pilot.press("N")  # a new run is none of the study's
        asked = app.query_one(RunsPane).query_one("#run-command", Prompt).query_one(Input).value
        assert f"--runs-dir {tmp_path / 'runs'} --data-dir" in asked

    drive(options(tmp_path / "runs"), script)


def test_filter_sort_and_mark(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"hyb")
        await until(pilot, lambda: not any(" mono " in line for line in screen(pilot)[2:7]))
        await pilot.press("escape")
        await until(pilot, lambda: any(" mono " in line for line in screen(pilot)[2:7]))
        await pilot.press("slash", *"interrupted", "enter")
        await until(pilot, lambda: not any(" mono " in line for line in screen(pilot)[2:7]))
        await pilot.press("slash", *["backspace"] * 11, "enter", "s")
        assert app.query_one(RunsPane).sort == "name"
        assert screen(pilot)[3].split()[2] == "hybrid"
        await pilot.press("home", "space", "space")
        assert [path.name for path in app.marked] == ["hybrid", "mono"]
        await until(pilot, lambda: "◆hybrid" in screen(pilot)[5] and "◆mono" in screen(pilot)[5])
        await pilot.press("u")
        assert app.marked == []

    drive(options(runs), script)


def test_zoom_pan_cursor_and_axes(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        charts = app.query_one(RunsPane).charts
        await shows(pilot, "hybrid 0.")
        await pilot.press("plus")
        left, right = charts._range()
        assert right - left == pytest.approx(59 * 0.6)
        await pilot.press("full_stop")
        assert charts._range()[0] > left
        await pilot.press("minus", "minus", "r")
        assert charts.left is None
        await pilot.press("tab", *["left"] * 30)
        assert charts.cursor is not None
        await shows(pilot, "loss EMA .9 @3")
        await pilot.press("escape", "x")
        await shows(pilot, "time")
        await pilot.press("x")
        await shows(pilot, "examples")
        await pilot.press("g", "y")
        await shows(pilot, "loss EMA .98 log")
        await pilot.press("m")
        await shows(pilot, "dev score log")

    drive(options(runs), script)


def test_nan_and_alarms_stand_in_the_chart(tmp_path: Path) -> None:
    run = write_training(tmp_path / "runs", "odd", 25)
    write_steps(run, range(26, 101), losses={60: float("nan")})
    log = EventLog(run.events_file, clock=lambda: NOW)
    log.append("alarm", step=30, kind="collapse", text="vectors collapse")

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "▾")
        lines = [line for line in screen(pilot) if "×" in line]
        assert len(lines) == 1

    drive(options(tmp_path / "runs"), script)


def test_a_screen_that_is_too_small_says_so_and_comes_back(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.resize_terminal(59, 14)
        await shows(pilot, "Terminal too small: 59×14, the dashboard needs 60×15.")
        assert not any("hybrid" in line for line in screen(pilot))
        await pilot.resize_terminal(60, 15)
        await shows(pilot, "hybrid")
        await pilot.press("down")
        assert app.query_one(RunsPane).grid.row == 1
        for size in ((250, 70), (80, 24), (140, 40)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda size=size: len(screen(pilot)) == size[1])  # type: ignore[misc]
            assert all(len(line) <= size[0] for line in screen(pilot))

    drive(options(runs), script)


def test_nothing_covers_what_a_screen_that_is_too_small_says(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        text = "yo falls while others do not. " * 9
        alert = Alert("language", "hybrid", runs / "hybrid", text, step=1)
        app.post_message(Dashboard.Happened(alert))
        await shows(pilot, "yo falls while others do not.")
        await pilot.resize_terminal(40, 10)
        await shows(pilot, "Terminal too small: 40×10")
        assert "falls" not in said(pilot)

    drive(options(runs), script)


def test_keys_can_be_others(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("z")
        assert [path.name for path in app.marked] == ["hybrid"]
        await pilot.press("question_mark")
        await shows(pilot, "  z ")

    drive(options(runs, keys={"mark": "z"}), script)


def test_help_has_the_keys_of_the_tab(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        await shows(pilot, "Logarithmic axis")
        await pilot.press("escape", "2", "question_mark")
        await shows(pilot, "Make the run of this column the reference")

    drive(options(runs), script)


def test_what_is_no_step_is_passed_over(runs: Path) -> None:
    lines = [{"event": "step", "step": "x"}, {"event": "validation", "step": 99, "scores": [1]}]
    with (runs / "hybrid" / "events.jsonl").open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "hybrid 0.")

    drive(options(runs), script)


def test_a_log_that_grows_while_it_is_drawn_does_not_tear_the_charts(runs: Path) -> None:
    def lines(app: Dashboard) -> list[str]:
        charts = app.query_one(RunsPane).charts
        return [charts.draw_line(y, charts.size.width).text for y in range(charts.size.height)]

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "hybrid 0.")
        await until(pilot, lambda: not app._reading)
        app._reading = True  # so that nothing else reads
        before = lines(app)
        write_steps(Run(runs / "hybrid"), range(61, 100))
        app.watched.read([runs / "hybrid"])  # as its thread does, between two lines
        assert lines(app) == before
        app.query_one(RunsPane).update_view()
        await pilot.pause()
        after = lines(app)
        assert after != before
        for line in after:
            await shows(pilot, line.strip())

    drive(options(runs), script)
