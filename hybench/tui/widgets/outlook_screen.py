"""The outlook over the tabs: what is known by now, and what is left of a study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from hybench.tui.context import context_of
from hybench.tui.model.outlook import (
    outlook_text,
    studies_left,
    study_folders,
)
from hybench.tui.widgets.lines import Reader
from hybench.tui.widgets.screens import TextScreen
from hybench.wording.error_messages import what_and_do

if TYPE_CHECKING:
    from hybench.studies.remaining import Remaining

EVERY = 2.0
"""Seconds between two looks; the results are read only if there are others."""


class OutlookScreen(TextScreen):
    """Read again as results come in, as long as it is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("O", "app.pop_screen", "Close"),
        Binding("tab", "section(1)", "Next section"),
        Binding("shift+tab", "section(-1)", "Section before"),
    ]

    class Left(Message):
        """What is left of studies was read in a thread."""

        def __init__(self, left: Sequence[Remaining]) -> None:
            super().__init__()
            self.left = left

    def __init__(self) -> None:
        super().__init__()
        self._left: Sequence[Remaining] = ()
        self._counting = False

    def on_mount(self) -> None:
        """Look once the screen has its size, then again and again."""
        super().on_mount()
        self.call_after_refresh(self._look)
        self.set_interval(EVERY, self._look)

    def action_section(self, by: int) -> None:
        """Go to the next section, or the one before."""
        self.query_one(Reader).go_to_section(by)

    def _look(self) -> None:
        dashboard = context_of(self)
        dashboard.request_scores()
        comparisons = dashboard.comparisons
        if (asked := comparisons.next_outlook()) is not None:
            dashboard.in_background(lambda: comparisons.read_outlook(asked))
        if not self._counting:
            self._counting = True
            folders, now = list(dashboard.watched.views), dashboard.options.clock()
            log = dashboard.watched.log
            dashboard.in_background(lambda: self._count(folders, now, log))
        self._show()

    def _count(self, runs: Sequence[Path], now: float, log: Callable[[str], None]) -> None:
        """Count what is left, in a thread."""
        try:
            left = studies_left(study_folders(runs), now)
        except Exception as error:  # noqa: BLE001 - in the log; the next look tries again
            log(" ".join(what_and_do(error)))
            left = []
        self.post_message(self.Left(left))

    def on_outlook_screen_left(self, message: Left) -> None:
        """Show it."""
        self._counting, self._left = False, message.left
        self._show()

    def _show(self) -> None:
        dashboard, reader = context_of(self), self.query_one(Reader)
        comparisons = dashboard.comparisons
        known, error = comparisons.outlook, comparisons.outlook_error
        found = known if known is not None and known.scores is comparisons.scores else None
        if comparisons.scores is None and dashboard.looked and not comparisons.busy:
            error = (comparisons.error or "No run here has results yet.").replace("\n", " ")
        if reader.size.width:
            reader.show(outlook_text(found, self._left, error, reader.size.width))
