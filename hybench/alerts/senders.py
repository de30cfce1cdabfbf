"""Who is told of an alert: a webhook, a command."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from hybench.alerts.document import document
from hybench.alerts.settings import AlertSettings
from hybench.alerts.watch import Alert
from hybench.errors import HybenchError, StateError

Sender = Callable[[Alert], None]


@dataclass(frozen=True)
class Command:
    """Runs a program for each alert, with its JSON on stdin, and ``HYBENCH_ALERT`` as its text.

    Attributes:
        arguments: the program and what it gets; no shell reads them.
        timeout: seconds.
        clock: seconds since 1970.
    """

    arguments: tuple[str, ...]
    timeout: float
    clock: Callable[[], float]

    def __call__(self, alert: Alert) -> None:
        """Run it.

        Raises:
            StateError: it cannot be run, fails or takes too long.
        """
        try:
            done = subprocess.run(
                self.arguments,
                input=document(alert, self.clock()),
                env={**os.environ, "HYBENCH_ALERT": alert.text, "HYBENCH_ALERT_KIND": alert.kind},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=self.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._failed(f"took more than {self.timeout:g} s") from None
        except OSError as error:
            raise self._failed(f"cannot be run: {error.strerror}") from None
        if done.returncode:
            raise self._failed(f"ended with code {done.returncode}")

    def _failed(self, why: str) -> HybenchError:
        return StateError(f"The alert's {self.arguments[0]} {why}.", "Check [alerts] command.")


def senders(settings: AlertSettings, clock: Callable[[], float]) -> tuple[Sender, ...]:
    """Those that the settings ask for, but for the terminal, which who draws on it writes to."""
    found: list[Sender] = []
    if settings.webhook:
        # Libraries of HTTP take a tenth of the time in which the dashboard shows its first runs.
        from hybench.alerts.webhook import Webhook

        found.append(Webhook(settings.webhook, settings.timeout, clock))
    if settings.command:
        found.append(Command(settings.command, settings.timeout, clock))
    return tuple(found)
