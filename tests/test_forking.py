"""Programs that are forked are like those that are started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.waiting import HANG

pytestmark = [
    pytest.mark.process,
    pytest.mark.slow,
    pytest.mark.usefixtures("forked"),
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked"),
]

SHOWN = (
    "import os, sys, warnings\n"
    "print(sys.stdin.read(), sys.argv, __name__, os.getcwd(), dict(os.environ), sys.path[0])\n"
    "print(os.getsid(0) == os.getpid())\n"
    "warnings.warn('told', ResourceWarning)\n"
    "os.write(2, b'loaded' if LOADED in sys.modules else b'bare')\n"
    "sys.exit(3)\n"
)


@pytest.mark.parametrize("session", [False, True])
def test_a_fork_is_as_a_start_but_for_what_is_loaded(session: bool, tmp_path: Path) -> None:
    def said(popen: type[subprocess.Popen[str]]) -> tuple[int, str, str]:
        program = SHOWN.replace("LOADED", "'sentence_transformers'")
        with popen(
            [sys.executable, "-c", program, "a", "b"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env={**os.environ, "PYTHONWARNINGS": "default", "ONE": "1"},
            start_new_session=session,
            text=True,
        ) as process:
            out, err = process.communicate("given", timeout=HANG)
        return process.returncode, out, err

    code, out, err = said(subprocess.Popen)
    [started] = subprocess.Popen.__bases__
    assert (code, out) == said(started)[:2] == (3, out)
    assert out.startswith("given ['-c', 'a', 'b'] __main__ ")
    assert err == said(started)[2].replace("bare", "loaded")


def test_it_is_a_child_that_ends_by_signals_and_forks_in_turn() -> None:
    program = (
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'import sys; print(LOADED in sys.modules)'])\n"
        "print('reads', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program.replace("LOADED", '"torch"')],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["True\n", "reads\n"]
        assert psutil.Process(process.pid).ppid() == os.getpid()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANG)
    assert process.returncode == -signal.SIGINT
    assert out == ""
    assert err.endswith("KeyboardInterrupt\n")
