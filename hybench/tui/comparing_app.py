"""The app behind the dashboard, with what is compared: asked for, made in a thread, and kept."""

from __future__ import annotations

from abc import abstractmethod

from textual.message import Message

from hybench.tui.model.comparison_cache import ComparisonCache
from hybench.tui.model.looks import Looks
from hybench.tui.model.marked_runs import MarkedRuns
from hybench.tui.model.scores import ComparisonRequest, Scores, compare_runs
from hybench.tui.model.watched_runs import WatchedRuns
from hybench.tui.threaded_app import ThreadedApp
from hybench.tui.widgets.pane import Pane
from hybench.wording.error_messages import what_and_do


class ComparingApp(MarkedRuns, ThreadedApp):
    """An app that compares the marked runs.

    Attributes:
        comparisons: what is compared, and what came of it.
        looks: that there were at studies before they were finished.
    """

    class Compared(Message):
        """A comparison has ended."""

        def __init__(self, request: ComparisonRequest, scores: Scores | None, error: str) -> None:
            super().__init__()
            self.request, self.scores, self.error = request, scores, error

    def __init__(self, watched: WatchedRuns, *, no_color: bool) -> None:
        super().__init__(watched, no_color=no_color)
        self.comparisons = ComparisonCache()
        self.looks = Looks()

    @property
    @abstractmethod
    def pane(self) -> Pane:
        """The pane of the open tab."""

    def request_scores(self) -> None:
        """Compare the marked runs, or the first, unless that comparison is there or being made."""
        request = self.comparisons.next_request(self.marked, list(self.watched.views))
        if request is not None:
            self.in_background(lambda: self._score(request))
        if changed := self.comparisons.changed:
            self.comparisons.changed = ""
            self.watched.log(changed, wrong=False)
            self.say(changed)

    def choose(self, **changed: str | bool) -> None:
        """Change what is compared, by the names of `ComparisonRequest`'s fields."""
        self.comparisons.choose(**changed)
        self.pane.update_view()

    def _score(self, request: ComparisonRequest) -> None:
        """Compare, in a thread."""
        try:
            said = self.Compared(request, compare_runs(request, self.looks), "")
        except Exception as error:  # noqa: BLE001 - shown where the scores would stand
            said = self.Compared(request, None, "\n".join(what_and_do(error)))
        self.post_message(said)

    def on_comparing_app_compared(self, message: Compared) -> None:
        """Show what was compared, or why it was not."""
        if message.scores is not None:
            self.comparisons.keep(message.request, message.scores)
            for name, why in message.scores.skipped:
                self.watched.log(why, name)
        else:
            self.comparisons.fail(message.request, message.error)
            self.watched.log(message.error.replace("\n", " "))
        if self.is_running:
            if message.error:
                self.say(message.error.replace("\n", " "))
            self.pane.update_view()
