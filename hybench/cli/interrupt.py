"""Ctrl-C during long work: once to stop where nothing is lost, twice to stop now."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hybench.cli.state import console


@contextmanager
def stop_on_interrupt(message: str) -> Iterator[threading.Event]:
    """Ctrl-C once says the message and sets the event; twice raises KeyboardInterrupt."""
    asked = threading.Event()

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
