"""What starts, stops and resumes a training from tab 1."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from hybench.errors import HybenchError
from hybench.runs.run import STUDY
from hybench.runs.status import AT_WORK
from hybench.tui.background import free_name, resume_command, start, stop
from hybench.tui.widgets.pane import Pane
from hybench.tui.widgets.prompt import Prompt
from hybench.wording.commands import command


class TrainingControls(Pane):
    """A list of runs whose trainings can be started, stopped and resumed; it asks before it does.

    Its prompts are ``#run-command`` and ``#run-stop``.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("N", "new", "Start a training", id="new"),
        Binding("S", "stop", "Stop the run, after a question; its checkpoint is kept", id="stop"),
        Binding("R", "resume", "Resume the run", id="resume"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._stopped: Path | None = None

    def action_new(self) -> None:
        """Ask for the command of a training, under a name that is free."""
        folder, options = self._folder(), self.dashboard.options
        data = sorted(path.parent.name for path in options.data_dir.glob("*/dataset.json"))
        words = ("--data", data[0] if data else "SET", "--name", free_name("new", folder))
        folders = ("--runs-dir", folder, "--data-dir", options.data_dir)
        self.query_one("#run-command", Prompt).ask(command("train", *words, *folders), "start")

    def action_resume(self) -> None:
        """Ask whether to go on with the run under the cursor."""
        if isinstance(self.grid.key, Path) and not self._in_vain({"done"} | AT_WORK, "resume"):
            again = resume_command(self.grid.key, self.dashboard.options.data_dir)
            self.query_one("#run-command", Prompt).ask(again, "resume")

    def action_stop(self) -> None:
        """Ask whether to stop the run under the cursor."""
        path = self.grid.key
        ended = {"done", "failed", "interrupted", "gone"}
        if isinstance(path, Path) and not self._in_vain(ended, "stop"):
            self._stopped = path
            name = self.dashboard.watched.views[path].name
            self.query_one("#run-stop", Prompt).ask(label=f"stop {name}? enter: yes, escape: no")

    def take_command(self, message: Prompt.Answered) -> None:
        """Start or stop what was confirmed."""
        if not message.given:
            return
        if message.prompt.id == "run-command":
            self._try(lambda: self._start(message.text))
        elif self._stopped is not None:
            path = self._stopped
            self._try(lambda: self._stop(path))

    def _in_vain(self, states: Collection[str], what: str) -> bool:
        """Whether the run under the cursor is in one of these states; says so."""
        path = self.grid.key
        view = self.dashboard.watched.views.get(path) if isinstance(path, Path) else None
        if view is None or view.status.state not in states:
            return False
        self.dashboard.say(f"{view.name} is {view.status.state}: there is nothing to {what}.")
        return True

    def _start(self, command: str) -> str:
        log, process = start(command, self._folder())
        self.dashboard.await_end(command, log, process)
        return f"Started; its output goes to {log}."

    def _stop(self, path: Path) -> str:
        said = stop(path)
        self.dashboard.watched.stopped.add(path)
        return f"{said}: {path.name} stops after this step and keeps its checkpoint."

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
