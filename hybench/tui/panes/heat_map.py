"""Tab 3: query language by passage language."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from hybench.runs.run import Run
from hybench.tui.model.heat_map import (
    CrossMap,
    CrossRequest,
    cross_map,
    cross_table,
    said_of_bias,
    said_of_cell,
)
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.lines import Bar, Heading, Part, Reader
from hybench.tui.widgets.scored import ScoredPane, error_lines


class CrossPane(ScoredPane):
    """One arm's heat map, or its difference to the reference."""

    DEFAULT_CSS = """
    CrossPane #cross-said { height: 4; }
    """
    hints = "n p run  d difference  m metric  o data  enter queries"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "arm(1)", "Next run", id="next_run"),
        Binding("p", "arm(-1)", "Previous run", id="previous_run"),
        Binding("d", "difference", "The run, or its difference to the reference", id="difference"),
    ]

    def __init__(self) -> None:
        super().__init__(id="cross")
        self.arm = 0
        self.difference = False
        self._request: CrossRequest | None = None
        self._found: CrossMap | None = None
        self._error = ""

    def compose(self) -> ComposeResult:
        """A heading, the map, and what is under the cursor."""
        yield Bar(self._heading, id="cross-head")
        yield Grid(by_cell=True, id="cross-grid")
        yield Reader(classes="why")
        yield Reader(id="cross-said")

    def update_view(self) -> None:
        """Ask for the map, and show the one that is there."""
        self.dashboard.want_scores()
        scores, found = self.scores, self.comparison
        if scores is None or found is None:
            self._empty(self.why_empty())
            return
        self.arm %= len(scores.arms)
        against: tuple[Run, ...] = ()
        if self.difference and found.baseline is not None and found.baseline != self.arm:
            against = scores.arms[found.baseline]
        runs = scores.arms[self.arm]
        request = CrossRequest(runs, against, scores.key, found.metric, scores.request.runs)
        if request != self._request:
            self._request, self._found, self._error = request, None, ""
            self.in_thread(request, lambda: cross_map(request))
        if self._found is not None:
            self.remove_class("empty")
            self.grid.show(cross_table(self._found))
            self._say()
        elif self._error:
            self._empty(error_lines(self._error))
        self.query_one("#cross-head", Bar).renew()

    def on_scored_pane_read(self, message: ScoredPane.Read) -> None:
        """Show the map, unless another one was asked for meanwhile."""
        if message.asked == self._request and self.dashboard.is_running:
            self._found = message.found if isinstance(message.found, CrossMap) else None
            self._error = message.error
            self.update_view()

    def _empty(self, why: list[Part]) -> None:
        self.show_why(why)
        self.query_one("#cross-said", Reader).show([])

    def _heading(self) -> Heading:
        scores, found = self.scores, self.comparison
        if scores is None or found is None:
            return Heading()
        label = found.columns[self.arm % len(found.columns)].label
        parts: list[Part] = [(f" {label}", "head")]
        if found.baseline is not None and self._request is not None and self._request.against:
            parts.append((f" minus {found.columns[found.baseline].label}", "accent"))
        seeds = len(scores.arms[self.arm % len(scores.arms)])
        if seeds > 1:
            parts.append((f" (mean of {seeds} seeds)", "quiet"))
        parts.append((f" · {found.dataset} ({found.split}) · {found.metric} ×100", ""))
        return Heading(parts, (f"{self.arm + 1}/{len(scores.arms)}", self.grid.in_sight))

    def _say(self) -> None:
        if self._found is None:
            return
        query, column = str(self.grid.key), self.grid.column - 1
        said = [said_of_cell(self._found, query, column), said_of_bias(self._found, query)]
        self.query_one("#cross-said", Reader).show([(text, "") for text in said])

    def on_grid_moved(self) -> None:
        """Read out the field under the cursor."""
        self._say()

    def on_grid_chosen(self) -> None:
        """Open the queries of the language."""
        self.dashboard.open_queries(str(self.grid.key), self.arm)

    def action_arm(self, by: int) -> None:
        """Show another run."""
        self.arm += by
        self.update_view()

    def action_difference(self) -> None:
        """Show the difference, or the run."""
        self.difference = not self.difference
        self.update_view()
