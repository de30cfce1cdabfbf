"""Tab 1: every run, live, and the curves of the marked ones."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from hybench.tui.model.arms import APART, ARM, field_name
from hybench.tui.model.filters import RunFilter
from hybench.tui.model.listing import HEADINGS, SORTS, ListedRuns, ListOptions
from hybench.tui.model.no_runs import why_no_runs
from hybench.tui.model.panels import Shown
from hybench.tui.widgets.charts import Charts
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.line_widget import focus_now
from hybench.tui.widgets.lines import Bar, Heading, Part, Reader
from hybench.tui.widgets.pane import Tab
from hybench.tui.widgets.prompt import Prompt
from hybench.tui.widgets.run_list import RunList


class RunsPane(RunList):
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
        Binding("slash", "filter", "Filter: words seed:0 state:live lr>1e-4 /regex/", id="filter"),
        Binding("G", "seeds", "Group the seeds of an arm, or show them apart", id="seeds"),
        Binding("B", "group", "Group by any config field", id="group"),
        Binding("s", "sort", "Sort by state, name, score, age or a config field", id="sort"),
        Binding("m", "metric", "Next chart", id="metric"),
        Binding("y", "log_axis", "Logarithmic axis", id="log_axis"),
        Binding("number_sign", "grid", "Grid in the charts", id="grid"),
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
        self._listed = ListedRuns()

    def compose(self) -> ComposeResult:
        """A heading, and the list above the curves."""
        self.recall()
        yield Bar(self._heading, id="runs-head")
        yield Grid(id="run-list")
        yield Reader(classes="why")
        yield Prompt("filter", id="run-filter")
        yield Prompt("group by", id="run-group")
        yield Prompt("start", id="run-command")
        yield Prompt("stop", id="run-stop")
        yield Prompt("note", id="run-note")
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
            said = why_no_runs(
                dashboard.options,
                dashboard.studies,
                self.missing_folders(),
                looked=dashboard.looked,
            )
            self.show_why(said)
        self._list()
        if dashboard.cursor_run != self.grid.key:
            # Its curves are drawn now, so that it has a colour.
            dashboard.cursor_run = self.grid.key
            self._list()
        self.query_one("#runs-head", Bar).update_heading()
        self.show_curves()

    def _list(self) -> None:
        dashboard, now = self.dashboard, self.dashboard.options.clock()
        pinned = frozenset(dashboard.pinned)
        wanted = RunFilter.read(self.filter)
        found = self._listed.find(
            dashboard.watched.views, wanted, dashboard.group_by, self.sort, pinned
        )
        dashboard.none_listed = bool(self.filter) and not found
        if dashboard.none_listed:
            dashboard.cursor_run = None
        drawn = self._drawn()
        look = ListOptions(
            self.size.width,
            now,
            frozenset(dashboard.marked),
            frozenset(drawn),
            drawn,
            dashboard.glyphs,
            self._listed.fields,
            pinned,
        )
        table = self._listed.table(look)
        self.groups_listed = dict(zip(table.keys, found, strict=True))
        self.grid.show(table)
        height = max(4, self.size.height * (2 if self.size.height > 24 else 3) // 7)
        self.grid.styles.height = min(len(table.records) + 1, height)

    def _drawn(self) -> dict[str, tuple[int, int]]:
        """Numbers of the colours of what is drawn, and their shades, by the keys of the groups."""
        return self.dashboard.arm_colors.shades(self.dashboard.shown_groups())

    def _heading(self) -> Heading:
        """How many are listed, in which order, by what filter; how many are marked and drawn."""
        dashboard = self.dashboard
        every = len(dashboard.watched.views)
        listed = self._listed.count
        if not every:
            return Heading()
        count = f"{listed} of {every}" if self.filter else f"{every}"
        parts: list[Part] = [(f" {count} run{'s' * (every > 1)}", "head")]
        parts.append((f" · by {self.sort}", ""))
        if len(self.groups_listed) < listed or dashboard.group_by not in {ARM, APART}:
            parts.append((f"   {len(self.groups_listed)} groups by {dashboard.group_by}", ""))
        if self.filter:
            parts.append((f"   filter {self.filter}", "accent"))
        parts += [(f"   {each.progress}", "warn" * bool(each.failed)) for each in dashboard.studies]
        marked, drawn = len(dashboard.marked), len(dashboard.shown_runs())
        wrong = RunFilter.read(self.filter).wrong
        if wrong:
            parts.append((f"   {wrong}", "warn"))
        right = f"{marked} marked" if marked else ""
        right += f", {drawn} drawn" if marked > drawn else ""
        return Heading(parts, (self.grid.in_sight, right))

    def show_curves(self) -> None:
        """Draw the marked runs, or the one under the cursor."""
        dashboard = self.dashboard
        shown, drawn = [], self._drawn()
        for group in dashboard.shown_groups():
            read = (dashboard.watched.history(path) for path in group.paths)
            histories = tuple(each for each in read if each is not None)
            if histories:
                front = dashboard.cursor_run in {group.key, *group.paths}
                shown.append(Shown(group.label, histories, *drawn[group.key], front=front))
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
        if group := self.groups_listed.get(self.grid.key):
            self.dashboard.toggle_mark(group.paths)
        self.grid.action_move(1)
        self.update_view()

    def action_mark_all(self) -> None:
        """Mark the runs in the list, as it is filtered."""
        self.dashboard.mark(path for group in self.groups_listed.values() for path in group.paths)
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
        elif message.prompt.id == "run-group":
            self._group(message)
        elif message.prompt.id == "run-note":
            self.take_note(message)
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
        orders = [*SORTS, *self._listed.fields]
        place = orders.index(self.sort) if self.sort in orders else -1
        self.sort = orders[(place + 1) % len(orders)]
        self.update_view()

    def on_grid_headed(self, message: Grid.Headed) -> None:
        """Sort by the column whose heading was clicked."""
        names = [*HEADINGS[:-1], *self._listed.fields, "", ""]
        if names[message.column]:
            self.sort = names[message.column]
            self.update_view()

    def action_seeds(self) -> None:
        """Group runs by arm, or show each."""
        self.dashboard.group_by = APART if self.dashboard.group_by != APART else ARM
        self.update_view()
        self.dashboard.tick()

    def action_group(self) -> None:
        """Ask for a config field."""
        label = f"group by (arm, run, seed, {', '.join(self._listed.fields[:4])} …)"
        self.query_one("#run-group", Prompt).ask(self.dashboard.group_by, label)

    def _group(self, message: Prompt.Answered) -> None:
        field, dashboard = field_name(message.text.strip()), self.dashboard
        known = {name for view in dashboard.watched.views.values() for name in view.config}
        if message.given and field in {ARM, APART, *known}:
            dashboard.group_by = field
            dashboard.tick()
        elif message.given:
            dashboard.say(f"No run here has a field {field!r}. Fields: {' '.join(sorted(known))}.")

    def action_metric(self) -> None:
        """Begin with the next chart."""
        self.charts.action_panel(1)

    def action_log_axis(self) -> None:
        """Draw y by its logarithm."""
        self.charts.toggle_log()

    def action_grid(self) -> None:
        """Draw the charts with a grid, or without."""
        self.charts.toggle_grid()

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
