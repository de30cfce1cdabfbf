"""Keys in quick succession, and leaving while a file is written: nothing is lost or mistaken."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest
from textual import events
from textual.pilot import Pilot

from hybench.tui.app import Dashboard
from hybench.tui.model.scores import Scores
from hybench.tui.panes.comparison import ComparisonPane
from hybench.tui.panes.queries import QueriesPane
from hybench.tui.panes.runs import RunsPane
from hybench.tui.widgets.prompt import Prompt
from tests.tui.driving import drive, options, screen, shows, until, write_training
from tests.waiting import HANG

WIDE = (120, 30)


def paste(app: Dashboard, *keys: str) -> None:
    """Keys as a terminal sends them in one piece: no time passes between them."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


def test_keys_right_behind_a_prompts_go_to_it(tmp_path: Path) -> None:
    write_training(tmp_path / "runs", "mono", 50)
    write_training(tmp_path / "runs", "hybrid", 50)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "2 runs")
        pane = app.query_one(RunsPane)
        paste(app, "slash", *"mon")
        await until(pilot, lambda: pane.filter == "mon")
        paste(app, "enter")
        await shows(pilot, "1 of 2 runs · by state   filter mon")
        paste(app, "slash", *"Sw")
        await until(pilot, lambda: pane.filter == "Sw")
        assert not pane.query_one("#run-stop", Prompt).display
        await pilot.press("escape")
        paste(app, "5", "slash", *"lang")
        await until(pilot, lambda: app.pane is app.query_one(QueriesPane))
        await until(pilot, lambda: getattr(app.focused, "value", "") == "lang")
        assert pane.filter == "mon"

    drive(options(tmp_path / "runs"), script)


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_written_is_told_and_waited_for(
    evaluated: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    goes_on, file = Event(), evaluated / "compare.md"

    def slow(scores: Scores, path: Path) -> None:
        assert goes_on.wait(HANG)
        if fails:
            raise OSError("no room")
        path.write_text(scores.key)

    monkeypatch.setattr("hybench.tui.model.export.export", slow)
    monkeypatch.chdir(evaluated)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("4")
        await shows(pilot, "W/T/L")
        await pilot.press("e", "enter")
        await shows(pilot, "Writing compare.md…")
        assert app.query_one(ComparisonPane).grid.has_focus
        await pilot.press("q")
        await shows(pilot, "closes then")
        assert app.is_running
        goes_on.set()
        if fails:
            await shows(pilot, "no room")
            assert "Writing" not in screen(pilot)[-1]
        else:
            await until(pilot, lambda: not app.is_running)

    drive(options(evaluated), script, WIDE)
    assert file.exists() != fails


def test_the_second_quit_does_not_wait(evaluated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = Event()
    monkeypatch.setattr("hybench.tui.model.export.export", lambda *_: goes_on.wait(HANG))

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("4")
        await shows(pilot, "W/T/L")
        await pilot.press("e", "enter")
        await shows(pilot, "Writing compare.md…")
        await pilot.press("q", "q")
        await until(pilot, lambda: not app.is_running)

    drive(options(evaluated), script, WIDE)
    goes_on.set()
