"""The lines above and below the tabs."""

from __future__ import annotations

import time

from textual import events
from textual.strip import Strip
from textual.widgets import ContentSwitcher

from hybench.runs.status import AT_WORK
from hybench.tui.draw.text import width_of
from hybench.tui.widgets.drawn import Drawn
from hybench.tui.widgets.lines import Part, drawn_parts

SMALLEST = (60, 15)
"""Cells across and down that the dashboard takes."""

TABS = ("runs", "matrix", "cross", "compare", "queries")

SAID_FOR = 8.0
"""Seconds that a message stays at the bottom."""


class TabBar(Drawn):
    """The tabs, how many runs are at work, and the time."""

    DEFAULT_CSS = "TabBar { height: 1; }"

    def _parts(self) -> list[Part]:
        current = self.dashboard.query_one(ContentSwitcher).current
        return [
            (f" {number} {name.title()} ", "on" if name == current else "")
            for number, name in enumerate(TABS, 1)
        ]

    def _clock(self) -> str:
        return time.strftime("%H:%M:%S", time.localtime(self.dashboard.options.clock()))

    def draw_line(self, y: int, width: int) -> Strip:  # noqa: ARG002 - the only one
        """The line."""
        views = list(self.dashboard.fleet.views.values())
        live = sum(view.status.state in AT_WORK for view in views)
        sign = self.glyphs.states["running"]
        shown = f"{live} live  {self._clock()}" if width > 75 else f"{live}"
        right = (f"{sign} {shown} ", "quiet")
        return drawn_parts(self, self._parts(), width, right)

    def on_click(self, event: events.Click) -> None:
        """Open the tab."""
        end = 0
        for (text, _), name in zip(self._parts(), TABS, strict=True):
            end += width_of(text)
            if event.x < end:
                self.dashboard.action_tab(name)
                return


class StatusBar(Drawn):
    """What was said last, or else the most useful keys."""

    DEFAULT_CSS = "StatusBar { height: 1; }"

    def draw_line(self, y: int, width: int) -> Strip:  # noqa: ARG002 - the only one
        """The line."""
        dashboard = self.dashboard
        text, when = dashboard.said
        right: Part = (" ? help  q quit ", "quiet")
        if wrong := dashboard.fleet.wrong:
            right = (f" ! {wrong} in the log  ? help ", "warn")
        said: Part = (f" {dashboard.pane.hints}", "quiet")
        if dashboard.work_in_hand:
            said = (f" {dashboard.work_in_hand}", "accent")
        elif text and time.monotonic() - when < SAID_FOR:
            said = (f" {text}", "accent")
        return drawn_parts(self, [said], width, right)


class TooSmall(Drawn):
    """Stands alone where the terminal is too small."""

    DEFAULT_CSS = "TooSmall { height: 1; }"

    def draw_line(self, y: int, width: int) -> Strip:  # noqa: ARG002 - the only one
        """The line."""
        size, need = self.app.size, f"{SMALLEST[0]}×{SMALLEST[1]}"
        said = f"Too small: {size.width}×{size.height}, it takes {need}."
        return drawn_parts(self, [(said, "warn")], width)
