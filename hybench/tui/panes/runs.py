"""Tab 1: every run, live, and the curves of the marked ones."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from hybench.tui.model.listing import SORTS, ListOptions, run_table, sorted_runs
from hybench.tui.widgets.charts import Charts, Shown
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.line_widget import focus_now
from hybench.tui.widgets.lines import Bar, Heading, Part, Reader
from hybench.tui.widgets.pane import Tab
from hybench.tui.widgets.prompt import Prompt
from hybench.tui.widgets.training_controls import TrainingControls


class RunsPane(TrainingControls):
    """The runs and their curves."""

    DEFAULT_CSS = "RunsPane.empty Charts { display: none; }"
    hints = (
        ("mark", "mark"), ("filter", "filter"), ("sort", "sort"), ("metric", "chart"),
        ("log_axis", "log"), ("smoothing", "smooth"), ("axis", "axis"),
    )  # fmt: skip

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark the run, to draw its curves and compare it", id="mark"),
        Binding("a", "mark_all", "Mark all that are listed", id="mark_all"),
        Binding("u", "unmark", "Unmark all", id="unmark"),
        Binding("slash", "filter", "Filter by name or state", id="filter"),
        Binding("s", "sort", "Sort by name, state, score or age", id="sort"),
        Binding("m", "metric", "Next chart", id="metric"),
        Binding("y", "log_axis", "Logarithmic axis", id="log_axis"),
        Binding("g", "smoothing", "More, less or no smoothing", id="smoothing"),
        Binding("x", "axis", "x axis: steps, time or examples", id="axis"),
        Binding("plus,equals_sign", "zoom(0.6)", "Zoom in", id="zoom_in"),
        Binding("minus", "zoom(1.67)", "Zoom out", id="zoom_out"),
        Binding("less_than_sign,comma", "pan(-0.25)", "Earlier", id="pan_left"),
        Binding("greater_than_sign,full_stop", "pan(0.25)", "Later", id="pan_right"),
        Binding("r", "reset", "Whole curves", id="reset"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.sort = SORTS[0]
        self.filter = ""

    def compose(self) -> ComposeResult:
        """A heading, and the list above the curves."""
        yield Bar(self._heading, id="runs-head")
        yield Grid(id="run-list")
        yield Reader(classes="why")
        yield Prompt("filter", id="run-filter")
        yield Prompt("start", id="run-command")
        yield Prompt("stop", id="run-stop")
        yield Charts(id="charts")

    @property
    def charts(self) -> Charts:
        """The curves."""
        return self.query_one(Charts)

    def update_view(self) -> None:
        """Show where the runs are."""
        dashboard = self.dashboard
        if dashboard.watched.views:
            self.remove_class("empty")
        else:
            self.show_why(self._why_empty())
        self._list()
        if dashboard.cursor_run != self.grid.key:
            # Its curves are drawn now, so that it has a colour.
            dashboard.cursor_run = self.grid.key
            self._list()
        self.query_one("#runs-head", Bar).update_heading()
        self.show_curves()

    def _list(self) -> None:
        dashboard, now = self.dashboard, self.dashboard.options.clock()
        found = sorted_runs(dashboard.watched.views.values(), self.filter, self.sort, now)
        dashboard.none_listed = bool(self.filter) and not found
        if dashboard.none_listed:
            dashboard.cursor_run = None
        colors = dashboard.run_colors.of(dashboard.shown_runs())
        marked = frozenset(dashboard.marked)
        table = run_table(
            found, ListOptions(self.size.width, now, marked, colors, dashboard.glyphs)
        )
        self.grid.show(table)
        height = max(4, self.size.height * (2 if self.size.height > 24 else 3) // 7)
        self.grid.styles.height = min(len(table.records) + 1, height)

    def _heading(self) -> Heading:
        """How many are listed, in which order, by what filter; how many are marked and drawn."""
        dashboard = self.dashboard
        every, listed = len(dashboard.watched.views), len(self.grid.table.records)
        if not every:
            return Heading()
        count = f"{listed} of {every}" if self.filter else f"{every}"
        parts: list[Part] = [(f" {count} run{'s' * (every > 1)}", "head")]
        parts.append((f" · by {self.sort}", ""))
        if self.filter:
            parts.append((f"   filter {self.filter}", "accent"))
        marked, drawn = len(dashboard.marked), len(dashboard.shown_runs())
        right = f"{marked} marked" if marked else ""
        right += f", {drawn} drawn" if marked > drawn else ""
        return Heading(parts, (self.grid.in_sight, right))

    def _why_empty(self) -> list[Part]:
        options = self.dashboard.options
        folders = ", ".join(map(str, options.paths))
        if not self.dashboard.looked:
            return [("", ""), (f"  Looking for runs in {folders}…", "quiet")]
        if options.demo:
            return [
                ("", ""),
                ("  Preparing the demo's data; the first run shows in a few seconds.", ""),
            ]
        said = self.missing_folders()
        return [
            ("", ""),
            (f"  {said or f'No runs in {folders}.'}", "warn"),
            ("", ""),
            ("  Train one:      hybench train --data SET", ""),
            ("  Try the demo:   hybench tui --demo", ""),
            ("", ""),
            ("  New runs appear here at once.", "quiet"),
        ]

    def show_curves(self) -> None:
        """Draw the marked runs, or the one under the cursor."""
        dashboard = self.dashboard
        shown = []
        for path, number in dashboard.run_colors.of(dashboard.shown_runs()).items():
            history = dashboard.watched.history(path)
            if history is not None:
                shown.append(Shown(dashboard.watched.views[path].name, history, number))
        self.charts.show(shown)

    def on_grid_moved(self) -> None:
        """Show the curves of the run that the cursor is on now."""
        self.update_view()
        self.dashboard.tick()

    def on_grid_chosen(self) -> None:
        """Go on to the curves."""
        focus_now(self.charts)

    def action_mark(self) -> None:
        """Mark the run under the cursor, or unmark it."""
        self.dashboard.toggle_mark(self.grid.key)
        self.grid.action_move(1)
        self.update_view()

    def action_mark_all(self) -> None:
        """Mark the runs in the list, as it is filtered."""
        self.dashboard.mark(record.key for record in self.grid.table.records)
        self.update_view()

    def action_unmark(self) -> None:
        """Mark no run."""
        self.dashboard.marked.clear()
        self.update_view()

    def action_filter(self) -> None:
        """Ask what to show."""
        self.query_one("#run-filter", Prompt).ask(self.filter)

    def on_prompt_answered(self, message: Prompt.Answered) -> None:
        """Filter the list, or start or stop what was confirmed."""
        focus_now(self.grid)
        if message.prompt.id == "run-filter":
            self.filter = message.text
        else:
            self.take_command(message)
        self.update_view()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Filter while it is typed."""
        if message.input.parent is self.query_one("#run-filter"):
            self.filter = message.value
            self.update_view()

    def action_sort(self) -> None:
        """Sort by something else."""
        self.sort = SORTS[(SORTS.index(self.sort) + 1) % len(SORTS)]
        self.update_view()

    def action_metric(self) -> None:
        """Begin with the next chart."""
        self.charts.action_panel(1)

    def action_log_axis(self) -> None:
        """Draw y by its logarithm."""
        self.charts.toggle_log()

    def action_smoothing(self) -> None:
        """Smooth otherwise."""
        self.charts.next_decay()

    def action_axis(self) -> None:
        """Draw over something else."""
        self.charts.next_axis()

    def action_zoom(self, factor: float) -> None:
        """Show more or less of the curves."""
        self.charts.zoom(factor)

    def action_pan(self, by: float) -> None:
        """Show an earlier or a later part."""
        self.charts.pan(by)

    def action_reset(self) -> None:
        """Show all of the curves."""
        self.charts.reset()


TAB = Tab("runs", "Runs", 1, RunsPane)
