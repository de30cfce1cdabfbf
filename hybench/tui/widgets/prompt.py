"""A line that asks for a text and then goes away."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from hybench.tui.widgets.line_widget import focus_now


class Prompt(Horizontal):
    """Asks when it is told to; hidden else.

    Args:
        label: what is asked for.
        id: of the widget.
    """

    DEFAULT_CSS = """
    Prompt { height: 1; display: none; }
    Prompt Label { width: auto; padding: 0 1 0 0; }
    Prompt Input { width: 1fr; height: 1; border: none; padding: 0; background: $boost; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Cancel", show=False)]

    class Answered(Message):
        """Enter was pressed, or escape, which answers what stood there before."""

        def __init__(self, prompt: Prompt, text: str, *, given: bool) -> None:
            super().__init__()
            self.prompt, self.text, self.given = prompt, text, given

    def __init__(self, label: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.label = label
        self._before = ""

    def compose(self) -> ComposeResult:
        """The label and the line."""
        yield Label(self.label)
        yield Input(compact=True)

    def ask(self, text: str = "", label: str = "") -> None:
        """Show the line with `text` in it."""
        self._before = text
        self.query_one(Label).update(label or self.label)
        line = self.query_one(Input)
        with line.prevent(Input.Changed):
            line.value = text
        line.cursor_position = len(text)
        self.display = True
        focus_now(line)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Take the answer."""
        message.stop()
        self._end(message.value, given=True)

    def action_give_up(self) -> None:
        """Answer what stood there before."""
        self._end(self._before, given=False)

    def _end(self, text: str, *, given: bool) -> None:
        self.display = False
        self.post_message(self.Answered(self, text, given=given))
