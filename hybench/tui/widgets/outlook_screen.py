"""The outlook over the tabs: what is known by now, and what is left of a study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from hybench.tui.context import context_of
from hybench.tui.model.outlook import (
    StudyOutlook,
    outlook_text,
    read_outlook,
    studies_left,
    study_folders,
)
from hybench.tui.model.scores import Scores
from hybench.tui.widgets.lines import Reader
from hybench.tui.widgets.screens import TextScreen
from hybench.wording.error_messages import what_and_do

if TYPE_CHECKING:
    from hybench.studies.remaining import Remaining

EVERY = 3.0
"""Seconds between two looks; the results are read only if there are others."""


class OutlookScreen(TextScreen):
    """Read again as results come in, as long as it is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("O", "app.pop_screen", "Close"),
        Binding("tab", "section(1)", "Next section"),
        Binding("shift+tab", "section(-1)", "Section before"),
    ]

    class Read(Message):
        """The outlook was read in a thread, or why it was not."""

        def __init__(self, found: StudyOutlook | None, error: str) -> None:
            super().__init__()
            self.found, self.error = found, error

    class Left(Message):
        """What is left of studies was read in a thread."""

        def __init__(self, left: Sequence[Remaining]) -> None:
            super().__init__()
            self.left = left

    def __init__(self) -> None:
        super().__init__()
        self._left: Sequence[Remaining] = ()
        self._error = ""
        self._asked: Scores | None = None
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
        scores, known = comparisons.scores, comparisons.outlook
        if scores is None:
            busy = comparisons.busy or not dashboard.looked
            why = comparisons.error or "No run here has results yet."
            self._error = "" if busy else why.replace("\n", " ")
        elif self._asked is not scores and (known is None or known.scores is not scores):
            self._asked, self._error = scores, ""
            dashboard.in_background(lambda: self._read(scores))
        if not self._counting:
            self._counting = True
            folders, now = list(dashboard.watched.views), dashboard.options.clock()
            log = dashboard.watched.log
            dashboard.in_background(lambda: self._count(folders, now, log))
        self._show()

    def _read(self, scores: Scores) -> None:
        """Read the outlook, in a thread."""
        try:
            said = self.Read(read_outlook(scores), "")
        except Exception as error:  # noqa: BLE001 - shown in the outlook's place
            said = self.Read(None, " ".join(what_and_do(error)))
        self.post_message(said)

    def _count(self, runs: Sequence[Path], now: float, log: Callable[[str], None]) -> None:
        """Count what is left, in a thread."""
        try:
            left = studies_left(study_folders(runs), now)
        except Exception as error:  # noqa: BLE001 - in the log; the next look tries again
            log(" ".join(what_and_do(error)))
            left = []
        self.post_message(self.Left(left))

    def on_outlook_screen_read(self, message: Read) -> None:
        """Show it."""
        self._error = message.error
        if message.found is not None:
            context_of(self).comparisons.outlook = message.found
        self._show()

    def on_outlook_screen_left(self, message: Left) -> None:
        """Likewise."""
        self._counting, self._left = False, message.left
        self._show()

    def _show(self) -> None:
        reader = self.query_one(Reader)
        comparisons = context_of(self).comparisons
        known = comparisons.outlook
        found = known if known is not None and known.scores is comparisons.scores else None
        if reader.size.width:
            reader.show(outlook_text(found, self._left, self._error, reader.size.width))
