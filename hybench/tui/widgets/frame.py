"""The lines above and below the tabs."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual import events
from textual.strip import Strip

from hybench.tui.draw.text import width_of
from hybench.tui.widgets.line_widget import LineWidget
from hybench.tui.widgets.lines import Part, draw_parts
from hybench.tui.widgets.pane import Tab

SMALLEST = (60, 15)
"""Cells across and down that the dashboard takes."""

SAID_FOR = 8.0
"""Seconds that a message stays at the bottom."""


class TabBar(LineWidget):
    """The tabs, how many runs are at work, and the time.

    Args:
        tabs: in their order.
    """

    DEFAULT_CSS = "TabBar { height: 1; }"

    def __init__(self, tabs: Sequence[Tab]) -> None:
        super().__init__()
        self._tabs = tabs

    def _parts(self) -> list[Part]:
        shown = self.dashboard.open_tab
        return [
            (f" {tab.order} {tab.title} ", "on" if tab.name == shown else "") for tab in self._tabs
        ]

    def _clock(self) -> str:
        return time.strftime("%H:%M:%S", time.localtime(self.dashboard.options.clock()))

    def draw_line(self, y: int, width: int) -> Strip:  # noqa: ARG002 - the only one
        """The line."""
        live = len(self.dashboard.watched.at_work)
        sign = self.glyphs.states["running"]
        shown = f"{live} live  {self._clock()}" if width > 75 else f"{live}"
        right = (f"{sign} {shown} ", "quiet")
        return draw_parts(self, self._parts(), width, right)

    def on_click(self, event: events.Click) -> None:
        """Open the tab."""
        end = 0
        for (text, _), tab in zip(self._parts(), self._tabs, strict=True):
            end += width_of(text)
            if event.x < end:
                self.dashboard.show_tab(tab.name)
                return


class StatusBar(LineWidget):
    """What was said last, or else the most useful keys."""

    DEFAULT_CSS = "StatusBar { height: 1; }"

    def draw_line(self, y: int, width: int) -> Strip:  # noqa: ARG002 - the only one
        """The line."""
        dashboard = self.dashboard
        text, when = dashboard.last_message
        keys = dashboard.key_hints((("help", "help"), ("quit", "quit")))
        right: Part = (f" {keys} ", "quiet")
        if wrong := dashboard.watched.wrong:
            keys = dashboard.key_hints((("log", f"{wrong} in the log"), ("help", "help")))
            right = (f" {keys} ", "warn")
        said: Part = (f" {dashboard.key_hints(dashboard.hints)}", "quiet")
        if dashboard.work_in_hand:
            said = (f" {dashboard.work_in_hand}", "accent")
        elif text and time.monotonic() - when < SAID_FOR:
            said = (f" {text}", "accent")
        return draw_parts(self, [said], width, right)


class TooSmall(LineWidget):
    """Stands alone where the terminal is too small."""

    DEFAULT_CSS = "TooSmall { height: 1; }"

    def draw_line(self, y: int, width: int) -> Strip:  # noqa: ARG002 - the only one
        """The line."""
        size, need = self.app.size, f"{SMALLEST[0]}×{SMALLEST[1]}"
        said = f"Terminal too small: {size.width}×{size.height}, the dashboard needs {need}."
        return draw_parts(self, [(said, "warn")], width)
