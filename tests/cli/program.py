"""Calls the program as the console script does, in this process or in one of its own."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hybench.cli.main import run
from hybench.cli.state import console

BUDGET = (
    *("--dimension", "16", "--vocabulary", "400", "--batch-size", "16"),
    *("--validate-every", "4", "--checkpoint-every", "5"),
)
TRAIN = ("train", "--data", "toy", "--steps", "8", *BUDGET)


@dataclass(frozen=True)
class Done:
    """What a command left: exit code, data, talk."""

    code: int
    out: str
    err: str


def hybench(*arguments: object) -> Done:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    console.configure(color="auto", quiet=False, verbose=False, debug=False)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["hybench", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            run()
    assert isinstance(stop.value.code, int)
    return Done(stop.value.code, out.getvalue(), err.getvalue())


def works(*arguments: object) -> Done:
    """Run a command that must succeed, and say nothing that alarms."""
    done = hybench(*arguments)
    assert done.code == 0, done.err
    assert "error" not in done.err
    assert "Traceback" not in done.out + done.err
    assert "\x1b[" not in done.out + done.err
    assert "\r" not in done.out + done.err
    return done


def refused(code: int, *arguments: object) -> str:
    """Run a command that must fail in one line of what and one of what to do; returns both."""
    done = hybench(*arguments)
    assert done.code == code, done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert "a bug in hybench" not in done.err
    lines = done.err.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("error: "))
    assert done.err.count("error: ") == 1
    assert len(lines) == at + 2
    assert lines[at + 1].startswith("  ")
    assert lines[at + 1].strip()
    return "\n".join(lines[at:])


def next_command(done: Done) -> list[str]:
    """The arguments of the command that a command ends by naming."""
    last = done.err.splitlines()[-1]
    assert last.startswith("Next: hybench ")
    return shlex.split(last.removeprefix("Next: hybench ").partition(" (")[0])


def start(*arguments: object, cut_short: bool = False, **settings: Any) -> subprocess.Popen[str]:
    """Run a command in a process of its own, its stderr a pipe.

    Args:
        arguments: of the command.
        cut_short: it will be ended wherever it is, where it may leave a file unclosed: Python's
            warning of that is no fault.
        settings: of the process.
    """
    warnings = "default,ignore::ResourceWarning" if cut_short else "default"
    return subprocess.Popen(
        [sys.executable, "-m", "hybench", *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONWARNINGS": warnings},
        **settings,
    )


def line_with(process: subprocess.Popen[str], part: str) -> str:
    """Read a process's stderr up to a line with `part` in it."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if part in line:
            return line
    raise AssertionError(f"no {part!r} in {''.join(said)!r}")


def names_in(folder: Path) -> list[str]:
    """What stands in a folder, the hidden left out; nothing where it is not there."""
    return sorted(path.name for path in folder.glob("[!.]*"))
