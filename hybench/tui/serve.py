"""The dashboard in a browser, through textual-serve, on this machine alone."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence

from hybench.errors import UsageError

HOST = "127.0.0.1"


def serve(port: int, arguments: Sequence[str], say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; every page that is opened has a dashboard of its own.

    Pages of other sites, which a browser on this machine may have open, cannot drive it.

    Args:
        port: on the loopback interface.
        arguments: of `hybench`, for the dashboards.
        say: told where it is to be seen.

    Raises:
        UsageError: the extra ``serve`` is not installed, or the port is taken.
    """
    try:
        from aiohttp import web
        from textual_serve.server import Server
    except ImportError as error:
        raise UsageError(
            "--serve needs textual-serve, which is not installed.",
            "Install it: pip install 'hybench[serve]'.",
        ) from error
    own = {f"http://{name}:{port}" for name in (HOST, "localhost")}

    class OwnPages(Server):  # type: ignore[misc, unused-ignore]
        def initialize_logging(self) -> None:
            """Log nothing: a line for every file that a browser requests helps nobody."""

        async def on_startup(self, app: web.Application) -> None:  # noqa: ARG002 - its caller's
            say(f"Open {self.public_url} in a browser; Ctrl-C ends it.")

        async def handle_index(self, request: web.Request) -> web.StreamResponse:
            """The page, without the font that its template asks another site for."""
            page = await super().handle_index(request)
            styles = " ".join(["'unsafe-inline'", *sorted(own)])
            page.headers["Content-Security-Policy"] = f"style-src {styles}; font-src {styles}"
            return page

        async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
            if request.headers.get("Origin", f"http://{HOST}:{port}") not in own:
                raise web.HTTPForbidden(text="Only the dashboard's own pages may connect.")
            return await super().handle_websocket(request)

    # Where hybench.toml turns --serve on, what is served would serve again.
    program = ["env", "HYBENCH_TUI_SERVE=0", sys.executable, "-m", "hybench"]
    command = shlex.join([*program, *arguments])
    try:
        OwnPages(command, host=HOST, port=port, title="hybench").serve()
    except OSError as error:
        raise UsageError(
            f"--port {port} cannot be used: {error.strerror or error}.", "Choose another --port."
        ) from error
