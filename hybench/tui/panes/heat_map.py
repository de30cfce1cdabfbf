"""Tab 3: query language by passage language."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from hybench.runs.run import Run
from hybench.tui.model.detail_files import map_outlet
from hybench.tui.model.export import Outlet
from hybench.tui.model.heat_map import (
    ArmMap,
    HeatMapRequest,
    describe_bias,
    describe_cell,
    heat_map_table,
    read_map,
)
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.lines import Bar, Heading, Part, Reader
from hybench.tui.widgets.pane import Tab
from hybench.tui.widgets.results_pane import ResultsPane, error_lines

_TALL = 24
"""Lines of the pane from which on the difference is read, to be shown below the map."""

_REST = 7
"""Lines of the headings, between the maps, and of what is said below."""


class HeatMapPane(ResultsPane):
    """One arm's heat map, or its difference from the reference."""

    DEFAULT_CSS = """
    HeatMapPane #heat-map-notes { height: 4; }
    HeatMapPane #heat-map-below-head { display: none; margin-top: 1; }
    HeatMapPane #heat-map-below { display: none; }
    HeatMapPane.both #heat-map-below-head { display: block; }
    HeatMapPane.both #heat-map-below { display: block; }
    """
    hints = (
        ("next_run previous_run", "run"), ("difference", "difference"), ("next_metric", "metric"),
        ("data", "data"), ("open", "queries"),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "arm(1)", "Next run", id="next_run"),
        Binding("p", "arm(-1)", "Previous run", id="previous_run"),
        Binding("d", "difference", "Difference from the reference", id="difference"),
        Binding("s", "sort", "Sort by this column, up, down, or as before", id="sort_column"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.arm = 0
        self.difference = False
        self._request: HeatMapRequest | None = None
        self._found: ArmMap | None = None
        self._error = ""

    def compose(self) -> ComposeResult:
        """A heading, the map, and what is under the cursor."""
        yield Bar(self._heading, id="heat-map-head")
        yield Grid(by_cell=True, sorts=True, id="heat-map-grid")
        yield Bar(self._heading_below, id="heat-map-below-head")
        below = Grid(id="heat-map-below")
        below.can_focus = False
        yield below
        yield Reader(classes="why")
        yield Reader(id="heat-map-notes")

    def update_view(self) -> None:
        """Ask for the map, and show the one that is there."""
        self.dashboard.request_scores()
        scores, found = self.scores, self.comparison
        if scores is None or found is None:
            self._empty(self.why_empty())
            return
        self.arm %= len(scores.arms)
        reference: tuple[Run, ...] = ()
        if found.baseline is not None and found.baseline != self.arm:
            reference = scores.arms[found.baseline]
        against = reference if self.difference else ()
        below = reference if not self.difference and self.size.height >= _TALL else ()
        runs, stamp = scores.arms[self.arm], scores.request.runs
        request = HeatMapRequest(runs, against, scores.key, found.metric, stamp, below)
        if request != self._request:
            self._request, self._found, self._error = request, None, ""
            self.in_thread(request, lambda: read_map(request))
        if self._found is not None:
            self.remove_class("empty")
            self.grid.show(heat_map_table(self._found, self.size.width))
            self._show_below(self._found.difference)
            self._say()
        elif self._error:
            self._empty(error_lines(self._error))
        self.query_one("#heat-map-head", Bar).update_heading()

    def _show_below(self, found: ArmMap | None) -> None:
        """Show the difference below the map, where both have room whole."""
        rows = self.grid.styles
        both = found is not None
        if found is not None:
            table = heat_map_table(found, self.size.width)
            lines = [len(each.records) + 1 for each in (self.grid.table, table)]
            both = sum(lines) + _REST <= self.size.height
            if both:
                self.query_one("#heat-map-below", Grid).show(table)
                self.query_one("#heat-map-below-head", Bar).update_heading()
        rows.height = len(self.grid.table.records) + 1 if both else "1fr"
        self.set_class(both, "both")

    def on_results_pane_read(self, message: ResultsPane.Read) -> None:
        """Show the map, unless another one was asked for meanwhile."""
        if message.asked == self._request and self.dashboard.is_running:
            self._found = message.found if isinstance(message.found, ArmMap) else None
            self._error = message.error
            self.update_view()

    def _empty(self, why: list[Part]) -> None:
        self.remove_class("both")
        self.show_why(why)
        self.query_one("#heat-map-notes", Reader).show([])

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
        from hybench.comparison.units import metric_style

        factor = metric_style(found.metric).factor
        unit = f" ×{factor:g}" if factor != 1 else ""
        parts.append((f" · {found.dataset} ({found.split}) · {found.metric}{unit}", ""))
        return Heading(parts, (f"{self.arm + 1}/{len(scores.arms)}", self.grid.in_sight))

    def _heading_below(self) -> Heading:
        scores, found = self.scores, self.comparison
        if scores is None or found is None or found.baseline is None:
            return Heading()
        labels = [column.label for column in found.columns]
        arm = self.arm % len(labels)
        return Heading(
            [(f" {labels[arm]}", "head"), (f" minus {labels[found.baseline]}", "accent")]
        )

    def _say(self) -> None:
        if self._found is None:
            return
        query, column = str(self.grid.key), self.grid.column - self.grid.table.frozen
        said = [describe_cell(self._found, query, column), describe_bias(self._found, query)]
        self.query_one("#heat-map-notes", Reader).show([(text, "") for text in said])

    def on_grid_moved(self) -> None:
        """Read out the field under the cursor."""
        self._say()

    def on_grid_chosen(self) -> None:
        """Open the queries of the language."""
        self.dashboard.show_tab("queries", str(self.grid.key), self.arm)

    def action_arm(self, by: int) -> None:
        """Show another run."""
        self.arm += by
        self.update_view()

    def action_sort(self) -> None:
        """Sort by the passages' language under the cursor."""
        self.grid.sort_by(self.grid.column)

    def outlet(self) -> Outlet | None:
        """The map."""
        return None if self._found is None else map_outlet(self._found.request)

    def action_difference(self) -> None:
        """Show the difference, or the run."""
        self.difference = not self.difference
        self.update_view()


TAB = Tab("cross", "Cross", 3, HeatMapPane)
