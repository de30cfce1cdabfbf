"""Tab 6: dev scores by language, since when which arm is ahead, and their redraw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot

from hybench.runs.events import EventLog
from hybench.tui.app import Dashboard
from hybench.tui.draw.curves import curve_of
from hybench.tui.model.arm_curves import Made
from hybench.tui.model.dev_curves import MEAN, ahead_from, score_at
from hybench.tui.panes.dev_curves import DevPane
from tests.tui.driving import NOW, drive, frozen, options, screen, shows, until, write_run

LANGUAGES = ("ar", "en", "ja", "sw", "te", "yo")


def write_validated(folder: Path, name: str, rise: float, **config: object) -> None:
    """A run that was validated at four steps; its scores rise by so much from one to the next."""
    run = write_run(folder, name, **config)
    log = EventLog(run.events_file, clock=lambda: NOW - 60)
    log.append("start", step=0, steps=100, validation=["atlas"])
    for number, step in enumerate((25, 50, 75, 100)):
        log.append("step", step=step, loss=1.0, seconds=float(step), examples=step)
        scores = {
            code: 0.5 + 0.02 * at - 2 * (rise - 0.02) + rise * number
            for at, code in enumerate(LANGUAGES)
        }
        log.append("validation", step=step, score=0.5, scores={"atlas": {"mono": scores}})
    log.append("done", step=100, best_score=0.5)


@pytest.fixture
def validated(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    for seed in (0, 1):
        write_validated(folder, f"hybrid-s{seed}", 0.05 + 0.01 * seed, seed=seed, alpha=0.5)
    write_validated(folder, "mono", 0.02, alpha=1.0)
    write_validated(folder, "cross", 0.01, alpha=0.0)
    return folder


def made(values: list[float], first: int = 0) -> Made:
    return Made(curve_of(range(first, first + len(values)), values))


def test_ahead_is_from_where_it_stays_ahead() -> None:
    flat = made([1.0, 1.0, 1.0, 1.0])
    assert ahead_from(made([0.0, 2.0, 0.5, 3.0]), flat) == (3, 3, 2.0)
    assert ahead_from(made([2.0, 2.0, 2.0, 2.0]), flat) == (0, 3, 1.0)
    behind = ahead_from(made([2.0, 2.0, 2.0, 1.0]), flat)
    assert behind is not None
    assert np.isnan(behind[0])
    assert behind[1:] == (3, 0.0)
    assert ahead_from(made([2.0, 2.0], first=3), flat) == (3, 3, 1.0)
    assert ahead_from(made([2.0], first=9), flat) is None
    assert ahead_from(None, flat) is None


def test_a_score_is_the_last_one_up_to_a_step() -> None:
    curve = Made(curve_of([10, 20], [1.0, 2.0]))
    known = [score_at(curve, place) for place in (9, 10, 19, 20, 21)]
    assert known == [None, 1.0, 1.0, 2.0, None]


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
def test_all_languages_and_one(validated: Path, size: tuple[int, int]) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("6")
        await shows(pilot, "ar (Arabic), against mono at step 100:")
        await shows(pilot, "hybrid (2) since step 100")
        await until(pilot, lambda: "╭─ yo" in "".join(screen(pilot)))
        frozen(pilot, f"dev-{size[0]}x{size[1]}")
        await pilot.press("end", "enter")
        await shows(pilot, "╭─ AVG n 2")
        await shows(pilot, "The mean of 6 languages, against mono")
        await pilot.press("escape", "comma", "b")
        pane = app.query_one(DevPane)
        assert pane.charts.cursor == 75
        await shows(pilot, "step 75")
        assert pane.reference != "mono"
        await pilot.press("v")
        await shows(pilot, "Yoruba")
        assert pane.grid.key == "ar"
        row = next(line for line in screen(pilot) if line.startswith("yo"))
        assert row.split() == ["yo", "Yoruba", *row.split()[2:]]
        frozen(pilot, f"dev-table-{size[0]}x{size[1]}")

    drive(options(validated), script, size)


def test_seeds_apart_and_marked_arms_alone(validated: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("6", "G")
        await shows(pilot, "◆ hybrid-s1")
        await pilot.press("G", "1", "space", "6")
        await until(pilot, lambda: app.query_one(DevPane).charts._colors)
        await until(pilot, lambda: len(app.query_one(DevPane).charts._colors) == 1)
        await shows(pilot, "there is nothing to compare")

    drive(options(validated), script, (120, 36))


def test_without_validations_it_says_so(tmp_path: Path) -> None:
    write_run(tmp_path / "runs", "fresh")

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("6")
        await shows(pilot, "None of the runs shown has validated yet.")
        await pilot.press(*"vv<>tob#G", "enter", "escape", "down")
        await shows(pilot, "--validate-every")

    drive(options(tmp_path / "runs"), script)


def test_a_mean_is_of_languages_that_all_have(validated: Path) -> None:
    log = EventLog(validated / "cross" / "events.jsonl", clock=lambda: NOW - 60)
    log.append("validation", step=110, score=0.5, scores={"atlas": {"mono": {"th": 0.5}}})

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("6")
        await shows(pilot, "╭─ th")
        await shows(pilot, "3 arms")
        found = app.query_one(DevPane)._found
        assert found is not None
        assert found.languages == ("ar", "en", "ja", "sw", "te", "th", "yo", MEAN)
        assert [made is not None for made in found.curves["th"]] == [True, False, False]
        assert score_at(found.curves[MEAN][2], 100) == pytest.approx(61.0)

    drive(options(validated), script, (140, 40))
