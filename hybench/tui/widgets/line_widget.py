"""What all widgets of the dashboard share: they draw their own lines, in the app's colours."""

from __future__ import annotations

from abc import abstractmethod

from textual.strip import Strip
from textual.widget import Widget

from hybench.tui.context import DashboardContext, context_of
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.palette import Palette


def focus_now(widget: Widget) -> None:
    """Give a widget the next key, where `Widget.focus` may give it a later one only."""
    widget.screen.set_focus(widget)


class LineWidget(Widget):
    """A widget drawn line by line."""

    @property
    def dashboard(self) -> DashboardContext:
        """The app."""
        return context_of(self)

    @property
    def palette(self) -> Palette:
        """The theme's colours."""
        return self.dashboard.palette

    @property
    def glyphs(self) -> Glyphs:
        """The terminal's signs."""
        return self.dashboard.glyphs

    def render_line(self, y: int) -> Strip:
        """One line, on the widget's own paper."""
        return self.draw_line(y, self.size.width).apply_style(self.rich_style)

    @abstractmethod
    def draw_line(self, y: int, width: int) -> Strip:
        """One line of exactly `width` cells."""
