"""A POST to a webhook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from hybench.alerts.document import document
from hybench.alerts.watch import Alert
from hybench.errors import HybenchError, StateError
from hybench.version import __version__


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
