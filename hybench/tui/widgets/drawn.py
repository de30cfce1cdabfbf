"""Content that is drawn as a whole."""

from __future__ import annotations

from abc import abstractmethod

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

from hybench.tui.draw.framing import Line
from hybench.tui.draw.text import width_of
from hybench.tui.widgets.content import Content


class Drawn(Content):
    """All lines are drawn together, anew only where what they depend on is another."""

    _lines: tuple[Line, ...] = ()
    _of: object = None

    @abstractmethod
    def depends_on(self) -> object:
        """What the drawing depends on."""

    @abstractmethod
    def draw_all(self) -> list[Line]:
        """The lines."""

    @property
    def outdated(self) -> bool:
        """Whether it would be drawn otherwise now."""
        return self.depends_on() != self._of

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines of one drawing."""
        of = self.depends_on()
        if of != self._of:
            self._lines, self._of = tuple(self.draw_all()), of
        return super().render_lines(crop)

    def draw_line(self, y: int, width: int) -> Strip:
        """A line of what was drawn last."""
        line = self._lines[y] if y < len(self._lines) else []
        used = sum(width_of(segment.text) for segment in line)
        return Strip([*line, Segment(" " * (width - used))], width)
