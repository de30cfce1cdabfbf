"""The dashboard in a browser, through textual-serve, on this machine alone."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

from hybench.errors import UsageError

HOST = "127.0.0.1"


def serve(port: int, arguments: Sequence[str]) -> None:
    """Serve until Ctrl-C; every page that is opened has a dashboard of its own.

    Args:
        port: on the loopback interface.
        arguments: of `hybench`, for the dashboards.

    Raises:
        UsageError: the extra ``serve`` is not installed, or the port is taken.
    """
    try:
        from textual_serve.server import Server
    except ImportError as error:
        raise UsageError(
            "--serve needs textual-serve, which is not installed.",
            "Install it: pip install 'hybench[serve]'.",
        ) from error
    command = shlex.join([sys.executable, "-m", "hybench", *arguments])
    try:
        Server(command, host=HOST, port=port, title="hybench").serve()
    except OSError as error:
        raise UsageError(
            f"--port {port} cannot be used: {error.strerror or error}.", "Choose another --port."
        ) from error
