"""What must be read of a heading is read at 80 columns: reference, sort, filter, rows in sight."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from hybench.tui.app import Dashboard
from hybench.tui.widgets.lines import Heading, lay_out
from tests.comparison.conftest import MakeRun, mono
from tests.tui.driving import drive, options, screen, shows, until, write_training


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (60, [("set metric reference: hybrid", "2 notes   20 runs   1–9")]),
        (46, [("set metric reference: hybrid", "20 runs   1–9")]),
        (36, [("set metric reference: hybrid", "1–9")]),
        (30, [("set metric reference: hybrid", ""), ("", "2 notes   20 runs   1–9")]),
        (24, [("set metric", ""), (" reference: hybrid", "1–9")]),
    ],
)
def test_a_heading_takes_a_second_line_before_it_is_cut(
    width: int, lines: list[tuple[str, str]]
) -> None:
    parts = (("set", ""), (" metric", ""), (" reference: hybrid", "accent"))
    found = lay_out(Heading(parts, ("1–9",), ("2 notes", "20 runs")), width)
    assert [("".join(text for text, _ in left), right.strip()) for left, right in found] == lines


def test_of_what_is_right_nothing_is_lost_where_two_lines_have_room() -> None:
    [(_, above), (_, below)] = lay_out(Heading((("x" * 10, ""),), ("a" * 12, "b" * 12)), 25)
    assert (above.strip(), below.strip()) == ("a" * 12, "b" * 12)


def test_reference_sort_and_rows_in_sight_are_read(make_run: MakeRun, tmp_path: Path) -> None:
    codes = [f"{a}{b}" for a in "abc" for b in "aeiosw"]
    for at, name in enumerate(("cross-and-mono-steps1000", "hybrid-kl-steps1000")):
        scores = {code: [0.1 * at + 0.02 * n for n in range(12)] for code in codes}
        make_run(name, mono(scores), config={"alpha": at / 2})

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await shows(pilot, "reference: cross-and-mono-steps1000")
        await pilot.press("right", "s")
        await shows(pilot, "by hybrid-kl-steps1000, best first")
        await until(pilot, lambda: "  rows 1–" in "".join(screen(pilot)[1:3]))
        assert "reference: cross-and-mono-steps1000" in "".join(screen(pilot)[1:3])
        await until(pilot, lambda: screen(pilot)[3].startswith("lang"))
        assert "AVG" in "".join(screen(pilot))
        await pilot.press("4")
        await shows(pilot, "reference: cross-and-mono-steps1000")
        assert "/2 " in "".join(screen(pilot)[1:3])
        await pilot.press("5", "slash", *"lang:aw", "enter")
        await shows(pilot, "filter lang:aw")
        assert "12 of 216" in "".join(screen(pilot)[1:3])
        assert "worst first" in "".join(screen(pilot)[1:3])

    drive(options(tmp_path / "runs", every=3600.0), script)


def test_marks_do_not_hide_which_runs_are_in_sight(tmp_path: Path) -> None:
    for number in range(20):
        write_training(tmp_path / "runs", f"hybrid-{number:02}-steps600", 2)
    write_training(tmp_path / "runs", "mono", 2)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G")
        await shows(pilot, "1–8 of 21")
        await pilot.press("slash", *"steps600", "enter", "a")
        await shows(pilot, "20 marked, 8 drawn")
        heading = "".join(screen(pilot)[1:3])
        assert "20 of 21 runs · by state   filter steps600" in heading
        assert "1–8 of 20" in heading

    drive(options(tmp_path / "runs"), script)


def test_the_legend_of_eight_runs_has_their_names(tmp_path: Path) -> None:
    for number in range(8):
        write_training(tmp_path / "runs", f"hybrid-steps600-s{number}", 5)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G", "a")
        await until(pilot, lambda: "s7" in lines_from(pilot, "loss EMA"))
        legend = lines_from(pilot, "loss EMA")
        assert all(f"s{number} 3." in legend for number in range(8))
        assert len(screen(pilot)) == 24

    drive(options(tmp_path / "runs", every=0.1), script)


def lines_from(pilot: Pilot[None], text: str) -> str:
    """The line of a frame whose title begins with a text, and the one below it."""
    lines = screen(pilot)
    places = [at for at, line in enumerate(lines) if f"╭─ {text}" in line]
    return "  ".join(lines[places[0] : places[0] + 2]) if places else ""


def test_the_hints_name_the_keys_that_a_person_chose(tmp_path: Path) -> None:
    write_training(tmp_path / "runs", "mono", 50)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "z mark  / filter")
        assert screen(pilot)[-1].endswith("? help  Q quit")
        await pilot.press("z")
        assert app.marked == [tmp_path / "runs" / "mono"]

    drive(options(tmp_path / "runs", keys={"mark": "z", "quit": "Q"}), script)
