"""Ctrl-C during long work: once to stop where nothing is lost, twice to stop now."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from hybench.cli.state import console
from hybench.progress import Stop


@contextmanager
def stop_on_interrupt(message: str) -> Iterator[Stop]:
    """Ctrl-C once says the message and sets the event; twice raises KeyboardInterrupt."""
    asked = Stop()

    def ask(_signal: int, _frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        console.talk_at_once(message)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
