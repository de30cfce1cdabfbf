"""Charts beside each other take all of a line, and rows of charts end at the same cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widget import Widget

from hybench.tui.app import Dashboard
from hybench.tui.draw.framing import share_at, shares
from hybench.tui.widgets.charts import Charts
from hybench.tui.widgets.multiples import Multiples
from tests.tui.driving import drive, options, screen, shows, write_training


@given(st.integers(1, 300), st.integers(1, 8))
def test_shares_take_all_cells_and_differ_by_one_at_most(total: int, count: int) -> None:
    widths = shares(total, count)
    assert (len(widths), sum(widths)) == (count, total)
    assert max(widths) - min(widths) <= 1
    for place in range(total):
        at, first, width = share_at(total, count, place)
        assert first == sum(widths[:at])
        assert width == widths[at]
        assert first <= place < first + width


@pytest.mark.parametrize(("tab", "kind", "width"), [("1", Charts, 200), ("6", Multiples, 201)])
def test_rows_of_charts_end_at_the_last_cell(
    tmp_path: Path, tab: str, kind: type[Widget], width: int
) -> None:
    for name, alpha in (("hybrid", 0.5), ("mono", 1.0)):
        write_training(tmp_path / "runs", name, alpha=alpha)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press(tab)
        await shows(pilot, "─╮")
        widget = app.pane.query_one(kind)
        lines = screen(pilot)[widget.region.y : widget.region.bottom]
        edges = [len(line) for line in lines if line.endswith(("╮", "╯"))]
        assert len(edges) >= 4
        # Tab 6 has three charts in two rows, of which the last is not full.
        assert {*edges} == ({width} if kind is Charts else {width, width // 2})

    drive(options(tmp_path / "runs"), script, (width, 56))
