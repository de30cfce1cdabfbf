"""A click on a heading sorts a table, and a second click at once opens a row."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from hybench.tui.app import Dashboard
from hybench.tui.draw.sorting import Order, next_order, sorted_table
from hybench.tui.draw.table import Column, Field, Record, Table, rule
from hybench.tui.panes.comparison import ComparisonPane
from hybench.tui.panes.dev_curves import DevPane
from hybench.tui.panes.heat_map import HeatMapPane
from hybench.tui.panes.matrix import MatrixPane
from hybench.tui.panes.queries import QueriesPane
from hybench.tui.widgets.grid import Grid
from tests.tui.driving import drive, options, screen, shows, until, write_training

WIDE = (120, 30)


def table(*texts: str) -> Table:
    records = [Record(text, (Field(text), Field(text[::-1]))) for text in texts]
    pinned = Record("AVG", (Field("7"), Field("")), pinned=True)
    return Table((Column("value"), Column("")), [*records, rule("groups"), pinned])


@pytest.mark.parametrize(
    ("texts", "down"),
    [
        (["1.2k", "40.1▲*", "9.0", "−3.5", "—"], ["1.2k", "40.1▲*", "9.0", "−3.5", "—"]),
        (["<.001", ".04", "[−2, 1]", "—"], [".04", "<.001", "[−2, 1]", "—"]),
        (["Yo", "ar", "…", "de"], ["Yo", "de", "ar", "…"]),
    ],
)
def test_numbers_and_words_are_sorted_and_what_is_neither_comes_last(
    texts: list[str], down: list[str]
) -> None:
    def keys(order: Order) -> list[object]:
        return [each.key for each in sorted_table(table(*texts), order).records][: len(texts)]

    assert keys(Order("value", down=True)) == down
    assert keys(Order("value", down=False)) == [*down[-2::-1], down[-1]]


def test_pinned_rows_stay_and_unknown_columns_sort_nothing() -> None:
    given = table("1", "3", "2")
    found = sorted_table(given, Order("value", down=True))
    assert [each.key for each in found.records] == ["3", "2", "1", ("rule", "groups"), "AVG"]
    assert found.columns[0].label == "value ▾"
    assert sorted_table(given, Order("other", down=True)) is given
    assert next_order(given, 1, None) is None  # it has no heading


def test_the_third_click_gives_the_first_order_back() -> None:
    numbers, words = table("1", "2"), table("b", "a")
    order = None
    for expected in (Order("value", down=True), Order("value", down=False), None):
        order = next_order(numbers, 0, order)
        assert order == expected
    assert next_order(words, 0, None) == Order("value", down=False)


async def click(pilot: Pilot[None], grid: Grid, text: str, times: int = 1) -> None:
    """Click on a text of a table."""
    top = grid.region.y
    row = next(at for at, line in enumerate(screen(pilot)[top:], top) if text in line)
    await pilot.click(offset=(screen(pilot)[row].index(text), row), times=times)


def values(grid: Grid) -> list[float]:
    """The numbers in the column under the cursor."""
    texts = [each.fields[grid.column].text for each in grid.table.records]
    return [float(text) for text in texts if text != "·"]


def test_headings_sort_on_every_tab(evaluated: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await shows(pilot, "reference: mono")
        grid = app.query_one(MatrixPane).grid
        await click(pilot, grid, "hybrid")
        await shows(pilot, "by hybrid, best first")
        await click(pilot, grid, "lang")
        await until(pilot, lambda: "best first" not in "".join(screen(pilot)[:3]))
        await pilot.press("3")
        await shows(pilot, "Bias: ")
        grid = app.query_one(HeatMapPane).grid
        await click(pilot, grid, " yo")
        await shows(pilot, "yo ▾")
        assert values(grid) == sorted(values(grid), reverse=True)
        await pilot.press("4")
        await shows(pilot, "W/T/L")
        grid = app.query_one(ComparisonPane).grid
        await click(pilot, grid, "diff")
        await shows(pilot, "diff ▾")
        await pilot.press("5")
        await shows(pilot, "worst first")
        grid = app.query_one(QueriesPane).grid
        await click(pilot, grid, "lang")
        await shows(pilot, "by lang")
        languages = [record.fields[3].text for record in grid.table.records]
        assert languages == sorted(languages)
        await pilot.press("s")
        await shows(pilot, "best first")
        assert grid.order is None

    drive(options(evaluated), script, WIDE)


def test_a_double_click_opens(evaluated: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await shows(pilot, "reference: mono")
        pane = app.query_one(MatrixPane)
        row = next(at for at, line in enumerate(screen(pilot)) if line.startswith("en "))
        across = next(line for line in screen(pilot) if line.startswith("lang")).index("hybrid")
        await pilot.click(offset=(across, row))
        assert (pane.grid.key, app.open_tab) == ("en", "matrix")
        column = pane.grid.table.columns[pane.grid.column]
        assert column.label.startswith("hybrid")
        await pilot.click(offset=(across, row), times=2)
        await shows(pilot, "filter lang:en")
        assert app.open_tab == "queries"

    drive(options(evaluated), script, WIDE)


def test_a_double_click_enlarges_a_chart_and_s_sorts_its_table(tmp_path: Path) -> None:
    write_training(tmp_path / "runs", "a", 75)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("6")
        await shows(pilot, "AVG")
        charts = app.query_one(DevPane).charts
        place = (charts.region.x + 5, charts.region.y + 4)
        for enlarged in (True, False):
            await pilot.click(offset=place, times=2)
            assert charts.enlarged == enlarged
        await pilot.press("v", "s", "s")
        await shows(pilot, "▴")
        assert [str(each.key) for each in app.query_one(DevPane).grid.table.records][:2] == [
            "yo",
            "en",
        ]

    drive(options(tmp_path / "runs"), script, WIDE)
