"""Processes that a process starts for its own work: their threads, and their end with it."""

from __future__ import annotations

import os
import signal

ENDINGS = (signal.SIGTERM, signal.SIGHUP)
"""Signals by which a job is told to end: a scheduler's, and that of a terminal that closes."""

_THREADS = ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS")

MOST_PROCESSES = 1024
"""That may be asked for at a time."""

MOST_THREADS = 1024
"""Likewise."""


def cores() -> int:
    """Cores of this machine that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def environment(threads: int) -> dict[str, str]:
    """The environment of a process that may use so many threads."""
    limits = dict.fromkeys(_THREADS, str(threads))
    return {"GOMP_SPINCOUNT": "1000", **os.environ, **limits}


def end_with(pipe: int) -> None:
    """End when the process at the other end does: checkpoints are whole at any moment."""
    while os.read(pipe, 1024):
        pass
    os._exit(1)
