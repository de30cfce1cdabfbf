"""The dashboard in a browser, through textual-serve, on this machine alone."""

from __future__ import annotations

import secrets
import shlex
import sys
from collections.abc import Awaitable, Callable, Sequence

from hybench.errors import UsageError

HOST = "127.0.0.1"

TOKEN_BYTES = 16
"""Of chance, in the token."""

NO_FRAMES = "frame-ancestors 'none'"
"""No page may show this one in itself."""


def serve(port: int, arguments: Sequence[str], say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; every page that is opened has a dashboard of its own.

    Pages of other sites, which a browser on this machine may have open, cannot drive it or frame
    it. Other people on this machine cannot either: every address begins with a token that is made
    anew at each start, and whatever lacks it is refused.

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

    token = secrets.token_urlsafe(TOKEN_BYTES)

    @web.middleware
    async def check_token(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        given = request.path.split("/")[1]
        if not secrets.compare_digest(given.encode(), token.encode()):
            raise web.HTTPForbidden(text="Open the address that hybench tui --serve has printed.")
        return await handler(request)

    async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.setdefault("Content-Security-Policy", NO_FRAMES)
        response.headers["Referrer-Policy"] = "no-referrer"  # it would have the token

    class OwnPages(Server):  # type: ignore[misc, unused-ignore]
        async def _make_app(self) -> web.Application:
            """The pages, below the token; links in them begin with it, too."""
            outer = web.Application(middlewares=[check_token])
            outer.add_subapp(f"/{token}/", await super()._make_app())
            outer.on_response_prepare.append(add_headers)
            return outer

        def initialize_logging(self) -> None:
            """Log nothing: a line for every file that a browser requests helps nobody."""

        async def on_startup(self, app: web.Application) -> None:  # noqa: ARG002 - its caller's
            say(f"Open {self.public_url}/{token}/ in a browser; Ctrl-C ends it.")

        async def handle_index(self, request: web.Request) -> web.StreamResponse:
            """The page, without the font that its template asks another site for."""
            page = await super().handle_index(request)
            styles = " ".join(["'unsafe-inline'", *sorted(own)])
            policy = f"style-src {styles}; font-src {styles}; {NO_FRAMES}"
            page.headers["Content-Security-Policy"] = policy
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
