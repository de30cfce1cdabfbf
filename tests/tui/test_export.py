"""What `e` writes on every tab is what the command that the log names writes."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from hybench.tui.app import Dashboard
from hybench.tui.widgets.prompt import Prompt
from tests.cli.program import works
from tests.tui.driving import drive, options, screen, shows, until, write_training

WIDE = (140, 30)


async def export(app: Dashboard, pilot: Pilot[None], path: Path) -> str:
    """Write a file; returns the command that the log names last."""
    before = len(app.watched.notices)
    await pilot.press("e")
    prompt = app.query_one("#export-ask", Prompt)
    await until(pilot, lambda: prompt.display)
    prompt.query_one(Input).value = str(path)
    await pilot.press("enter")
    await shows(pilot, "Written to")
    app.say("")
    return app.watched.notices[-1].text if len(app.watched.notices) > before else ""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for seed in (0, 1):
        write_training(tmp_path / "runs", f"hybrid-s{seed}", 75, seed=seed)
    write_training(tmp_path / "runs", "mono", 75, alpha=1.0)
    return tmp_path / "runs"


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (["/", *"hybrid", "enter"], "runs.csv"),
        (["a", "tab"], "loss.csv"),
        (["a", "tab", "down", "x", "G"], "score.md"),
        (["a", "m", "m", "g", "y", "tab"], "batches.svg"),
        (["6"], "dev.csv"),
        (["6", "right", "enter"], "yo.svg"),
        (["6", "v"], "dev.md"),
        (["a", "2", "v"], "validations.csv"),
        (["a", "2", "v"], "validations.svg"),
    ],
)
def test_curves_and_lists_are_those_of_the_command(
    runs: Path, tmp_path: Path, keys: list[str], name: str
) -> None:
    if name.endswith(".svg"):
        pytest.importorskip("matplotlib", reason="charts as SVG need the extra report")
    commands = []

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "3 runs")
        await pilot.press(*keys)
        await pilot.pause(0.2)
        commands.append(await export(app, pilot, tmp_path / name))
        assert "in the log" not in screen(pilot)[-1]

    drive(options(runs, every=0.1), script, WIDE)
    program, *words, flag, path = shlex.split(commands[0])
    assert (program, flag, path) == ("hybench", "-o", str(tmp_path / name))
    again = tmp_path / f"again{Path(name).suffix}"
    works(*words, "-o", again)
    text = (tmp_path / name).read_text()
    if name == "runs.csv":  # but for the ages
        text, other = (
            "\n".join(line.split(",")[1] for line in each.splitlines())
            for each in (text, again.read_text())
        )
        assert text == other == f"path\n{runs / 'hybrid-s0'}\n{runs / 'hybrid-s1'}"
    else:
        assert text == again.read_text()


@pytest.mark.parametrize("suffix", [".csv", ".md", ".json"])
def test_maps_queries_and_rankings_are_those_of_the_command(
    evaluated: Path, tmp_path: Path, suffix: str
) -> None:
    commands: dict[str, str] = {}

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        async def keep(name: str) -> None:
            commands[name] = await export(app, pilot, tmp_path / f"{name}{suffix}")

        await pilot.press("3")
        await shows(pilot, "Bias: ")
        await keep("map")
        await pilot.press("n", "d")
        await shows(pilot, "hybrid minus mono")
        await shows(pilot, "Bias: ")
        await keep("difference")
        await pilot.press("5", "n")
        await shows(pilot, "1–")
        await keep("queries")
        await pilot.press("s", "slash", *"lang:de", "enter")
        await shows(pilot, "filter lang:de")
        await keep("filtered")
        await pilot.press("enter")
        await shows(pilot, "Relevant: ")
        await keep("rankings")
        await pilot.press("escape", "t", "slash", "enter")
        await shows(pilot, "· cross ·")
        await shows(pilot, "1–")
        await pilot.press("enter")
        await shows(pilot, "elevant")
        await keep("cross")

    drive(options(evaluated, every=3600.0), script, WIDE)
    texts = {}
    for name, said in commands.items():
        program, *words = shlex.split(said)
        place = words.index("-o") + 1
        assert (program, words[place]) == ("hybench", str(tmp_path / f"{name}{suffix}"))
        again = tmp_path / f"again-{name}{suffix}"
        works(*words[:place], again, *words[place + 1 :])
        texts[name] = again.read_bytes()
        assert (tmp_path / f"{name}{suffix}").read_bytes() == texts[name], said
    assert len({*texts.values()}) == len(texts)
    assert "--filter lang:de --best-first" in commands["filtered"]


def test_a_file_of_another_ending_is_refused(evaluated: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("5", "n")
        await shows(pilot, "1–")
        await pilot.press("e")
        app.query_one("#export-ask", Prompt).query_one(Input).value = "queries.svg"
        await pilot.press("enter")
        await shows(pilot, "queries.svg has no known ending. End it with one of: .csv .md .json.")

    drive(options(evaluated, every=3600.0), script, WIDE)


def test_where_nothing_is_shown_nothing_is_exported(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        for tab in "123456":
            app.say("")
            await pilot.press(tab, "e")
            await shows(pilot, "There is nothing to export here.")

    drive(options(tmp_path / "runs"), script)
