"""The outlook over the tabs: what is known by now, and what is left of a study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from hybench.tui.context import context_of
from hybench.tui.model.outlook import StudyOutlook, outlook_text, read_outlook, studies_left
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

        def __init__(
            self, found: StudyOutlook | None, left: Sequence[Remaining], error: str
        ) -> None:
            super().__init__()
            self.found, self.left, self.error = found, left, error

    def __init__(self) -> None:
        super().__init__()
        self._left: Sequence[Remaining] = ()
        self._error = ""
        self._reading = False

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
        scores, known = dashboard.comparisons.scores, dashboard.comparisons.outlook
        if scores is None:
            busy = dashboard.comparisons.busy or not dashboard.looked
            why = dashboard.comparisons.error or "No run here has results yet."
            self._error = "" if busy else why.replace("\n", " ")
        if scores is None or self._reading:
            self._show()
            return
        self._reading = True
        now = dashboard.options.clock()
        folders = [each.folder for each in scores.planned]

        def work() -> None:
            try:
                same = known is not None and known.scores is scores
                found = known if same else read_outlook(scores)
                said = self.Read(found, studies_left(folders, now), "")
            except Exception as error:  # noqa: BLE001 - shown in the outlook's place
                said = self.Read(None, (), " ".join(what_and_do(error)))
            self.post_message(said)

        dashboard.in_background(work)
        self._show()

    def on_outlook_screen_read(self, message: Read) -> None:
        """Show it."""
        self._reading = False
        self._left, self._error = message.left, message.error
        if message.found is not None:
            context_of(self).comparisons.outlook = message.found
        self._show()

    def _show(self) -> None:
        reader = self.query_one(Reader)
        comparisons = context_of(self).comparisons
        known = comparisons.outlook
        found = known if known is not None and known.scores is comparisons.scores else None
        if reader.size.width:
            reader.show(outlook_text(found, self._left, self._error, reader.size.width))
