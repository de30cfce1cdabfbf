"""What all tabs share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical

from hybench.tui.context import DashboardContext, Hints, context_of
from hybench.tui.model.export import Outlet
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.line_widget import focus_now
from hybench.tui.widgets.lines import Bar, Part, Reader
from hybench.tui.widgets.outlook_screen import OutlookScreen
from hybench.tui.widgets.system_screen import SystemScreen


@dataclass(frozen=True)
class Tab:
    """A tab, as a module of `hybench.tui.panes` declares it.

    Attributes:
        name: in ``hybench.toml`` (``tab_NAME``), and the id of its pane.
        title: at the top of the screen.
        order: its place, from 1, which is also its key.
        pane: the class of its pane.
    """

    name: str
    title: str
    order: int
    pane: Callable[[], Pane]

    def make(self) -> Pane:
        """Its pane, with the tab's name as id."""
        pane = self.pane()
        pane.id = self.name
        return pane


class Pane(Vertical):
    """One tab: a grid, and a `Reader` of class ``why`` in its place while there is nothing."""

    DEFAULT_CSS = """
    Pane > .why { display: none; }
    Pane.empty > .why { display: block; }
    Pane.empty Grid { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("O", "outlook", "Outlook: what more seeds or queries would tell", id="outlook"),
        Binding("percent_sign", "system", "The machine, and the runs' processes", id="system"),
    ]

    @property
    def hints(self) -> Hints:
        """Its most useful actions, for the line at the bottom."""
        return ()

    @property
    def dashboard(self) -> DashboardContext:
        """The app."""
        return context_of(self)

    @cached_property
    def grid(self) -> Grid:
        """What it lists."""
        return self.query(Grid).first()

    def action_outlook(self) -> None:
        """Show what is known of differences by now, and what more would tell."""
        self.dashboard.push_screen(OutlookScreen())

    def action_system(self) -> None:
        """Show the machine."""
        self.dashboard.push_screen(SystemScreen())

    def show_why(self, why: list[Part]) -> None:
        """Say why there is nothing to list."""
        self.add_class("empty")
        self.query_one(".why", Reader).show(why)

    def outlet(self) -> Outlet | None:
        """What `e` writes to a file; None for nothing."""
        return None

    def missing_folders(self) -> str:
        """That folders of runs are not there; empty where all are."""
        missing = self.dashboard.watched.missing
        return f"There is no folder {', '.join(map(str, missing))}." if missing else ""

    def runs_to_read(self) -> list[Path]:
        """The runs whose logs it needs whole."""
        return self.dashboard.shown_runs()

    def update_view(self) -> None:
        """Draw what is new; called when the tab is opened, at every tick and in another size."""

    def remembered(self) -> dict[str, str]:
        """What is kept of it when the dashboard is left, by the names of `Remembered`."""
        return {}

    def go_to(self, language: str, arm: int | None) -> None:
        """Show a language and an arm that another tab was at."""

    def fit_grid(self, rest: int) -> None:
        """Give the list the lines that its rows take, but leave `rest` lines below it."""
        bar = self.query_one(Bar)
        bar.update_heading()
        rest += bar.count
        rows = len(self.grid.table.records) + 1
        self.grid.styles.height = max(1, min(rows, self.size.height - rest))

    def on_resize(self) -> None:
        """Draw it in the size it has now."""
        if self.dashboard.looked:
            self.update_view()

    def on_grid_scrolled(self) -> None:
        """Say which rows are in sight."""
        if not self.query_one(Bar).update_heading():
            self.update_view()  # the list has another height now

    def focus_first(self) -> None:
        """Take the focus."""
        focus_now(self.grid)
