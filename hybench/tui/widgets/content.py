"""What can be copied and exported: lists, tables and charts."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual.binding import Binding, BindingType

from hybench.tui.model.rows import Rows, tab_separated
from hybench.tui.widgets.line_widget import LineWidget

_SAFE = 74_994
"""Bytes of text that every terminal with OSC 52 takes."""


class Content(LineWidget):
    """A widget whose values can be taken elsewhere."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("C", "copy_cell", "Copy the cell to the clipboard", id="copy_cell"),
        Binding("Y", "copy_table", "Copy the whole table to the clipboard", id="copy_table"),
    ]

    @abstractmethod
    def cell_text(self) -> str:
        """What the cursor is on; empty for nothing."""

    @abstractmethod
    def rows(self) -> Rows:
        """All that is there, with its headings; no rows for nothing."""

    def action_copy_cell(self) -> None:
        """Copy what the cursor is on."""
        text = self.cell_text()
        if text:
            self.app.copy_to_clipboard(text)
        self.dashboard.say(f"Copied: {text}" if text else "There is nothing to copy.")

    def action_copy_table(self) -> None:
        """Copy all of it, with tabs between columns."""
        rows = self.rows()
        if len(rows) < 2:
            self.dashboard.say("There is nothing to copy.")
            return
        text = tab_separated(rows)
        self.app.copy_to_clipboard(text)
        size = len(text.encode())
        much = f"; {size:,} bytes are too many for some terminals, e writes a file"
        said = f"Copied {len(rows) - 1:,} row{'s' * (len(rows) > 2)} with their headings"
        self.dashboard.say(f"{said}{much if size > _SAFE else ''}.")
