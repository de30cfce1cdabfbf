"""Tab 1 says what is so: colours, filter and sort, marks, trainings that fail, what is an alarm."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widgets import Input

from hybench.runs.events import EventLog
from hybench.tui.app import Dashboard
from hybench.tui.background import free_name, last_words
from hybench.tui.draw.palette import CURVES
from hybench.tui.keyed_app import TABS
from hybench.tui.model.arm_colors import ArmColors
from hybench.tui.model.watched_runs import WatchedRuns
from hybench.tui.panes.runs import RunsPane
from hybench.tui.widgets.charts import Charts
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.multiples import Multiples
from tests.tui.driving import (
    NOW,
    drive,
    options,
    screen,
    shows,
    until,
    write_steps,
    write_training,
)
from tests.waiting import HANG

WIDE = (140, 40)


def colors_of(pilot: Pilot[None], name: str, row: int) -> set[str]:
    """Colours in which signs stand before a run's name, or the name with them, in a line."""
    found = set()
    strip = list(pilot.app.screen._compositor.render_strips()[row])
    for at, segment in enumerate(strip):
        signed = [each for each in strip[: at + 1] if any(sign in each.text for sign in "◆◇━╍┉")]
        if name in segment.text and signed[-1].style and signed[-1].style.color:
            found.add(str(signed[-1].style.color.triplet))
    return found


def test_a_runs_colour_is_one_in_list_legends_and_charts(tmp_path: Path) -> None:
    for name in ("aaa", "bbb"):
        run = write_training(tmp_path / "runs", name, 50)
        log = EventLog(run.events_file, clock=lambda: NOW)
        log.append("step", step=51, loss=1.0, loss_cross=1.0, seconds=5.1, examples=408)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G", "space", "space", "home")
        await shows(pilot, "◆bbb 0.")
        await shows(pilot, "╍cross 1")
        for name in ("aaa", "bbb"):
            rows = [at for at, line in enumerate(screen(pilot)) if name in line]
            assert len(rows) >= 4
            assert len(set.union(*(colors_of(pilot, name, row) for row in rows))) == 1
        before = app.query_one(RunsPane)._drawn()
        await pilot.press("space")  # the first goes, the others keep theirs
        await until(pilot, lambda: len(app.shown_runs()) == 1)
        after = app.query_one(RunsPane)._drawn()
        assert after == {key: before[key] for key in after}
        assert len(set(before.values())) == 2

    drive(options(tmp_path / "runs"), script, WIDE)


def test_colours_of_eight_arms_are_eight_and_stay() -> None:
    colors = ArmColors()
    names = [f"arm {number}" for number in range(12)]
    colors.see(names)
    assert [colors.of(name) for name in names[:8]] == list(range(len(CURVES[True])))
    assert colors.of(names[9]) == colors.of(names[1])
    drawn = colors.drawn([names[1], names[9], names[3]])
    assert len(set(drawn.values())) == 3
    assert drawn[names[1]] == 1
    assert colors.drawn([names[9]]) == {names[9]: drawn[names[9]]}
    assert len(set(colors.drawn(names[4:12]).values())) == 8


def test_filter_and_sort_in_force_are_seen(tmp_path: Path) -> None:
    for name in ("hybrid", "mono"):
        write_training(tmp_path / "runs", name, 50)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "2 runs · by state")
        await pilot.press("slash", *"hyb", "enter", "s")
        await shows(pilot, "1 of 2 runs · by name   filter hyb")
        await pilot.press("2", "1")
        await shows(pilot, "1 of 2 runs · by name   filter hyb")

    drive(options(tmp_path / "runs"), script)


def test_a_filter_that_hides_all_runs_hides_their_curves(tmp_path: Path) -> None:
    for name in ("hybrid", "mono"):
        write_training(tmp_path / "runs", name, 50)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G")
        await shows(pilot, "◆hybrid")
        await pilot.press("slash", *"zzz", "enter")
        await shows(pilot, "0 of 2 runs")
        await until(pilot, lambda: "hybrid" not in "".join(screen(pilot)))
        await pilot.press("tab", "left", "plus")
        await shows(pilot, "Curves of the run under the cursor appear here.")
        await pilot.press("slash", "m", "enter")
        await shows(pilot, "◆mono")

    drive(options(tmp_path / "runs", every=0.05), script)


def test_marked_runs_that_are_not_drawn_are_counted(tmp_path: Path) -> None:
    for number in range(12):
        write_training(tmp_path / "runs", f"run-{number:02}", 5)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G")
        await shows(pilot, "1–8 of 12")
        await pilot.press("a")
        await shows(pilot, "12 marked, 8 drawn")
        await pilot.press("u")
        await until(pilot, lambda: "marked" not in screen(pilot)[1])

    drive(options(tmp_path / "runs"), script)


