"""Programs that the dashboard starts: the demo, and trainings that outlive it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory

from hybench.errors import EXIT_INTERRUPTED, StateError, UsageError
from hybench.files.links import check_link
from hybench.files.locks import holder
from hybench.runs.run import LOCK, LOGS
from hybench.wording.commands import command

_ERROR = "error: "
"""How the command line begins an error."""

ALLOWED = ("train", "eval", "index", "study")
"""Commands that can be started."""


@contextmanager
def demo_runs() -> Iterator[Path]:
    """Train the demo's runs in a folder that is deleted, with them, at the end."""
    with TemporaryDirectory(prefix="hybench-demo-") as name:
        folder = Path(name)
        with (folder / "demo.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "hybench.tui.demo_run", name],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield folder
        finally:
            end(process)


def start(command: str, runs_dir: Path) -> tuple[Path, subprocess.Popen[bytes]]:
    """Start a command of hybench that outlives the dashboard.

    Args:
        command: such as ``hybench train --data atlas --name mine``.
        runs_dir: folder beside whose runs its output is kept.

    Returns:
        Where its output goes, and the process.

    Raises:
        UsageError: it is none of the commands that can be started.
        StateError: its output cannot be written.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"The command is incomplete: {error}.", "Close its quotes.") from error
    if len(words) < 2 or words[0] != "hybench" or words[1] not in ALLOWED:
        raise UsageError(
            f"{command!r} cannot be started from here.",
            f"Write hybench, then one of: {' '.join(ALLOWED)}.",
        )
    folder = runs_dir / LOGS
    check_link(folder, runs_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"tui-{os.getpid()}-{len(list(folder.iterdir()))}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "hybench", *words[1:]],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    except OSError as error:
        raise StateError(
            f"{folder} cannot be written: {error.strerror}.", "Check its permissions."
        ) from error
    return log, process


def free_name(name: str, folder: Path) -> str:
    """The name, or the first of ``name-2``, ``name-3``, … that no run in a folder has."""
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(each for each in names if not (folder / each).exists())


def ended(command: str, log: Path, process: subprocess.Popen[bytes]) -> tuple[str, bool]:
    """Wait for a command that was started; returns how it ended, and whether it failed.

    Args:
        command: as it was given to `start`.
        log: where its output goes.
        process: its own.
    """
    code, name = process.wait(), " ".join(command.split()[:2])
    if code in {0, EXIT_INTERRUPTED}:
        return f"{name} {'was stopped' if code else 'is done'}.", False
    return f"{name} failed: {last_words(log) or f'it ended with code {code}'}", True


def last_words(log: Path) -> str:
    """The error at the end of a program's output in one line, or else its last line."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 4096))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    begins = [at for at, line in enumerate(lines) if line.startswith(_ERROR)]
    shown = lines[begins[-1] :] if begins else lines[-1:]
    return " ".join(shown).removeprefix(_ERROR)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def resume_command(run: Path, data_dir: Path) -> str:
    """The command that resumes a run."""
    folders = ("--runs-dir", run.parent, "--data-dir", data_dir)
    return command("train", "--resume", "--name", run.name, *folders)


def stop(run: Path) -> str:
    """Ask the process that trains a run to stop, as Ctrl-C does: its checkpoint is kept.

    Args:
        run: its folder.

    Returns:
        The command that would do the same.

    Raises:
        StateError: nobody holds the run on this machine, or it is not ours to stop.
    """
    by_hand = "Press Ctrl-C in the terminal that it runs in."
    process = holder(run / LOCK)
    if process is None or process == os.getpid():
        raise StateError(f"No process on this machine is training {run.name}.", by_hand)
    try:
        os.kill(process, signal.SIGINT)
    except OSError as error:
        raise StateError(
            f"Process {process} cannot be stopped: {error.strerror}.", by_hand
        ) from error
    return f"kill -INT {process}"
