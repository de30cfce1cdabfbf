"""Lines of text that are drawn as they are: bars, read-outs, and longer texts that scroll."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hybench.tui.draw.text import Verbatim, fit, width_of, wrap
from hybench.tui.widgets.line_widget import LineWidget

Part = tuple[str, str]
"""A text and its tone."""


def draw_parts(
    widget: LineWidget, parts: Sequence[Part], width: int, right: Part = ("", "")
) -> Strip:
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


class Heading(NamedTuple):
    """What a bar says.

    Attributes:
        parts: at its left.
        right: at its right end.
        spare: there too, before `right`, as far as one line has room; the first goes first.
    """

    parts: Sequence[Part] = ()
    right: Sequence[str] = ()
    spare: Sequence[str] = ()


Line = tuple[list[Part], str]
"""The parts at the left of a line, and the text at its right end."""


class Bar(LineWidget):
    """One line, or two if one is too short for all that must be read; `update_heading` redraws it.

    Args:
        heading: makes what it says.
        id: of the widget.
    """

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, heading: Callable[[], Heading], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._heading = heading
        self._lines: list[Line] = [([], "")]

    @property
    def count(self) -> int:
        """Lines that it takes."""
        return len(self._lines)

    def update_heading(self) -> bool:
        """Say what is so now; returns whether it takes as many lines as before."""
        before = self.count
        self._lines = lay_out(self._heading(), self.app.size.width)
        self.styles.height = self.count
        self.refresh()
        return self.count == before

    def draw_line(self, y: int, width: int) -> Strip:
        """A line."""
        parts, right = self._lines[min(y, self.count - 1)]
        return draw_parts(self, parts, width, (right, "quiet"))


def lay_out(heading: Heading, width: int) -> list[Line]:
    """A heading in one line of so many cells, or else in two."""
    right = [text for text in heading.right if text]
    if _wide(heading.parts) + width_of(_at_end(right)) <= width:
        return [_with_spare(heading.parts, right, heading.spare, width)]
    first, second = list(heading.parts[:1]), list(heading.parts[1:])
    while second and _wide([*first, second[0]]) <= width:
        first.append(second.pop(0))
    if second:
        second[0] = (f" {second[0][0].lstrip()}", second[0][1])
    above: list[str] = []
    while len(right) > 1 and width_of(_at_end(right)) > width - _wide(second):
        above.append(right.pop(0))
    spare = [] if above else heading.spare
    return [_with_spare(first, [], above, width), _with_spare(second, right, spare, width)]


def _wide(parts: Sequence[Part]) -> int:
    return sum(width_of(text) for text, _ in parts)


def _with_spare(parts: Sequence[Part], right: list[str], spare: Sequence[str], width: int) -> Line:
    """A line whose right end has what it has room for of `spare` too."""
    for text in reversed([text for text in spare if text]):
        if _wide(parts) + width_of(_at_end([text, *right])) > width:
            break
        right = [text, *right]
    return list(parts), _at_end(right)


def _at_end(texts: Sequence[str]) -> str:
    return f"  {'   '.join(texts)} " if texts else ""


class Reader(LineWidget, ScrollView, can_focus=True):
    """Paragraphs, wrapped to the width, that scroll."""

    DEFAULT_CSS = "Reader { height: 1fr; scrollbar-size: 0 0; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("home", "scroll_home", "Beginning", show=False),
        Binding("end", "scroll_end", "End", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._paragraphs: list[Part] = []
        self._lines: list[Part] = []

    @property
    def allow_vertical_scroll(self) -> bool:
        """Whether not all lines fit; no scrollbar says so, since none is drawn."""
        return self.max_scroll_y > 0

    def show(self, paragraphs: Sequence[Part]) -> None:
        """Show other texts; a paragraph that begins with a space is not wrapped."""
        if list(paragraphs) != self._paragraphs:
            self._paragraphs = list(paragraphs)
            self._wrap()

    def go_to_section(self, by: int) -> None:
        """Scroll to the next heading below or above the first line in sight."""
        heads = [at for at, (_, tone) in enumerate(self._lines) if tone == "head"]
        top = self.scroll_target_y
        found = [at for at in heads if (at > top if by > 0 else at < top)]
        if found:
            self.scroll_to(y=found[0 if by > 0 else -1], animate=False)

    def lines_at(self, width: int) -> int:
        """Lines that the texts take in so many cells."""
        return len(self._wrapped(width))

    def on_resize(self) -> None:
        """Wrap the texts to the width that there is now."""
        self._wrap()

    def _wrap(self) -> None:
        width = self.size.width
        self._lines = self._wrapped(width) if width else []
        self.virtual_size = Size(width, len(self._lines))
        self.scroll_y = self.validate_scroll_y(self.scroll_y)
        self.refresh()

    def _wrapped(self, width: int) -> list[Part]:
        return [
            (line, tone)
            for text, tone in self._paragraphs
            for shown in [self.glyphs.plain(text)]
            for line in ([shown] if shown.startswith(" ") else wrap(shown, width))
        ]

    def draw_line(self, y: int, width: int) -> Strip:
        """One line of the texts."""
        top, height = self.scroll_offset.y, self.size.height
        below = len(self._lines) - top - height
        more = f" {self.glyphs.below}{below} more" if below > 0 and y == height - 1 else ""
        shown = [(Verbatim(text), tone) for text, tone in self._lines[top + y : top + y + 1]]
        return draw_parts(self, shown, width, (more, "accent"))
