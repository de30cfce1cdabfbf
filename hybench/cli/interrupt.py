"""Stopping long work by a signal: at a safe point, or at once with a second Ctrl-C."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hybench.cli.state import console
from hybench.concurrency.processes import END_SIGNALS
from hybench.concurrency.progress import Stop


class Interruption(Stop):
    """A stop requested by a signal.

    Attributes:
        exit_code: of the stopped command, by the convention of shells (128 + the signal).
    """

    exit_code = 128 + signal.SIGINT


@contextmanager
def stop_on_interrupt(message: str, apart: float = 0.0) -> Iterator[Interruption]:
    """The first Ctrl-C prints the message and sets the event; the second raises KeyboardInterrupt.

    SIGTERM, with which schedulers such as SLURM announce a job's end, and SIGHUP, of a terminal
    that closes, count as a first Ctrl-C however often they come; signals ignored before, as under
    nohup, stay ignored.

    Args:
        message: what is printed.
        apart: seconds within which a second Ctrl-C counts as the first.
    """
    interruption = Interruption()
    first: float | None = None

    def ask(number: int, _frame: object) -> None:
        nonlocal first
        if number == signal.SIGINT:
            if first is None:
                first = time.monotonic()
            elif time.monotonic() - first >= apart:
                raise KeyboardInterrupt
        if not interruption.is_set():
            interruption.exit_code = 128 + number
            interruption.set()
            console.talk_at_once(message)

    heeded = [
        number
        for number in (signal.SIGINT, *END_SIGNALS)
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN
    ]
    before = {number: signal.signal(number, ask) for number in heeded}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
