"""Ways to tell someone of an alert: a webhook, a command, the terminal's notifications."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from hybench.alerts.settings import AlertSettings
from hybench.alerts.watch import Alert
from hybench.errors import HybenchError, StateError
from hybench.version import __version__

Sender = Callable[[Alert], None]


def document(alert: Alert, now: float) -> bytes:
    """An alert as JSON; chat services show ``text``.

    Args:
        alert: what has happened.
        now: seconds since 1970.
    """
    values = {
        "format": 1,
        "text": f"hybench: {alert.text}",
        "kind": alert.kind,
        "run": alert.run,
        "step": alert.step,
        "time": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(values, ensure_ascii=False).encode()


class _NoRedirects(HTTPRedirectHandler):
    """Follows nothing: what is sent goes to the address that was set, or nowhere."""

    def redirect_request(self, *_: Any) -> None:
        """No request."""


@dataclass(frozen=True)
class Webhook:
    """Sends a POST of JSON for each alert.

    Attributes:
        address: where to; it may be a secret, and is never shown beyond its host.
        timeout: seconds.
        clock: seconds since 1970.
    """

    address: str
    timeout: float
    clock: Callable[[], float]

    def __call__(self, alert: Alert) -> None:
        """Send it.

        Raises:
            StateError: it was not taken.
        """
        body = document(alert, self.clock())
        headers = {"Content-Type": "application/json", "User-Agent": f"hybench/{__version__}"}
        # AlertSettings takes addresses of the web alone.
        request = Request(self.address, body, headers, method="POST")  # noqa: S310
        try:
            with build_opener(_NoRedirects).open(request, timeout=self.timeout):
                pass
        except HTTPError as error:
            error.close()
            raise self._failed(f"it answers {error.code}") from None
        except URLError as error:
            raise self._failed(str(error.reason)) from None
        except (OSError, ValueError) as error:
            raise self._failed(type(error).__name__) from None

    def _failed(self, why: str) -> HybenchError:
        # Errors of libraries may quote the whole address; so they are neither chained nor shown.
        host = urlsplit(self.address).hostname or "the webhook"
        reason = why.replace(self.address, host)
        return StateError(f"The alert did not reach {host}: {reason}.", "Check [alerts] webhook.")


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
        found.append(Webhook(settings.webhook, settings.timeout, clock))
    if settings.command:
        found.append(Command(settings.command, settings.timeout, clock))
    return tuple(found)
