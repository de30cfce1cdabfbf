"""Every action has a key, is in the palette and in the help, which has a legend of all signs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from hybench.tui.app import Dashboard
from hybench.tui.draw.glyphs import ASCII, UNICODE, Glyphs
from hybench.tui.draw.text import width_of
from hybench.tui.keyed_app import TABS
from hybench.tui.model.help import KeyLine, Section, help_lines
from hybench.tui.model.signs import common_signs, signs_of
from hybench.tui.panes.runs import RunsPane
from tests.tui.driving import drive, options, said, screen, shows, until, write_training

_OF_FRAMES = {"across", "down", "corners", "braille"}


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for name in ("hybrid", "mono"):
        write_training(tmp_path / "runs", name, 50)
    return tmp_path / "runs"


def test_the_palette_has_every_action_with_its_key(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("6")
        found = {command.title: command for command in app.get_system_commands(app.screen)}
        for tab in TABS:
            for key in app._keys_of(type(app.pane_of(tab.name))):
                titles = (f"{key.text} ({key.keys})", f"{tab.title}: {key.text} ({key.keys})")
                assert found.keys() & {*titles}, titles
        others = ("Theme, light or dark", "Screenshot")
        for title in ("Tab Runs (1)", "Quit (q)", "Copy the cell to the clipboard (C)", *others):
            assert title in found
        assert "Grid in the charts (Z)" in found  # as a person chose it

    drive(options(runs, keys={"grid": "Z"}), script)


def test_the_palette_does_what_the_key_does_on_this_tab_and_on_others(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("6", "ctrl+p")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"Mark all that")
        await shows(pilot, "Runs: Mark all that are listed (a)")
        await pilot.press("enter")
        await until(pilot, lambda: len(app.marked) == 2)
        assert app.open_tab == "runs"
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"Logarithmic")
        await shows(pilot, "Logarithmic axis (y)")
        await pilot.press("enter")
        await until(pilot, lambda: app.query_one(RunsPane).charts.logarithmic)

    drive(options(runs), script)


def test_the_help_is_searched_while_it_is_typed(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        await shows(pilot, "1 Runs")
        await shows(pilot, "more")
        top = screen(pilot)
        await pilot.press("down", "pagedown")
        await until(pilot, lambda: screen(pilot) != top)
        await pilot.press(*"significantly")
        await shows(pilot, "Significantly better than the reference")
        await shows(pilot, "2 Matrix: signs")
        assert "Logarithmic" not in said(pilot)
        await pilot.press(*" zzz")
        await shows(pilot, "Nothing here has all of: significantly zzz")
        await pilot.press("question_mark")
        await shows(pilot, "2 runs")

    drive(options(runs), script)


@pytest.mark.parametrize("width", [56, 76, 196])
def test_the_lines_of_the_help_are_as_wide_as_the_screen_at_most(width: int) -> None:
    keys = [KeyLine("ctrl+p", "mark_all", "Mark all that are listed, " * 5)]
    signs = [sign for tab in TABS for sign in signs_of(tab.name, UNICODE)]
    lines = help_lines([Section("1 Runs", keys), Section("signs", (), signs)], "", width)
    assert len(lines) > len(signs)
    for line in lines:
        assert sum(size for _, size in line) <= width
        assert all(width_of(field.text) <= size for field, size in line)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_every_sign_is_in_the_legend(glyphs: Glyphs) -> None:
    every = [*common_signs(glyphs), *(each for tab in TABS for each in signs_of(tab.name, glyphs))]
    drawn = "".join(field.text for fields, _ in every for field in fields)
    for field in dataclasses.fields(glyphs):
        value = getattr(glyphs, field.name)
        if field.name not in _OF_FRAMES:
            signs = value.values() if isinstance(value, dict) else value
            assert all(sign in drawn for sign in signs), field.name
    assert all(text.endswith((".", ",", ";", "?")) and width_of(text) for _, text in every)
    assert {field.curve for fields, _ in every for field in fields} >= {*range(8)}


def test_the_cell_and_the_table_go_to_the_clipboard(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G", "home", "C")
        assert app.clipboard == "hybrid"
        assert screen(pilot)[-1].startswith(" Copied: hybrid")
        await pilot.press("Y")
        lines = [line.split("\t") for line in app.clipboard.split("\n")]
        assert lines[0][1:3] == ["run", "step"]
        assert [line[1] for line in lines[1:]] == ["hybrid", "mono"]
        await shows(pilot, "Copied 2 rows with their headings.")
        await pilot.press("tab", "left", "C")
        assert (
            app.clipboard.startswith("loss, EMA .9 at step 4")
            or "loss EMA .9 at step" in app.clipboard
        )
        await pilot.press("Y")
        assert app.clipboard.startswith(
            "chart\trun\tstep\tvalue\tlow\thigh\truns\nloss EMA .9\thybrid\t1\t"
        )
        assert len(app.clipboard.split("\n")) == 51
        await pilot.press("6")
        await shows(pilot, "AVG")
        await pilot.press("C")
        assert app.clipboard == "en English: hybrid 62.5, mono 62.5"
        await pilot.press("v", "down", "right", "C")
        assert app.clipboard.strip(" ↑") == "42.5"
        await pilot.press("Y")
        assert "yo\tYoruba\t42.5" in app.clipboard
        await pilot.press("5", "C")
        await shows(pilot, "There is nothing to copy.")

    drive(options(runs, every=0.1), script)


def test_what_is_not_ours_is_copied_in_one_line_without_what_steers_terminals(
    tmp_path: Path,
) -> None:
    write_training(tmp_path / "runs", "mono", 50)
    (tmp_path / "runs" / "mono").rename(tmp_path / "runs" / "mo\x1bno")

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "1 run")
        await pilot.press("C", "Y")
        assert "\x1b" not in app.clipboard
        assert len(app.clipboard.split("\n")) == 2

    drive(options(tmp_path / "runs"), script)
