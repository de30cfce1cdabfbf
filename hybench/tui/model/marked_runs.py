"""Which runs are marked, how they are grouped, and whose curves are drawn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import Any

from hybench.runs.run import Run
from hybench.tui.model.arm_colors import ArmColors
from hybench.tui.model.arms import Group, Grouping, grouped, groups_to_draw, others
from hybench.tui.model.run_view import RunView
from hybench.tui.model.watched_runs import WatchedRuns


class MarkedRuns:
    """What an app of these attributes knows of its runs; `DashboardContext` says what they are."""

    watched: WatchedRuns
    marked: list[Path]
    awaited: list[Path]
    awaited_pins: list[Path]
    pinned: list[Path]
    cursor_run: Hashable | None
    none_listed: bool
    group_by: str
    arm_colors: ArmColors

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Asked several times for each look, they are made once; the thread that looks asks too.
        self._making = RLock()
        self._grouping = Grouping()
        self._grouped: tuple[Mapping[Path, RunView], str, list[Group]] = ({}, "", [])
        self._colored: list[RunView] = []
        self._drawn: tuple[tuple[Any, ...] | None, list[Group]] = (None, [])

    @abstractmethod
    def tick(self) -> None:
        """Look for what is new."""

    def groups(self) -> list[Group]:
        """All runs, grouped."""
        with self._making:
            views, by = self.watched.views, self.group_by
            seen_views, seen_by, found = self._grouped
            if seen_views is not views or seen_by != by:
                found = self._grouping.of(views.values(), by)
                self._grouped = (views, by, found)
            return found

    def color_arms(self) -> None:
        """Give a colour to each arm that has none, in the order of the runs' names."""
        views = list(self.watched.views.values())
        named = sorted(others(self._colored, views), key=lambda view: view.name)
        self._colored = views
        self.arm_colors.see(view.arm for view in named)

    def shown_groups(self) -> list[Group]:
        """The groups of the marked runs, or the one under the cursor, or the first."""
        groups = self.groups()
        on = (groups, tuple(self.marked), self.cursor_run, self.none_listed)
        seen, found = self._drawn
        if seen is None or seen[0] is not groups or seen[1:] != on[1:]:
            views = self.watched.views
            marked = [view for path in self.marked if (view := views.get(path))]
            found = groups_to_draw(
                [] if self.none_listed else groups, grouped(marked, self.group_by), self.cursor_run
            )
            self._drawn = (on, found)
        return found

    def shown_runs(self) -> list[Path]:
        """The runs whose curves are drawn."""
        return [path for group in self.shown_groups() for path in group.paths]

    def arm_color(self, runs: Sequence[Run]) -> int:
        """The number of the colour of an arm, by its runs."""
        view = self.watched.views.get(runs[0].path) if runs else None
        return self.arm_colors.of(view.arm if view is not None else str(runs[0].path))

    def toggle_mark(self, paths: Sequence[Path]) -> None:
        """Mark runs, or unmark them where all are marked."""
        if set(paths) <= set(self.marked):
            self.marked = [path for path in self.marked if path not in paths]
            self.tick()
        else:
            self.mark(paths)

    def find_marked(self, *, whole: bool) -> None:
        """Unmark runs that are gone; mark and pin those that were when the dashboard was left.

        Args:
            whole: whether all runs have been found, so that no other is waited for.
        """
        views = self.watched.views
        if self.awaited or self.awaited_pins:
            known = {path.absolute(): path for path in views}
            marked, pinned = (
                [known[path] for path in each if path in known]
                for each in (self.awaited, self.awaited_pins)
            )
            self.marked = list(dict.fromkeys([*marked, *self.marked]))
            self.pinned = list(dict.fromkeys([*pinned, *self.pinned]))
            self.awaited, self.awaited_pins = (
                [] if whole else [path for path in each if path not in known]
                for each in (self.awaited, self.awaited_pins)
            )
        self.marked = [path for path in self.marked if path in views]

    def toggle_pin(self, paths: Sequence[Path]) -> None:
        """Have runs stay on top of the list, or no longer where all of them do."""
        if set(paths) <= set(self.pinned):
            self.pinned = [path for path in self.pinned if path not in paths]
        else:
            self.pinned = list(dict.fromkeys([*self.pinned, *paths]))

    def mark(self, paths: Iterable[Path]) -> None:
        """Mark runs."""
        self.marked = list(dict.fromkeys([*self.marked, *paths]))
        self.tick()
