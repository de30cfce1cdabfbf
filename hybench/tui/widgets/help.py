"""All keys by tab and all signs, which a search narrows while it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input, Label

from hybench.tui.draw.table_lines import field_style
from hybench.tui.draw.text import fit
from hybench.tui.model.help import Line, Section, help_lines
from hybench.tui.widgets.line_widget import LineWidget, focus_now


class HelpText(LineWidget, ScrollView):
    """The lines, which scroll.

    Args:
        sections: all that there is.
    """

    DEFAULT_CSS = "HelpText { height: 1fr; scrollbar-size: 0 0; }"

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self._sections, self._search = sections, ""
        self._lines: list[Line] = []

    @property
    def allow_vertical_scroll(self) -> bool:
        """Whether not all lines fit; no scrollbar says so, since none is drawn."""
        return self.max_scroll_y > 0

    def search(self, text: str) -> None:
        """Show what has all words of a text."""
        self._search = text
        self._fill()
        self.scroll_home(animate=False)

    def on_resize(self) -> None:
        """Wrap the texts to the width that there is now."""
        self._fill()

    def _fill(self) -> None:
        self._lines = help_lines(self._sections, self._search, self.size.width)
        self.virtual_size = Size(self.size.width, len(self._lines))
        self.refresh()

    def draw_line(self, y: int, width: int) -> Strip:
        """One line of it."""
        top, height = self.scroll_offset.y, self.size.height
        line = self._lines[top + y] if top + y < len(self._lines) else []
        below = len(self._lines) - top - height
        more = f" {self.glyphs.below}{below} more" if below > 0 and y == height - 1 else ""
        segments = []
        for field, size in line:
            text = fit(self.glyphs.plain(field.text), size, more=self.glyphs.more)
            segments.append(Segment(text, field_style(field, self.palette)))
        strip = Strip(segments).adjust_cell_length(width - len(more))
        return Strip([*strip, Segment(more, self.palette.tone("accent"))], width)


class Words(Input):
    """What is searched for; the key that opened the help closes it, and is not typed."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key types something."""
        return key != "question_mark" and super().check_consume_key(key, character)


class HelpScreen(ModalScreen[None]):
    """The keys of all tabs, those of the open one first, and the legend.

    Args:
        sections: in their order.
    """

    CSS = """
    HelpScreen { background: $background; padding: 1 2; }
    HelpScreen #help-search { height: 1; margin-bottom: 1; }
    HelpScreen Label { width: auto; padding: 0 1 0 0; color: $text-primary; text-style: bold; }
    HelpScreen Input { width: 1fr; height: 1; border: none; padding: 0; background: $boost; }
    HelpScreen #help-end { width: 100%; color: $foreground-darken-3; height: auto; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,enter", "app.pop_screen", "Close", priority=True),
        Binding("up", "scroll(-1)", "Up", show=False, priority=True),
        Binding("down", "scroll(1)", "Down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", show=False, priority=True),
        Binding("pagedown", "page(1)", "Page down", show=False, priority=True),
    ]

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self._sections = sections

    def compose(self) -> ComposeResult:
        """What is searched for, the lines, and how to go on."""
        with Horizontal(id="help-search"):
            yield Label("Keys and signs")
            yield Words(compact=True, placeholder="type to search: sort, significant, copy …")
        yield HelpText(self._sections)
        yield Label(
            "up down scroll, escape closes. To change a key, write its name below [tui.keys] in "
            'hybench.toml: quit = "Q".',
            id="help-end",
            markup=False,
        )

    def on_mount(self) -> None:
        """Take what is typed."""
        focus_now(self.query_one(Input))

    def on_input_changed(self, message: Input.Changed) -> None:
        """Search while it is typed."""
        self.query_one(HelpText).search(message.value)

    def action_scroll(self, by: int) -> None:
        """Move by lines."""
        text = self.query_one(HelpText)
        text.scroll_to(y=text.scroll_target_y + by, animate=False)

    def action_page(self, by: int) -> None:
        """Move by screens."""
        text = self.query_one(HelpText)
        text.scroll_to(y=text.scroll_target_y + by * (text.size.height - 1), animate=False)
