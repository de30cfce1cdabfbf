"""Tab 1: every run, live, and the curves of the marked ones."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from hybench.errors import HybenchError
from hybench.runs import STUDY
from hybench.status import AT_WORK
from hybench.tui.background import resume_command, start, stop
from hybench.tui.model.listing import SORTS, Look, run_table, sorted_runs
from hybench.tui.widgets.charts import Charts, Shown
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.lines import Part, Reader
from hybench.tui.widgets.pane import Pane
from hybench.tui.widgets.prompt import Prompt


class RunsPane(Pane):
    """The runs and their curves."""

    DEFAULT_CSS = "RunsPane.empty Charts { display: none; }"
    hints = "space mark  / filter  s sort  m chart  y log  g smooth  x axis  + - zoom"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark the run: its curves are drawn, tabs compare it", id="mark"),
        Binding("a", "mark_all", "Mark all that are listed", id="mark_all"),
        Binding("u", "unmark", "Unmark all", id="unmark"),
        Binding("slash", "filter", "Filter by name or state", id="filter"),
        Binding("s", "sort", "Sort by name, state, score or age", id="sort"),
        Binding("m", "metric", "Next chart", id="metric"),
        Binding("y", "log_axis", "Logarithmic axis", id="log_axis"),
        Binding("g", "smoothing", "More, less or no smoothing", id="smoothing"),
        Binding("x", "axis", "Over steps, time or examples", id="axis"),
        Binding("plus,equals_sign", "zoom(0.6)", "Zoom in", id="zoom_in"),
        Binding("minus", "zoom(1.67)", "Zoom out", id="zoom_out"),
        Binding("less_than_sign,comma", "pan(-0.25)", "Earlier", id="pan_left"),
        Binding("greater_than_sign,full_stop", "pan(0.25)", "Later", id="pan_right"),
        Binding("N", "new", "Start a training", id="new"),
        Binding("S", "stop", "Stop the run; its checkpoint is kept", id="stop"),
        Binding("R", "resume", "Go on with the run", id="resume"),
        Binding("r", "reset", "Whole curves", id="reset"),
    ]

    def __init__(self) -> None:
        super().__init__(id="runs")
        self.sort = SORTS[0]
        self.filter = ""

    def compose(self) -> ComposeResult:
        """The list above the curves."""
        yield Grid(id="run-list")
        yield Reader(classes="why")
        yield Prompt("filter", id="run-filter")
        yield Prompt("start", id="run-command")
        yield Charts(id="charts")

    @property
    def charts(self) -> Charts:
        """The curves."""
        return self.query_one(Charts)

    def update_view(self) -> None:
        """Show where the runs are."""
        now = self.dashboard.options.clock()
        dashboard = self.dashboard
        found = list(dashboard.fleet.views.values())
        look = Look(self.size.width, now, frozenset(dashboard.marked), dashboard.glyphs)
        table = run_table(sorted_runs(found, self.filter, self.sort, now), look)
        if dashboard.fleet.views:
            self.remove_class("empty")
        else:
            self.show_why(self._why_empty())
        self.grid.show(table)
        height = max(4, self.size.height * (2 if self.size.height > 24 else 3) // 7)
        self.grid.styles.height = min(len(table.records) + 1, height)
        dashboard.cursor_run = self.grid.key if table.records else None
        self.show_curves()

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
        return [
            ("", ""),
            (f"  No runs in {folders}.", "warn"),
            ("", ""),
            ("  Train one:      hybench train --data SET", ""),
            ("  See it at work: hybench tui --demo", ""),
            ("", ""),
            ("  Runs that appear are shown at once.", "quiet"),
        ]

    def show_curves(self) -> None:
        """Draw the marked runs, or the one under the cursor."""
        dashboard = self.dashboard
        shown = []
        for number, path in enumerate(dashboard.shown_runs()):
            history = dashboard.fleet.history(path)
            if history is not None:
                shown.append(Shown(dashboard.fleet.views[path].name, history, number))
        self.charts.show(shown)

    def on_grid_moved(self) -> None:
        """Show the curves of the run that the cursor is on now."""
        self.dashboard.cursor_run = self.grid.key
        self.dashboard.tick()
        self.show_curves()

    def on_grid_chosen(self) -> None:
        """Go on to the curves."""
        self.charts.focus()

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
        """Filter the list, or start what was confirmed."""
        self.grid.focus()
        if message.prompt.id == "run-filter":
            self.filter = message.text
        elif message.given:
            self._try(lambda: self._started(message.text))
        self.update_view()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Filter while it is typed."""
        if message.input.parent is self.query_one("#run-filter"):
            self.filter = message.value
            self.update_view()

    def action_new(self) -> None:
        """Ask for the command of a training."""
        folder = self._folder()
        data = sorted(
            path.parent.name for path in self.dashboard.options.data_dir.glob("*/dataset.json")
        )
        words = ["hybench", "train", "--data", data[0] if data else "SET", "--name", "new"]
        words += ["--runs-dir", str(folder), "--data-dir", str(self.dashboard.options.data_dir)]
        self.query_one("#run-command", Prompt).ask(shlex.join(words), "start")

    def action_resume(self) -> None:
        """Ask whether to go on with the run under the cursor."""
        if isinstance(self.grid.key, Path) and not self._in_vain({"done"} | AT_WORK, "resume"):
            words = ["--data-dir", str(self.dashboard.options.data_dir)]
            command = f"{resume_command(self.grid.key)} {shlex.join(words)}"
            self.query_one("#run-command", Prompt).ask(command, "resume")

    def action_stop(self) -> None:
        """Stop the run under the cursor."""
        path = self.grid.key
        ended = {"done", "failed", "interrupted", "gone"}
        if isinstance(path, Path) and not self._in_vain(ended, "stop"):
            self._try(lambda: f"{stop(path)}: {path.name} stops after its step, checkpoint kept.")

    def _in_vain(self, states: Collection[str], what: str) -> bool:
        """Whether the run under the cursor is in one of these states; says so."""
        path = self.grid.key
        view = self.dashboard.fleet.views.get(path) if isinstance(path, Path) else None
        if view is None or view.status.state not in states:
            return False
        self.dashboard.say(f"{view.name} is {view.status.state}: there is nothing to {what}.")
        return True

    def _started(self, command: str) -> str:
        log, process = start(command, self._folder())
        self.dashboard.started.append(process)
        return f"Started; its output goes to {log}."

    def _folder(self) -> Path:
        """Where runs are: beside the one under the cursor, or beside its study."""
        path = self.grid.key
        folder = path.parent if isinstance(path, Path) else self.dashboard.options.paths[0]
        return folder.parent if (folder / STUDY).is_file() else folder

    def _try(self, act: Callable[[], str]) -> None:
        try:
            self.dashboard.say(act())
        except HybenchError as error:
            self.dashboard.say(f"{error.what} {error.do}")

    def action_sort(self) -> None:
        """Sort by something else."""
        self.sort = SORTS[(SORTS.index(self.sort) + 1) % len(SORTS)]
        self.dashboard.say(f"Sorted by {self.sort}.")
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