@pytest.mark.process
def test_a_start_that_fails_says_why_at_once(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    write_training(runs, "new", 50)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("N")
        command = app.query_one("#run-command").query_one(Input)
        await until(pilot, lambda: "--name new-2" in command.value)
        await pilot.press("enter")
        await until(pilot, lambda: app.started)
        assert app.started[0].wait(HANG) == 2
        await shows(pilot, "hybench train failed: No data set 'SET' in")
        assert app.watched.wrong == 1

    drive(options(runs, every=3600.0), script, (200, 24))


def test_the_last_words_of_a_program(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for text, said in (
        ("error: No data.\n  Prepare it.\n", "No data. Prepare it."),
        ("step 1\nerror: old\nerror: It broke.\n  Mend it.\n\n", "It broke. Mend it."),
        ("Traceback\n  line\nValueError: x\n", "ValueError: x"),
        ("x" * 9000 + "\nKilled", "Killed"),
        ("", ""),
    ):
        log.write_text(text)
        assert last_words(log) == said
    assert last_words(tmp_path / "none") == ""
    (tmp_path / "new").mkdir()
    (tmp_path / "new-2").mkdir()
    assert free_name("new", tmp_path) == "new-3"
    assert free_name("other", tmp_path) == "other"


def test_it_asks_before_it_stops(tmp_path: Path) -> None:
    run = write_training(tmp_path / "runs", "live", 50)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "● live")
        await pilot.press("S")
        await shows(pilot, "stop live? enter: yes, escape: no")
        await pilot.press("escape")
        await until(pilot, lambda: "stop live?" not in "".join(screen(pilot)))
        assert "No process" not in screen(pilot)[-1]
        await pilot.press("S", "enter")
        await shows(pilot, "No process on this machine is training live.")  # this one holds it

    with run.lock():
        drive(options(tmp_path / "runs"), script)


def test_only_what_went_wrong_is_an_alarm(tmp_path: Path) -> None:
    run, other = (write_training(tmp_path, name, 50) for name in ("a", "b"))
    watched = WatchedRuns([tmp_path])

    def look() -> list[tuple[str, bool]]:
        watched.notices.clear()
        list(watched.look(NOW))
        return [(each.text, each.wrong) for each in watched.notices]

    with run.lock(), other.lock():
        look()
        write_steps(run, range(51, 53))
        EventLog(run.events_file, clock=lambda: NOW).append("done", step=52)
        watched.stopped.add(other.path)
    assert look() == [("It is done.", False), ("It is interrupted.", False)]
    with other.lock():
        write_steps(other, range(51, 52))
        assert look() == [("It is running.", False)]
    assert look() == [("It is interrupted.", True)]
    EventLog(other.events_file, clock=lambda: NOW).append("failed", step=60, reason="no memory")
    assert look() == [("It failed. no memory", True)]


def test_a_folder_that_is_missing_among_others_is_told(tmp_path: Path) -> None:
    write_training(tmp_path / "runs", "a", 25)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "1 in the log")
        await pilot.press("exclamation_mark")
        await shows(pilot, "There is no folder")

    drive(options(tmp_path / "runs", tmp_path / "rnus"), script)


def words_of(binding: Binding) -> set[str]:
    return set(str(binding.id).split("_"))


def test_a_key_means_one_thing_on_all_tabs() -> None:
    meant: dict[str, list[set[str]]] = defaultdict(list)
    kinds: list[type] = [Grid, Charts, Multiples, Dashboard]
    kinds += [type(tab.pane()) for tab in TABS]
    for base in {base for kind in kinds for base in kind.__mro__}:
        if base.__module__.startswith("hybench."):
            for binding in vars(base).get("BINDINGS", ()):
                assert isinstance(binding, Binding)
                for key in binding.key.split(",") if binding.show else ():
                    meant[key].append(words_of(binding))
    assert {"u", "s", "S", "n", "p", "N", "P", "C", "Y", "e", "question_mark"} <= set(meant)
    for key, words in meant.items():
        assert set.intersection(*words), key


@pytest.mark.parametrize(
    ("losses", "shown"),
    [
        ({60: float("nan")}, "NaN"),
        ({60: float("inf")}, "inf"),
        ({30: float("nan")}, "0.5413"),
    ],
)
def test_a_run_that_ends_in_no_number_says_so_in_its_legend(
    tmp_path: Path, losses: dict[int, float], shown: str
) -> None:
    run = write_training(tmp_path / "runs", "odd", 25)
    write_steps(run, range(26, 61), losses=losses)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("g", "g", "g")
        await shows(pilot, f"loss  ◆odd {shown}")
        [line] = [line for line in screen(pilot) if "×" in line]
        place = (next(iter(losses)) - 1) / 59
        assert line.index("×") - 7 == pytest.approx(place * 72, abs=1)

    drive(options(tmp_path / "runs"), script)


def test_where_a_run_failed_stands_above_its_curve(tmp_path: Path) -> None:
    run = write_training(tmp_path / "runs", "broken", 25)
    EventLog(run.events_file, clock=lambda: NOW).append("failed", step=25, reason="no memory")

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "▾")

    drive(options(tmp_path / "runs"), script)


def test_beyond_its_ends_a_curve_has_no_value(tmp_path: Path) -> None:
    write_training(tmp_path / "runs", "long", 100)
    write_training(tmp_path / "runs", "short", 50)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G", "space", "space", "tab", "left")
        await shows(pilot, "◆short —")
        charts = app.query_one(RunsPane).charts
        while charts.cursor is None or charts.cursor > 50:
            await pilot.press("left")
        await until(pilot, lambda: "short —" not in "\n".join(screen(pilot)).split("dev")[0])
        while charts.cursor > 20:
            await pilot.press("left")
        assert not re.search(r"@\d+\.", "".join(screen(pilot)))  # there is no part of a step
        await shows(pilot, "dev score")
        legend = next(line for line in screen(pilot) if "dev score" in line)
        assert "◆short —  ◆long — ──" in legend  # the first validation is at step 25

    drive(options(tmp_path / "runs"), script)
