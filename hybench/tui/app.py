"""The dashboard: tabs, keys, and a tick that reads what is new in a thread."""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import ContentSwitcher

from hybench.alerts.teller import Teller
from hybench.alerts.watch import WRONG, Alert
from hybench.tui.comparing_app import ComparingApp
from hybench.tui.draw.glyphs import ASCII, UNICODE, Glyphs
from hybench.tui.draw.palette import Palette, theme_colors, theme_palette
from hybench.tui.keyed_app import TABS, KeyedApp
from hybench.tui.model.arm_colors import ArmColors
from hybench.tui.model.arms import ARM
from hybench.tui.model.memory import Memory, Remembered
from hybench.tui.model.outlook import studies_left, study_folders
from hybench.tui.model.watched_runs import WatchedRuns
from hybench.tui.options import Options
from hybench.tui.widgets.frame import SMALLEST, StatusBar, TabBar, TooSmall
from hybench.tui.widgets.keys import key_hints
from hybench.tui.widgets.pane import Pane
from hybench.tui.widgets.prompt import Prompt
from hybench.wording.error_messages import terminal_notification, visible, what_and_do

if TYPE_CHECKING:
    from hybench.studies.remaining import Remaining
    from hybench.tui.context import DashboardContext, Hints


STUDIES_EVERY = 5.0
"""Seconds between two counts of what studies have left."""


