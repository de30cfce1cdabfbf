"""Being asked to end during long work: where nothing is lost, or, by a second Ctrl-C, now."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hybench.cli.state import console
from hybench.concurrency.processes import END_SIGNALS
from hybench.concurrency.progress import Stop


class Interruption(Stop):
    """A stop that a signal asks for.

    Attributes:
        exit_code: of the command that was stopped, as shells have it (128 + the signal).
    """

    exit_code = 128 + signal.SIGINT


@contextmanager
def stop_on_interrupt(message: str, apart: float = 0.0) -> Iterator[Interruption]:
    """Ctrl-C once says the message and sets the event; twice raises KeyboardInterrupt.

    SIGTERM, with which schedulers such as SLURM announce a job's end, and SIGHUP, of a terminal
    that closes, are taken as the first Ctrl-C however often they come; what is ignored when it
    begins, as under nohup, stays so.

    Args:
        message: what is said.
        apart: seconds within which a second Ctrl-C is taken for the first.
    """
    asked = Interruption()
    first: float | None = None

    def ask(number: int, _frame: object) -> None:
        nonlocal first
        if number == signal.SIGINT:
            if first is None:
                first = time.monotonic()
            elif time.monotonic() - first >= apart:
                raise KeyboardInterrupt
        if not asked.is_set():
            asked.exit_code = 128 + number
            asked.set()
            console.talk_at_once(message)

    heeded = [
        number
        for number in (signal.SIGINT, *END_SIGNALS)
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN
    ]
    before = {number: signal.signal(number, ask) for number in heeded}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
