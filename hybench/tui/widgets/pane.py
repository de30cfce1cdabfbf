"""What all tabs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

if TYPE_CHECKING:
    from hybench.tui.app import Dashboard


class Pane(Vertical):
    """One tab."""

    hints = ""
    """What its most useful keys do, for the line at the bottom."""

    @property
    def dashboard(self) -> Dashboard:
        """The app."""
        from hybench.tui.app import Dashboard

        if not isinstance(self.app, Dashboard):
            raise TypeError("this pane is of the dashboard")
        return self.app

    def update_view(self) -> None:
        """Draw what is new; called when the tab is opened and at every tick."""

    def focus_first(self) -> None:
        """Take the focus."""
