"""What can be done with the run under the cursor of the list."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from textual.binding import Binding, BindingType

from hybench.errors import HybenchError
from hybench.files.atomic import write_refused
from hybench.runs.notes import NOTES, RunNotes, write_notes
from hybench.tui.model.arms import Group
from hybench.tui.model.curve_files import CurveChoice
from hybench.tui.model.export import Outlet, curve_outlet, status_outlet
from hybench.tui.model.listing import SORTS
from hybench.tui.model.run_view import RunView
from hybench.tui.widgets.charts import Charts
from hybench.tui.widgets.prompt import Prompt
from hybench.tui.widgets.run_screen import RunScreen
from hybench.tui.widgets.training_controls import TrainingControls


class RunList(TrainingControls):
    """A list of runs, or of groups of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "whole", "The run whole: time, cost, config, events, output", id="whole"),
        Binding("K", "pin", "Keep the run on top of the list, or no longer", id="pin"),
        Binding("T", "note", "Note of the run: #tag words", id="note"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.groups_listed: dict[Hashable, Group] = {}
        self.sort = SORTS[0]
        self.filter = ""
        self._noted: tuple[RunView, ...] = ()

    def recall(self) -> None:
        """Take up filter and order as they were, or as the command line asks for."""
        last = self.dashboard.memory.last
        self.filter = self.dashboard.options.filter or last.filter
        self.sort = last.sort or self.sort

    def remembered(self) -> dict[str, str]:
        """Filter and order."""
        return {"filter": self.filter, "sort": self.sort}

    def action_whole(self) -> None:
        """Show the run under the cursor, or the first of its group, whole."""
        if group := self.groups_listed.get(self.grid.key):
            listed = [path for each in self.groups_listed.values() for path in each.paths]
            self.dashboard.push_screen(RunScreen(listed, listed.index(group.paths[0])))

    def outlet(self) -> Outlet | None:
        """The list; or, while the curves have the focus, the chart in front."""
        charts = self.query_one(Charts)
        if charts.has_focus:
            return curve_outlet(self._choice(charts), charts.panel.name)
        paths = [path for group in self.groups_listed.values() for path in group.paths]
        return status_outlet(paths) if paths else None

    def _choice(self, charts: Charts) -> CurveChoice:
        """The curves that the chart in front shows."""
        return CurveChoice(
            tuple(self.dashboard.shown_runs()),
            charts.panel.name,
            charts.axis,
            charts.decay if charts.panel.smooth else 0.0,
            charts.logarithmic,
            self.dashboard.group_by,
        )

    def action_pin(self) -> None:
        """Have the run under the cursor, or its group, stay on top of the list, or no longer."""
        if group := self.groups_listed.get(self.grid.key):
            self.dashboard.toggle_pin(group.paths)
            self.update_view()

    def action_note(self) -> None:
        """Ask what to note of the run under the cursor, or of all of its group."""
        if group := self.groups_listed.get(self.grid.key):
            self._noted = group.views
            label = f"note of {group.label} (#tag words)"
            self.query_one("#run-note", Prompt).ask(str(group.views[0].notes), label)

    def take_note(self, message: Prompt.Answered) -> None:
        """Keep what was noted in the folders of the runs."""
        if not message.given:
            return
        notes = RunNotes.parse(message.text)
        for view in self._noted:
            try:
                write_notes(view.path, notes)
            except HybenchError as error:
                self.dashboard.say(f"{error.what} {error.do}")
            except OSError as error:
                self.dashboard.say(write_refused(view.path / NOTES, error).what)
        self.dashboard.tick()
