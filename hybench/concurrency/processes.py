"""Limits on processes and their threads, and how child processes end with their parent."""

from __future__ import annotations

import os
import signal

END_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end a job: from a scheduler, and from a terminal that closes."""

_THREADS = ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS")

MOST_PROCESSES = 1024
"""Most processes that an option accepts."""

MOST_THREADS = 1024
"""Most threads that an option accepts."""


def cores() -> int:
    """Cores of this machine that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def environment(threads: int) -> dict[str, str]:
    """Environment variables for a process that may use `threads` threads."""
    limits = dict.fromkeys(_THREADS, str(threads))
    return {"GOMP_SPINCOUNT": "1000", **os.environ, **limits}


def exit_with_parent(pipe: int) -> None:
    """Exit when the process at the pipe's other end does; checkpoints are whole at any moment."""
    while os.read(pipe, 1024):
        pass
    os._exit(1)
