"""What all widgets of the dashboard share: they draw their own lines, in the app's colours."""

from __future__ import annotations

from abc import abstractmethod

from rich.style import Style
from textual.geometry import Region
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

    _paper: Style | None = None
    _width = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines, on the widget's own paper, which is looked up once for all of them."""
        self._paper, self._width = self.rich_style, self.size.width
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line, on the widget's own paper."""
        paper = self.rich_style if self._paper is None else self._paper
        return self.draw_line(y, self._width).apply_style(paper)

    @abstractmethod
    def draw_line(self, y: int, width: int) -> Strip:
        """One line of exactly `width` cells."""
