"""Stages of hybench as processes: their time, their memory with that of workers, and kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_POLL = 0.05
_END = 60.0
"""Seconds for workers to end after the process that started them was killed."""


@dataclass(frozen=True)
class Measured:
    """A process that has ended.

    Attributes:
        seconds: wall-clock, from its start.
        peak_mb: largest sum of the resident memory of it and its workers, MiB, mapped files
            included.
        anonymous_mb: likewise, without mapped files, which the system drops when memory is short.
    """

    seconds: float
    peak_mb: float
    anonymous_mb: float

    @property
    def told(self) -> str:
        """For people."""
        return (
            f"{self.seconds:.1f} s, {self.peak_mb:,.0f} MiB, of these {self.anonymous_mb:,.0f} "
            "not of files"
        )


def _started(arguments: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as talk:
        return subprocess.Popen(
            [sys.executable, "-m", "hybench", *arguments], stdout=talk, stderr=talk
        )


def run_stage(arguments: Sequence[str], log: Path) -> Measured:
    """Run a command of hybench to its end.

    Args:
        arguments: of the command.
        log: what it says is added there.

    Raises:
        SystemExit: it fails.
    """
    begun = time.perf_counter()
    process = _started(arguments, log)
    peak = anonymous = 0.0
    while process.poll() is None:
        own = [_memory(pid) for pid in _family(process.pid)]
        peak = max(peak, sum(each[0] for each in own))
        anonymous = max(anonymous, sum(each[1] for each in own))
        time.sleep(_POLL)
    seconds = time.perf_counter() - begun
    if process.returncode:
        said = log.read_text(encoding="utf-8").splitlines()[-8:]
        raise SystemExit("\n".join([f"{' '.join(arguments)}: {process.returncode}", *said]))
    return Measured(round(seconds, 3), round(peak, 1), round(anonymous, 1))


def killed_after(arguments: Sequence[str], delay: float, log: Path) -> bool:
    """Start a command of hybench and kill it after `delay` seconds; False if it ended before.

    Its workers are left to find out, and must end by themselves.

    Raises:
        SystemExit: a worker does not.
    """
    process = _started(arguments, log)
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        workers = [pid for pid in _family(process.pid) if pid != process.pid]
        process.send_signal(signal.SIGKILL)
        process.wait()
        _wait_for(workers)
        return True
    return False


def _wait_for(workers: Sequence[int]) -> None:
    deadline = time.monotonic() + _END
    while any(map(_is_alive, workers)):
        if time.monotonic() > deadline:
            raise SystemExit(f"workers outlive the process that started them: {workers}")
        time.sleep(_POLL)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _family(pid: int) -> list[int]:
    """A process and its descendants."""
    import psutil

    try:
        return [pid, *(each.pid for each in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return [pid]


def _memory(pid: int) -> tuple[float, float]:
    """Resident memory of a process, and what of it is not of files, in MiB."""
    found = {"VmRSS": 0.0, "RssAnon": 0.0}
    with suppress(OSError):  # it may have ended
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name in found:
                found[name] = int(value.split()[0]) / 1024
    return found["VmRSS"], found["RssAnon"]
