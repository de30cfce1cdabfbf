"""One run whole, over the tabs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from hybench.tui.context import context_of
from hybench.tui.model.system_text import process_text
from hybench.tui.model.whole_run import Paragraphs, whole_run
from hybench.tui.widgets.lines import Part, Reader
from hybench.tui.widgets.screens import TextScreen

EVERY = 2.0
"""Seconds between two looks at a run: each reads its whole log."""


class RunScreen(TextScreen):
    """All that a run's folder says of it, read again as long as it is shown.

    Args:
        paths: the listed runs.
        at: which of them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "run(1)", "Next run"),
        Binding("p", "run(-1)", "Previous run"),
        Binding("tab", "section(1)", "Next section"),
        Binding("shift+tab", "section(-1)", "Section before"),
    ]

    class Read(Message):
        """A run was read in a thread."""

        def __init__(self, path: Path, said: Paragraphs) -> None:
            super().__init__()
            self.path, self.said = path, said

    def __init__(self, paths: Sequence[Path], at: int) -> None:
        super().__init__()
        self._paths, self._at = list(paths), at
        self._reading = False

    def on_mount(self) -> None:
        """Read the run once the screen has its size, then again and again."""
        super().on_mount()
        self.call_after_refresh(self._read)
        self.set_interval(EVERY, self._read)

    def paragraphs(self) -> list[Part]:
        """What stands there until the run is read."""
        return [("Reading…", "quiet")]

    def action_run(self, by: int) -> None:
        """Show another run."""
        self._at = (self._at + by) % len(self._paths)
        reader = self.query_one(Reader)
        reader.scroll_home(animate=False)
        reader.show(self.paragraphs())
        self._reading = False
        self._read()

    def action_section(self, by: int) -> None:
        """Go to the next section, or the one before."""
        self.query_one(Reader).go_to_section(by)

    def _read(self) -> None:
        dashboard, path = context_of(self), self._paths[self._at]
        views = dashboard.watched.views
        width, now = self.query_one(Reader).size.width, dashboard.options.clock()
        if self._reading or path not in views or not width:
            return
        self._reading = True
        dashboard.read_system()
        beside = [views[each] for each in dashboard.marked if each in views]
        view, process = views[path], dashboard.system.process(path)
        taken = "" if process is None else process_text(process)

        def work() -> None:
            self.post_message(self.Read(path, whole_run(view, beside, width, now, taken)))

        dashboard.in_background(work)

    def on_run_screen_read(self, message: Read) -> None:
        """Show it, unless another run was asked for."""
        if message.path == self._paths[self._at]:
            self._reading = False
            at = f"{self._at + 1} of {len(self._paths)}"
            hint = f"  {at}   n p other run   tab next section   escape back"
            self.query_one(Reader).show([*message.said[:2], (hint, "quiet"), *message.said[2:]])
