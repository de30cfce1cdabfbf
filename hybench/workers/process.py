"""A process that works on requests: ``python -m hybench.workers.process MODULE``.

``MODULE.WORKER`` makes the worker. The process reads a request, an object of JSON, from each line
of stdin, and writes lines of JSON to stdout: ``at`` with how far it is, then ``done`` with the
result or ``failed`` with what is wrong and what to do. It ends with its stdin, at once: what it had
not finished does not count.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, Protocol, TextIO

from hybench.wording.error_messages import what_and_do

Tell = Callable[[int], None]

_TELL_EVERY = 0.25
"""Seconds between two messages on how far it is."""


class Worker(Protocol):
    """What a module's ``WORKER`` makes; it is asked for one request after the other."""

    def work(self, request: dict[str, Any], tell: Tell) -> object:
        """Do what a request asks for.

        Args:
            request: its values, and ``device``, that the work is done on.
            tell: called with how much of it is done.

        Returns:
            The result, as JSON values.
        """


class Server:
    """Hands requests to a worker, and says what becomes of them.

    Args:
        worker: does them.
        out: where messages go.
    """

    def __init__(self, worker: Worker, out: TextIO) -> None:
        self._worker, self._out = worker, out
        self._told = 0.0
        self._untold: int | None = None

    def serve(self, request: dict[str, Any]) -> None:
        """Do what is asked, and say so, or what went wrong."""
        try:
            result = self._worker.work(request, self._tell)
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells it
            traceback.print_exc()
            self._send("failed", list(what_and_do(error)))
        else:
            if self._untold is not None:
                self._send("at", self._untold)
            self._send("done", result)
        self._untold = None

    def _tell(self, done: int) -> None:
        now, self._untold = time.monotonic(), done
        if now - self._told >= _TELL_EVERY:
            self._told, self._untold = now, None
            self._send("at", done)

    def _send(self, kind: str, value: object) -> None:
        try:
            self._out.write(json.dumps({kind: value}, ensure_ascii=False) + "\n")
            self._out.flush()
        except BrokenPipeError:  # the parent has gone
            os._exit(1)


def _main(module: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # keeps the output of libraries out of the messages
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            requests.put(line)
        os._exit(0)  # the parent has no more, or has gone

    threading.Thread(target=read, daemon=True).start()
    server = Server(importlib.import_module(module).WORKER(), out)
    while True:
        server.serve(json.loads(requests.get()))


if __name__ == "__main__":
    _main(sys.argv[1])
