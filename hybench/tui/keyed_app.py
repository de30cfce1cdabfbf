"""The app's keys: all of them in the palette and in the help, and the export of what is shown."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from hybench.errors import UsageError
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.model.export import Outlet
from hybench.tui.model.help import KeyLine, Section
from hybench.tui.model.signs import common_signs, signs_of
from hybench.tui.model.watched_runs import WatchedRuns
from hybench.tui.options import Options
from hybench.tui.tabs import find_tabs
from hybench.tui.threaded_app import ThreadedApp
from hybench.tui.widgets.content import Content
from hybench.tui.widgets.help import HelpScreen
from hybench.tui.widgets.keys import key_lines
from hybench.tui.widgets.pane import Pane, Tab
from hybench.tui.widgets.prompt import Prompt
from hybench.tui.widgets.screens import LogScreen

TABS = find_tabs()

_OF_TEXTUAL = {"Theme": "Theme, light or dark", "Screenshot": "Screenshot"}
"""Commands of Textual's that the palette keeps, and what they are called; the others are among the
keys.
"""

_MOUSE = (
    KeyLine("click", "", "A heading sorts: one way, the other way, as before. A tab opens."),
    KeyLine("double click", "", "Open a row, or enlarge a chart, as enter does."),
    KeyLine("wheel", "", "Scroll; over curves, zoom."),
)


class KeyedApp(ThreadedApp):
    """An app of tabs whose actions all have a key.

    Attributes:
        options: what it was started with.
        glyphs: the terminal's signs.
    """

    glyphs: Glyphs
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "export", "Export what is shown to a file", id="export"),
        Binding("question_mark", "help", "All keys and signs", id="help"),
        Binding("exclamation_mark", "log", "Log of errors and of commands", id="log"),
        Binding("q", "quit", "Quit", id="quit"),
    ]

    def __init__(self, watched: WatchedRuns, options: Options, *, no_color: bool) -> None:
        super().__init__(watched, no_color=no_color)
        self.options = options
        self._outlet: Outlet | None = None
        self._asked_from: Widget | None = None

    @property
    @abstractmethod
    def pane(self) -> Pane:
        """The pane of the open tab."""

    @property
    @abstractmethod
    def open_tab(self) -> str:
        """The name of the open tab."""

    @abstractmethod
    def action_tab(self, name: str) -> None:
        """Open a tab."""

    def pane_of(self, tab: str) -> Pane:
        """The pane of a tab."""
        return self.screen_stack[0].query_one(f"#{tab}", Pane)

    def _keys_of(self, *kinds: type) -> list[KeyLine]:
        return key_lines(kinds, self.options.keys, self.get_key_display)

    def _content_keys(self, pane: Pane) -> list[KeyLine]:
        """The keys of the lists, tables and charts of a pane."""
        found = (type(each) for each in pane.query() if isinstance(each, Content))
        return self._keys_of(*dict.fromkeys(found))

    def action_help(self) -> None:
        """Show all keys and signs, those of the open tab first."""
        first = [tab for tab in TABS if tab.name == self.open_tab]
        sections = []
        for tab in (*first, *(tab for tab in TABS if tab not in first)):
            pane = self.pane_of(tab.name)
            sections.append(Section(f"{tab.order} {tab.title}", self._keys_of(type(pane))))
            sections.append(
                Section(f"{tab.order} {tab.title}: signs", (), signs_of(tab.name, self.glyphs))
            )
            if tab in first:
                palette = KeyLine("ctrl+p", "", "All actions by their names; themes")
                everywhere = [*self._keys_of(type(self)), palette]
                sections.append(Section("On all tabs", everywhere))
                sections.append(
                    Section("On all tabs: signs and colours", (), common_signs(self.glyphs))
                )
                sections.append(Section("In its lists and charts", self._content_keys(pane)))
                sections.append(Section("Mouse", _MOUSE))
        self.push_screen(HelpScreen(sections))

    def action_log(self) -> None:
        """Show what went wrong."""
        self.push_screen(LogScreen())

    def get_key_display(self, binding: Binding) -> str:
        """A key as the manual writes it, in signs that every terminal has."""
        return "enter" if binding.key == "enter" else super().get_key_display(binding)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """All actions with their keys: of all tabs, of the open one, and of the others."""
        kept = super().get_system_commands(screen)
        for command in kept:
            if title := _OF_TEXTUAL.get(command.title):
                yield command._replace(title=title)
        for key in self._keys_of(type(self)):
            yield SystemCommand(_title(key), "On all tabs", partial(self.run_action, key.action))
        pane = self.pane
        for key in self._content_keys(pane):
            if key.shown:
                yield SystemCommand(_title(key), "Where the cursor is", partial(self._act, key))
        there = set()
        for key in self._keys_of(type(pane)):
            there.add(key.text)
            run = partial(self.run_action, key.action, pane)
            yield SystemCommand(_title(key), f"On this tab, {self.open_tab}", run)
        for tab in TABS:
            for key in self._keys_of(type(self.pane_of(tab.name))):
                if tab.name != self.open_tab and key.text not in there:
                    go = partial(self._on_tab, tab, key)
                    yield SystemCommand(f"{tab.title}: {_title(key)}", f"On tab {tab.order}", go)

    async def _act(self, key: KeyLine) -> None:
        """Do what a key does where the focus is."""
        await self.run_action(key.action, self.focused)

    async def _on_tab(self, tab: Tab, key: KeyLine) -> None:
        """Open a tab and do what a key does there."""
        self.action_tab(tab.name)
        await self.run_action(key.action, self.pane_of(tab.name))

    def action_export(self) -> None:
        """Ask where to write what is shown."""
        self._outlet, self._asked_from = self.pane.outlet(), self.focused
        if self._outlet is None:
            self.say("There is nothing to export here.")
            return
        label = f"write to ({' '.join(self._outlet.endings)})"
        self.screen_stack[0].query_one("#export-ask", Prompt).ask(self._outlet.name, label)

    def on_prompt_answered(self, message: Prompt.Answered) -> None:
        """Write the file."""
        outlet, text = self._outlet, message.text.strip()
        if message.prompt.id != "export-ask" or outlet is None:
            return
        self.screen.set_focus(self._asked_from)
        if message.given and text:
            path = Path(text).expanduser()
            try:
                outlet.check(path)
            except UsageError as error:
                self.say(f"{error.what} {error.do}")
            else:
                self.write(path, lambda: outlet.write(path))


def _title(key: KeyLine) -> str:
    return f"{key.text} ({key.keys})"
