"""What lies over the tabs: the log, and how to read a comparison."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from hybench.tui.context import context_of
from hybench.tui.model.notes import headline_and_notes
from hybench.tui.widgets.lines import Part, Reader

if TYPE_CHECKING:
    from hybench.comparison.model import Comparison


class TextScreen(ModalScreen[None]):
    """A text over the tabs that any of the keys which opened it closes."""

    CSS = """
    TextScreen { background: $background; }
    TextScreen Reader { height: 1fr; margin: 1 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,exclamation_mark,i", "app.pop_screen", "Close")
    ]

    def compose(self) -> ComposeResult:
        """The text."""
        yield Reader()

    def on_mount(self) -> None:
        """Show it."""
        self.query_one(Reader).show(self.paragraphs())
        self.query_one(Reader).focus()

    def paragraphs(self) -> list[Part]:
        """What stands there."""
        return []


class NotesScreen(TextScreen):
    """What a comparison comes to, its notes and its legend, whole.

    Args:
        comparison: the table.
        left_out: that not all marked runs are compared; empty where they are.
    """

    def __init__(self, comparison: Comparison, left_out: str) -> None:
        super().__init__()
        self._comparison, self._left_out = comparison, left_out

    def paragraphs(self) -> list[Part]:
        """As `hybench compare` says it."""
        return headline_and_notes(self._comparison, self._left_out)


class LogScreen(TextScreen):
    """What went wrong since the start, and commands of what was written."""

    def paragraphs(self) -> list[Part]:
        """The last first."""
        notices = context_of(self).watched.notices
        if not notices:
            return [("Nothing has gone wrong so far.", "quiet")]
        return [
            (f"{time.strftime('%H:%M:%S', time.localtime(each.time))}  {each.run}  {each.text}", "")
            for each in reversed(notices)
        ]
