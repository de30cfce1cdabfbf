"""What panes and widgets use of the app that they are in."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from hybench.runs.run import Run
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.palette import Palette
from hybench.tui.model.arm_colors import ArmColors
from hybench.tui.model.arms import Group
from hybench.tui.model.comparison_cache import ComparisonCache
from hybench.tui.model.memory import Memory
from hybench.tui.model.system import SystemHistory
from hybench.tui.model.watched_runs import WatchedRuns
from hybench.tui.options import Options

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.widget import Widget

    from hybench.studies.remaining import Remaining

Hints = tuple[tuple[str, str], ...]
"""Actions, by what ``[tui.keys]`` calls them (several with spaces between), each with one word."""


class DashboardContext(Protocol):
    """The app, as its panes and widgets know it.

    Attributes:
        options: what it was started with.
        glyphs: the terminal's signs.
        palette: the theme's colours.
        watched: all runs, and the log.
        looked: whether the first look at the runs has found any, or has ended.
        marked: marked runs, in the order in which they were marked.
        pinned: runs that stay on top of the list.
        memory: what is remembered from when the dashboard was left.
        cursor_run: the run under the cursor of the list, or the key of its group.
        none_listed: whether a filter hides all runs.
        arm_colors: the colours of the arms.
        group_by: what runs are grouped by.
        comparisons: what is compared.
        studies: what the studies of the runs have left.
        system: what was read of the machine.
        last_message: what the line at the bottom said last, and when (`time.monotonic`).
    """

    options: Options
    glyphs: Glyphs
    palette: Palette
    watched: WatchedRuns
    looked: bool
    marked: list[Path]
    pinned: list[Path]
    memory: Memory
    cursor_run: Hashable | None
    none_listed: bool
    arm_colors: ArmColors
    group_by: str
    comparisons: ComparisonCache
    studies: Sequence[Remaining]
    system: SystemHistory
    last_message: tuple[str, float]

    @property
    def is_running(self) -> bool:
        """False once it closes."""

    @property
    def open_tab(self) -> str:
        """Name of the tab that is shown."""

    @property
    def hints(self) -> Hints:
        """The most useful actions of that tab."""

    def key_hints(self, hints: Hints) -> str:
        """The keys of some actions in one line, as they are bound now."""

    @property
    def work_in_hand(self) -> str:
        """What is being written; empty for nothing."""

    def say(self, text: str) -> None:
        """Show a line at the bottom for a while."""

    def tick(self) -> None:
        """Look for what is new."""

    def read_system(self) -> None:
        """Read the machine, unless that is going on."""

    def show_tab(self, name: str, language: str = "", arm: int | None = None) -> None:
        """Open a tab, at a language and an arm where they are given."""

    def groups(self) -> list[Group]:
        """All runs, grouped."""

    def shown_groups(self) -> list[Group]:
        """The groups whose curves are drawn, with those of their runs that are."""

    def shown_runs(self) -> list[Path]:
        """The runs whose curves are drawn."""

    def arm_color(self, runs: Sequence[Run]) -> int:
        """The number of the colour of an arm, by its runs."""

    def toggle_mark(self, paths: Sequence[Path]) -> None:
        """Mark runs, or unmark them where all are marked."""

    def toggle_pin(self, paths: Sequence[Path]) -> None:
        """Have runs stay on top of the list, or no longer where all of them do."""

    def mark(self, paths: Iterable[Path]) -> None:
        """Mark runs."""

    def request_scores(self) -> None:
        """Compare the marked runs, unless that comparison is there or being made."""

    def choose(self, **changed: str | bool) -> None:
        """Change what is compared, by the names of `ComparisonRequest`'s fields."""

    def in_background(self, work: Callable[[], None]) -> None:
        """Work in a thread that posts messages."""

    def write(self, path: Path, work: Callable[[], str]) -> None:
        """Write a file in a thread; `work` returns the command that would."""

    def await_end(self, command: str, log: Path, process: subprocess.Popen[bytes]) -> None:
        """Say at once when a command that was started has failed, and why."""

    def push_screen(self, screen: Screen[Any]) -> object:
        """Show a screen over the tabs."""


def context_of(widget: Widget) -> DashboardContext:
    """The app that a widget is in."""
    return cast(DashboardContext, widget.app)
