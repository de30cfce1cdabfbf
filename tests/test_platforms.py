"""Where hybench does not run, it says so in one line: looked at from fresh processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hybench.platforms import ELSEWHERE

pytestmark = pytest.mark.process

WINDOWS = """
import sys
for missing in ("fcntl", "pty", "pwd", "resource", "termios"):
    sys.modules[missing] = None
sys.platform = "win32"
import signal
del signal.SIGHUP
"""


@pytest.mark.parametrize("arguments", [(), ("--help",), ("train",), ("tui",)])
def test_the_program_says_where_it_runs(arguments: tuple[str, ...]) -> None:
    program = f"{WINDOWS}from hybench.__main__ import run; sys.argv[1:] = {arguments}; run()"
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"error: {ELSEWHERE}\n")


@pytest.mark.parametrize(
    "module", ["files.locks", "files.atomic", "concurrency.processes", "runs.run", "training.train"]
)
def test_the_library_says_where_it_runs(module: str) -> None:
    program = f"{WINDOWS}import hybench.{module}"
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"ImportError: {ELSEWHERE}"
