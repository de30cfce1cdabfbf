"""Lines of text that are drawn as they are: bars, read-outs, and longer texts that scroll."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.strip import Strip

from hybench.tui.draw.text import Verbatim, fit, width_of, wrap
from hybench.tui.widgets.drawn import Drawn

Part = tuple[str, str]
"""A text and its tone."""


def drawn_parts(widget: Drawn, parts: Sequence[Part], width: int, right: Part = ("", "")) -> Strip:
    """Parts beside each other in one line, cut where the room ends, and one at its right end."""
    room = width - width_of(right[0])
    segments = []
    for text, tone in parts:
        size = min(width_of(text), room)
        shown = fit(widget.glyphs.plain(text), size, more=widget.glyphs.more)
        segments.append(Segment(shown, widget.palette.tone(tone)))
        room -= size
    segments.append(Segment(" " * max(0, room)))
    end = fit(widget.glyphs.plain(right[0]), min(width, width_of(right[0])))
    segments.append(Segment(end, widget.palette.tone(right[1])))
    return Strip(segments, width)


Heading = tuple[Sequence[Part], Sequence[str]]
"""What stands at the left of a bar, and what at its right end; the last of that matters most."""


class Bar(Drawn):
    """One line, made anew whenever it is drawn; of what is right, the first goes where room lacks.

    Args:
        parts: makes the line.
        id: of the widget.
    """

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, parts: Callable[[], Heading], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._parts = parts

    def draw_line(self, y: int, width: int) -> Strip:  # noqa: ARG002 - the only one
        """The line."""
        parts, right = self._parts()
        texts = [text for text in right if text]
        room = width - sum(width_of(text) for text, _ in parts)
        while len(texts) > 1 and width_of(_at_end(texts)) > room:
            del texts[0]
        return drawn_parts(self, parts, width, (_at_end(texts), "quiet"))


def _at_end(texts: Sequence[str]) -> str:
    return f"  {'   '.join(texts)} " if texts else ""


class Reader(Drawn, can_focus=True):
    """Paragraphs, wrapped to the width, that can be scrolled."""

    DEFAULT_CSS = "Reader { height: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_by(-1)", "Up", show=False),
        Binding("down,j", "scroll_by(1)", "Down", show=False),
        Binding("pageup", "scroll_by(-10)", "Page up", show=False),
        Binding("pagedown", "scroll_by(10)", "Page down", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._paragraphs: list[Part] = []
        self._lines: list[Part] = []
        self._top = 0
        self._width = 0

    def show(self, paragraphs: Sequence[Part]) -> None:
        """Show other texts; a paragraph that begins with a space is not wrapped."""
        if list(paragraphs) != self._paragraphs:
            self._paragraphs, self._width = list(paragraphs), 0
            self.refresh()

    def lines_at(self, width: int) -> int:
        """Lines that the texts take in so many cells."""
        return len(self._wrapped(width))

    def _wrapped(self, width: int) -> list[Part]:
        return [
            (line, tone)
            for text, tone in self._paragraphs
            for shown in [self.glyphs.plain(text)]
            for line in ([shown] if shown.startswith(" ") else wrap(shown, width))
        ]

    def action_scroll_by(self, by: int) -> None:
        """Scroll by lines."""
        self._top += by
        self.refresh()

    def draw_line(self, y: int, width: int) -> Strip:
        """One line of the texts."""
        if width != self._width:
            self._width, self._lines = width, self._wrapped(width)
        self._top = max(0, min(self._top, len(self._lines) - self.size.height))
        at = self._top + y
        below = len(self._lines) - self._top - self.size.height
        more = (
            f" {self.glyphs.below}{below} more" if below > 0 and y == self.size.height - 1 else ""
        )
        shown = [(Verbatim(text), tone) for text, tone in self._lines[at : at + 1]]
        return drawn_parts(self, shown, width, (more, "accent"))
