"""The app behind the dashboard: work in threads, files being written, keys acted on in order."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

from textual import events
from textual.app import App
from textual.message import Message
from textual.widgets import Input

from hybench.tui.background import ended
from hybench.tui.model.system import SystemHistory
from hybench.tui.model.watched_runs import WatchedRuns
from hybench.tui.widgets.frame import StatusBar
from hybench.wording.error_messages import what_and_do


class ThreadedApp(App[None]):
    """An app that works in threads and reports what came of it.

    Attributes:
        watched: all runs; their log keeps what is reported.
        last_message: what was said last, and when (`time.monotonic`).
        started: commands that were started.
        writing: files that are being written.
        system: what was read of the machine.
    """

    class Ended(Message):
        """A command that was started has ended."""

        def __init__(self, said: str, wrong: bool) -> None:
            super().__init__()
            self.said, self.wrong = said, wrong

    class Written(Message):
        """A file was written, and the command that would; or why it was not."""

        def __init__(self, path: Path, said: str, *, done: bool, command: str = "") -> None:
            super().__init__()
            self.path, self.said, self.done, self.command = path, said, done, command

    def __init__(self, watched: WatchedRuns, *, no_color: bool) -> None:
        super().__init__(ansi_color=True if no_color else None)
        self.animation_level = "none"  # a terminal over SSH draws one or two frames a second
        self.watched = watched
        self.last_message = ("", 0.0)
        self.started: list[subprocess.Popen[bytes]] = []
        self.writing: list[Path] = []
        self.system = SystemHistory()
        self._leaving = self._reading_system = False

    async def on_event(self, event: events.Event) -> None:
        """Act on a key before the next is looked at, so that what it opens gets the next."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            active = self.screen.active_bindings.get(event.key)
            typed = isinstance(self.focused, Input)
            if active is not None and active.enabled and self.app_focus and not typed:
                await self.run_action(active.binding.action, active.node)
                return
        await super().on_event(event)

    def in_background(self, work: Callable[[], None]) -> None:
        """Work in a thread that posts messages; the app does not wait for it when it is left."""

        def run() -> None:
            # The app may have closed; it needs no message then.
            with suppress(RuntimeError):
                work()

        Thread(target=run, daemon=True).start()

    def read_system(self) -> None:
        """Read the machine, unless that is going on."""
        if self._reading_system:
            return
        self._reading_system = True

        def work() -> None:
            try:
                views = list(self.watched.views.values())
                self.system.read(self.watched.paths[0], views, time.monotonic())
            except Exception as error:  # noqa: BLE001 - the screen shows what was read before
                self.watched.log(f"The machine cannot be read: {what_and_do(error)[0]}")
            finally:
                self._reading_system = False

        self.in_background(work)

    def say(self, text: str) -> None:
        """Show a line at the bottom for a while."""
        self.last_message = (text, time.monotonic())
        self.screen_stack[0].query_one(StatusBar).refresh()

    def await_end(self, command: str, log: Path, process: subprocess.Popen[bytes]) -> None:
        """Say at once when a command that was started has failed, and why."""
        self.started.append(process)

        def work() -> None:
            self.post_message(self.Ended(*ended(command, log, process)))

        self.in_background(work)

    def on_threaded_app_ended(self, message: Ended) -> None:
        """Say so, and keep it in the log."""
        self.watched.log(message.said, wrong=message.wrong)
        self.say(message.said)

    def write(self, path: Path, work: Callable[[], str]) -> None:
        """Write a file in a thread; the app is not left before it is written, unless told twice.

        Args:
            path: where to.
            work: writes it; returns the command that would, empty if there is none.
        """

        def run() -> None:
            try:
                command = work()
            except Exception as error:  # noqa: BLE001 - told at the bottom
                said = self.Written(path, " ".join(what_and_do(error)), done=False)
            else:
                how = "! shows the command that does" if command else "no command does"
                done = f"Written to {path}; {how} the same."
                said = self.Written(path, done, done=True, command=command)
            self.post_message(said)

        self.writing.append(path)
        self.say("")
        self.in_background(run)

    def on_threaded_app_written(self, message: Written) -> None:
        """Say so; leave, where that is all that was waited for."""
        self.writing.remove(message.path)
        if message.command:
            self.watched.log(message.command, wrong=False)
        self.say(message.said)
        if self._leaving and not self.writing:
            if message.done:
                self.exit()
            self._leaving = False

    async def action_quit(self) -> None:
        """Leave; where a file is being written, once it is, or at the second time."""
        if self.writing and not self._leaving:
            self._leaving = True
            self.say("")
        else:
            self.exit()

    @property
    def work_in_hand(self) -> str:
        """What is being written, for the line at the bottom; empty for nothing."""
        if not self.writing:
            return ""
        leaving = " The dashboard closes then; press quit again to leave without the file."
        return f"Writing {self.writing[-1]}…{leaving * self._leaving}"
