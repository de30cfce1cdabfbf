"""Ctrl-C during long work: once to stop where nothing is lost, twice to stop now."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hybench.cli.state import console
from hybench.progress import Stop


@contextmanager
def stop_on_interrupt(message: str, apart: float = 0.0) -> Iterator[Stop]:
    """Ctrl-C once says the message and sets the event; twice raises KeyboardInterrupt.

    Args:
        message: what is said.
        apart: seconds within which a second signal is taken for the first.
    """
    asked = Stop()
    first = 0.0

    def ask(_signal: int, _frame: object) -> None:
        nonlocal first
        if asked.is_set():
            if time.monotonic() - first >= apart:
                raise KeyboardInterrupt
            return
        first = time.monotonic()
        asked.set()
        console.talk_at_once(message)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