class Dashboard(KeyedApp, ComparingApp):
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
    Screen.small Toast { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(f"{tab.order}", f"tab('{tab.name}')", f"Tab {tab.title}", id=f"tab_{tab.name}")
            for tab in TABS
        ),
    ]

    class Read(Message):
        """The tick's thread has something new, or has ended."""

        def __init__(self, *, ended: bool) -> None:
            super().__init__()
            self.ended = ended

    class Happened(Message):
        """Something has happened to a run."""

        def __init__(self, alert: Alert) -> None:
            super().__init__()
            self.alert = alert

    def __init__(self, options: Options, *, no_color: bool = False) -> None:
        super().__init__(WatchedRuns(options.paths), options, no_color=no_color)
        self.glyphs: Glyphs = ASCII if options.ascii else UNICODE
        self.palette: Palette = theme_palette({}, None, no_color)
        self.marked: list[Path] = []
        self.pinned: list[Path] = []
        self.cursor_run: Hashable | None = None
        self.none_listed = False
        self.arm_colors = ArmColors()
        self.group_by = ARM
        self.memory = Memory(options.memory, self.watched.log, fresh=options.fresh)
        self.looked = False
        self._teller = Teller(options.alerts, self.watched.log, options.clock)
        self.studies: Sequence[Remaining] = ()
        self._counted = -math.inf
        self._reading = False
        self._recall()

    def _recall(self) -> None:
        """Take up what is remembered, except for what the command line asks for."""
        last = self.memory.last
        self.looks.seen = {folder: list(numbers) for folder, numbers in last.looks.items()}
        self.awaited = list(map(Path, last.marked))
        self.awaited_pins = list(map(Path, last.pinned))
        self.group_by = last.group_by or ARM
        names = ("reference", "key", "metric", "setting")
        chosen = {name: getattr(last, name) for name in names if getattr(last, name)}
        self.comparisons.choose(group_seeds=last.group_seeds, **chosen)
        tabs = {tab.name for tab in TABS}
        self._first_tab = self.options.tab or (last.tab if last.tab in tabs else TABS[0].name)

    def _remember(self) -> None:
        """Keep how it is now."""
        choices, listed = self.comparisons.choices, self.pane_of(TABS[0].name).remembered()
        now = Remembered(
            tab=self.open_tab,
            marked=tuple(str(path.absolute()) for path in self.marked),
            pinned=tuple(str(path.absolute()) for path in self.pinned),
            group_by=self.group_by,
            reference=choices.reference,
            key=choices.key,
            metric=choices.metric,
            setting=choices.setting,
            group_seeds=choices.group_seeds,
            looks={folder: list(numbers) for folder, numbers in self.looks.seen.items()},
            filter=listed.get("filter", ""),
            sort=listed.get("sort", ""),
        )
        self.memory.keep(now)

    def compose(self) -> ComposeResult:
        """Tabs above, keys below."""
        yield TabBar(TABS)
        with ContentSwitcher(initial=self._first_tab):
            for tab in TABS:
                yield tab.make()
        yield Prompt("write to", id="export-ask")
        yield StatusBar()
        yield TooSmall()

    def on_mount(self) -> None:
        """Start looking for runs."""
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
        """The pane of the open tab."""
        return self.pane_of(self.open_tab)

    @property
    def open_tab(self) -> str:
        """The name of the open tab."""
        return self.screen_stack[0].query_one(ContentSwitcher).current or TABS[0].name

    @property
    def hints(self) -> Hints:
        """The most useful actions of the open tab."""
        return self.pane.hints

    def key_hints(self, hints: Hints) -> str:
        """The keys of some actions in one line, as they are bound now."""
        return key_hints(self.screen_stack[0], hints)

    def tick(self) -> None:
        """Look for what is new, unless the last look goes on."""
        if not self.is_running:
            return  # the widgets go one by one while it closes
        if not self._reading:
            self._reading = True
            shown = self.pane.runs_to_read()
            self.in_background(lambda: self._look(shown))
        self.query_one(TabBar).refresh()

    def _look(self, shown: Sequence[Path]) -> None:
        """One look, in a thread: messages say what it found."""
        now = self.options.clock()
        try:
            seen = []
            for found in self.watched.look(now):
                seen += [view.status for view in found]
                if not self.looked:
                    self.post_message(self.Read(ended=False))
            for alert in self._teller.look(seen):
                self.post_message(self.Happened(alert))
            if not 0 <= now - self._counted < STUDIES_EVERY:
                self._counted = now
                self._count_studies(now)
            began = time.monotonic()
            while (
                self.watched.read(shown or self.shown_runs(), now) and time.monotonic() < began + 1
            ):
                self.post_message(self.Read(ended=False))
        except Exception as error:  # noqa: BLE001 - shown in the log; the next tick tries again
            self.watched.log(" ".join(what_and_do(error)))
        self.post_message(self.Read(ended=True))

    def _count_studies(self, now: float) -> None:
        """Count what studies have left, and report cells that failed before they became runs."""
        views = self.watched.views
        before = {failure for each in self.studies for failure in each.failures}
        self.studies = studies_left(study_folders(list(views), self.options.paths), now)
        runs = {path.name for path in views}
        for each in self.studies:
            for name, why in each.failures:
                if name not in runs and (name, why) not in before:
                    self.watched.log(f"It failed. {why}".strip(), f"{each.study}/{name}")

    def on_dashboard_read(self, message: Read) -> None:
        """Draw what the thread has found."""
        if not self.is_running:
            return
        self.looked = True
        if message.ended:
            self._reading = False
        self.find_marked(whole=message.ended)
        self.color_arms()
        self.pane.update_view()
        self.query_one(StatusBar).refresh()
        if message.ended:
            self._remember()

    def on_dashboard_happened(self, message: Happened) -> None:
        """Say it in a corner for a while, and to the desktop if that is asked for."""
        if not self.is_running:
            return
        alert = message.alert
        self.notify(
            visible(alert.text),
            title=alert.run,
            severity="error" if alert.kind in WRONG else "information",
            markup=False,
        )
        if self.options.alerts.desktop and self._driver is not None:
            self._driver.write(terminal_notification(f"hybench: {alert.text}"))

    def show_tab(self, name: str, language: str = "", arm: int | None = None) -> None:
        """Open a tab, at a language and an arm where they are given."""
        if language:
            self.pane_of(name).go_to(language, arm)
        self.action_tab(name)

    def action_tab(self, name: str) -> None:
        """Open a tab."""
        self.query_one(ContentSwitcher).current = name
        self.pane.update_view()
        self.pane.focus_first()
        self.query_one(TabBar).refresh()
        self.query_one(StatusBar).refresh()

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


if TYPE_CHECKING:

    def _as_context(app: Dashboard) -> DashboardContext:
        """Has mypy check that the app offers what panes and widgets use."""
        return app
