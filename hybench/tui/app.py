"""The dashboard: tabs, keys, and a tick that reads what is new in a thread."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from hybench.tui.draw.glyphs import ASCII, UNICODE, Glyphs
from hybench.tui.draw.palette import Palette, theme_colors, theme_palette
from hybench.tui.model.colors import Colors
from hybench.tui.model.comparison_cache import Desk
from hybench.tui.model.scores import Request, Scores, answer
from hybench.tui.model.watched_runs import Fleet
from hybench.tui.options import Options
from hybench.tui.panes.comparison import DuelPane
from hybench.tui.panes.heat_map import CrossPane
from hybench.tui.panes.matrix import MatrixPane
from hybench.tui.panes.queries import QueriesPane
from hybench.tui.panes.runs import RunsPane
from hybench.tui.screens import HelpScreen, LogScreen, active_keys
from hybench.tui.widgets.frame import SMALLEST, TABS, StatusBar, TabBar, TooSmall
from hybench.tui.widgets.pane import Pane
from hybench.tui.working import Working
from hybench.wording.error_messages import what_and_do

MOST_SHOWN = 8
"""Runs whose curves are drawn at once."""


class Dashboard(Working):
    """Shows the runs in `Options.paths`."""

    TITLE = "hybench"
    CSS = """
    Screen { layers: base; }
    ContentSwitcher { height: 1fr; }
    Pane { height: 1fr; }
    #run-list { height: 7; }
    #charts { height: 1fr; }
    TooSmall { display: none; }
    Screen.small > * { display: none; }
    Screen.small > TooSmall { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(f"{number}", f"tab('{name}')", f"Tab {name.title()}", id=f"tab_{name}")
            for number, name in enumerate(TABS, 1)
        ),
        Binding("question_mark", "help", "All keys", id="help"),
        Binding("exclamation_mark", "log", "The log: what went wrong, what was written", id="log"),
        Binding("q", "quit", "Quit", id="quit"),
    ]

    class Read(Message):
        """The tick's thread has something new, or has ended."""

        def __init__(self, *, ended: bool) -> None:
            super().__init__()
            self.ended = ended

    class Scored(Message):
        """A comparison has ended."""

        def __init__(self, request: Request, scores: Scores | None, error: str) -> None:
            super().__init__()
            self.request, self.scores, self.error = request, scores, error

    def __init__(self, options: Options, *, no_color: bool = False) -> None:
        super().__init__(Fleet(options.paths), no_color=no_color)
        self.options = options
        self.glyphs: Glyphs = ASCII if options.ascii else UNICODE
        self.palette: Palette = theme_palette({}, None, no_color)
        self.marked: list[Path] = []
        self.cursor_run: Hashable | None = None
        self.none_listed = False
        self.run_colors = Colors()
        self.desk = Desk()
        self.looked = False
        self._reading = False

    def compose(self) -> ComposeResult:
        """Tabs above, keys below."""
        yield TabBar()
        with ContentSwitcher(initial="runs"):
            yield RunsPane()
            yield MatrixPane()
            yield CrossPane()
            yield DuelPane()
            yield QueriesPane()
        yield StatusBar()
        yield TooSmall()

    def on_mount(self) -> None:
        """Begin to look."""
        self.set_keymap(dict(self.options.keys))
        self.theme_changed_signal.subscribe(self, lambda _: self._take_theme())
        self._take_theme()
        self.pane.focus_first()
        if self.options.note:
            self.say(self.options.note)
        self.set_interval(self.options.every, self.tick)
        self.tick()

    @property
    def pane(self) -> Pane:
        """The open tab."""
        switcher = self.screen_stack[0].query_one(ContentSwitcher)
        return switcher.query_one(f"#{switcher.current}", Pane)

    def tick(self) -> None:
        """Look for what is new, unless the last look goes on."""
        if not self.is_running:
            return  # the widgets go one by one while it closes
        if not self._reading:
            self._reading = True
            shown = self.shown_runs()
            self.in_background(lambda: self._look(shown))
        self.query_one(TabBar).refresh()

    def _look(self, shown: Sequence[Path]) -> None:
        """One look, in a thread: messages say what it found."""
        now = self.options.clock()
        try:
            for _ in self.fleet.look(now):
                if not self.looked:
                    self.post_message(self.Read(ended=False))
            began = time.monotonic()
            while self.fleet.read(shown or self.shown_runs(), now) and time.monotonic() < began + 1:
                self.post_message(self.Read(ended=False))
        except Exception as error:  # noqa: BLE001 - shown in the log; the next tick tries again
            self.fleet.tell(" ".join(what_and_do(error)))
        self.post_message(self.Read(ended=True))

    def on_dashboard_read(self, message: Read) -> None:
        """Draw what the thread has found."""
        if not self.is_running:
            return
        self.looked = True
        if message.ended:
            self._reading = False
        self.marked = [path for path in self.marked if path in self.fleet.views]
        self.pane.update_view()
        self.query_one(StatusBar).refresh()

    def shown_runs(self) -> list[Path]:
        """The marked runs, or the one under the cursor, or the first, unless a filter hides all."""
        views = self.fleet.views
        if self.marked:
            return [path for path in self.marked if path in views][:MOST_SHOWN]
        every = list(views)
        at_cursor = [path for path in every if path == self.cursor_run]
        return at_cursor or every[: 0 if self.none_listed else 1]

    def toggle_mark(self, path: Hashable | None) -> None:
        """Mark a run, or unmark it."""
        if isinstance(path, Path):
            if path in self.marked:
                self.marked.remove(path)
            else:
                self.marked.append(path)
            self.tick()

    def mark(self, paths: Iterable[Hashable]) -> None:
        """Mark runs."""
        self.marked = list(
            dict.fromkeys([*self.marked, *(p for p in paths if isinstance(p, Path))])
        )
        self.tick()

    def want_scores(self) -> None:
        """Compare the marked runs, or the first, unless that is what the desk has."""
        request = self.desk.want(self.marked, list(self.fleet.views))
        if request is not None:
            self.in_background(lambda: self._score(request))
        if changed := self.desk.changed:
            self.desk.changed = ""
            self.fleet.tell(changed, wrong=False)
            self.say(changed)

    def ask(self, **changed: str | bool) -> None:
        """Change what is compared, by the names of `Request`'s fields."""
        self.desk.choose(**changed)
        self.pane.update_view()

    def open_queries(self, language: str, arm: int | None) -> None:
        """Show the queries of a language, of an arm against the reference."""
        self.query_one(QueriesPane).open(language, arm)
        self.action_tab("queries")

    def _score(self, request: Request) -> None:
        """Compare, in a thread."""
        try:
            said = self.Scored(request, answer(request), "")
        except Exception as error:  # noqa: BLE001 - shown where the scores would stand
            said = self.Scored(request, None, "\n".join(what_and_do(error)))
        self.post_message(said)

    def on_dashboard_scored(self, message: Scored) -> None:
        """Show what was compared, or why it was not."""
        if message.scores is not None:
            self.desk.take(message.request, message.scores)
            for name, why in message.scores.skipped:
                self.fleet.tell(why, name)
        else:
            self.desk.refuse(message.request, message.error)
            self.fleet.tell(message.error.replace("\n", " "))
        if self.is_running:
            if message.error:
                self.say(message.error.replace("\n", " "))
            self.pane.update_view()

    def action_tab(self, name: str) -> None:
        """Open a tab."""
        self.query_one(ContentSwitcher).current = name
        self.pane.update_view()
        self.pane.focus_first()
        self.query_one(TabBar).refresh()
        self.query_one(StatusBar).refresh()

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(HelpScreen(active_keys(self)))

    def action_log(self) -> None:
        """Show what went wrong."""
        self.push_screen(LogScreen())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's own, and the tabs."""
        yield from super().get_system_commands(screen)
        for name in TABS:
            opens = partial(self.action_tab, name)
            yield SystemCommand(name.title(), f"Open the tab {name}", opens)

    def on_resize(self, event: events.Resize) -> None:
        """Say so where there is too little room."""
        width, height = event.size
        small = width < SMALLEST[0] or height < SMALLEST[1]
        ground = self.screen_stack[0]
        if ground.has_class("small") and not small:
            self.call_after_refresh(self.pane.focus_first)
        ground.set_class(small, "small")

    def _take_theme(self) -> None:
        colors = theme_colors(self.theme_variables)
        self.palette = theme_palette(colors, self.console.color_system, self.no_color)
        self.refresh(layout=True)
