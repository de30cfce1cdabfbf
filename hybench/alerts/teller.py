"""Tells of alerts in a thread of its own: what is slow or fails holds up nobody."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence

from hybench.alerts.senders import Sender, senders
from hybench.alerts.settings import AlertSettings
from hybench.alerts.watch import Alert, AlertWatch
from hybench.runs.status import RunStatus
from hybench.wording.error_messages import what_and_do

MOST_WAITING = 1000
"""Alerts that wait to be sent; more are dropped, as nobody reads so many."""


class Teller:
    """Watches runs, and tells of what happens to them.

    Args:
        settings: who is told, and of what.
        failed: called in the thread with what went wrong, and what to do.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        settings: AlertSettings,
        failed: Callable[[str], object],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._watch = AlertWatch(settings.on)
        self._senders = senders(settings, clock)
        self._failed = failed
        self._waiting: queue.Queue[tuple[Sender, Alert]] = queue.Queue(MOST_WAITING)
        if self._senders:
            threading.Thread(target=self._send, daemon=True).start()

    def look(self, found: Sequence[RunStatus]) -> tuple[Alert, ...]:
        """What has happened to runs since the last look; it is being sent.

        Args:
            found: the runs' states now.
        """
        alerts = self._watch.take(found)
        for alert in alerts:
            for sender in self._senders:
                try:
                    self._waiting.put_nowait((sender, alert))
                except queue.Full:
                    self._failed("Too many alerts wait to be sent: this one is dropped.")
        return alerts

    def wait(self) -> None:
        """Wait until all that was found is sent."""
        self._waiting.join()

    def _send(self) -> None:
        while True:
            sender, alert = self._waiting.get()
            try:
                sender(alert)
            except Exception as error:  # noqa: BLE001 - told; the next is sent all the same
                self._failed(" ".join(what_and_do(error)))
            finally:
                self._waiting.task_done()
