"""The machine over the tabs: how busy it is, and the processes of the runs."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from hybench.tui.context import context_of
from hybench.tui.model.system_text import system_text
from hybench.tui.widgets.lines import Reader
from hybench.tui.widgets.screens import TextScreen

SYSTEM_EVERY = 2.0
"""Seconds between two readings of the machine, while somebody looks."""


class SystemScreen(TextScreen):
    """Drawn again at every reading, as long as it is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("percent_sign", "app.pop_screen", "Close"),
    ]

    def on_mount(self) -> None:
        """Draw once the screen has its size, then again and again."""
        super().on_mount()
        context_of(self).read_system()
        self.set_interval(SYSTEM_EVERY, context_of(self).read_system)
        self.call_after_refresh(self._show)
        self.set_interval(0.5, self._show)

    def _show(self) -> None:
        dashboard, reader = context_of(self), self.query_one(Reader)
        if not reader.size.width:
            return
        names = {path: view.name for path, view in dashboard.watched.views.items()}
        folder = dashboard.watched.paths[0]
        reader.show(
            system_text(dashboard.system, names, folder, reader.size.width, dashboard.glyphs)
        )
