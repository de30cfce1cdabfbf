"""What all tabs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from hybench.tui.widgets.drawn import dashboard_of
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.lines import Part, Reader

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

    def update_view(self) -> None:
        """Draw what is new; called when the tab is opened and at every tick."""

    def focus_first(self) -> None:
        """Take the focus."""
        self.grid.focus()
