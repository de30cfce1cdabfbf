"""What can be done with the run under the cursor of the list."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from textual.binding import Binding, BindingType

from hybench.tui.model.arms import Group
from hybench.tui.widgets.run_screen import RunScreen
from hybench.tui.widgets.training_controls import TrainingControls


class RunList(TrainingControls):
    """A list of runs, or of groups of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "whole", "The run whole: time, cost, config, events, output", id="whole"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.groups_listed: dict[Hashable, Group] = {}

    def action_whole(self) -> None:
        """Show the run under the cursor, or the first of its group, whole."""
        if group := self.groups_listed.get(self.grid.key):
            listed = [path for each in self.groups_listed.values() for path in each.paths]
            self.dashboard.push_screen(RunScreen(listed, listed.index(group.paths[0])))
