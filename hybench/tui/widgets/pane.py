"""What all tabs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from hybench.tui.widgets.drawn import dashboard_of, focus_now
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.lines import Bar, Part, Reader

if TYPE_CHECKING:
    from hybench.tui.app import Dashboard


class Pane(Vertical):
    """One tab: a grid, and a `Reader` of class ``why`` in its place while there is nothing."""

    DEFAULT_CSS = """
    Pane > .why { display: none; }
    Pane.empty > .why { display: block; }
    Pane.empty Grid { display: none; }
    """
    hints = ""
    """What its most useful keys do, for the line at the bottom."""

    @property
    def dashboard(self) -> Dashboard:
        """The app."""
        return dashboard_of(self)

    @property
    def grid(self) -> Grid:
        """What it lists."""
        return self.query(Grid).first()

    def show_why(self, why: list[Part]) -> None:
        """Say why there is nothing to list."""
        self.add_class("empty")
        self.query_one(".why", Reader).show(why)

    def missing_folders(self) -> str:
        """That folders of runs are not there; empty where all are."""
        missing = self.dashboard.fleet.missing
        return f"There is no folder {', '.join(map(str, missing))}." if missing else ""

    def update_view(self) -> None:
        """Draw what is new; called when the tab is opened, at every tick and in another size."""

    def fit_grid(self, rest: int) -> None:
        """Give the list the lines that its rows take, but leave `rest` lines below it."""
        bar = self.query_one(Bar)
        bar.renew()
        rest += bar.count
        rows = len(self.grid.table.records) + 1
        self.grid.styles.height = max(1, min(rows, self.size.height - rest))

    def on_resize(self) -> None:
        """Draw it in the size it has now."""
        if self.dashboard.looked:
            self.update_view()

    def on_grid_scrolled(self) -> None:
        """Say which rows are in sight."""
        if not self.query_one(Bar).renew():
            self.update_view()  # the list has another height now

    def focus_first(self) -> None:
        """Take the focus."""
        focus_now(self.grid)
