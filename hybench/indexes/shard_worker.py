"""A worker that encodes shards: ``python -m hybench.indexes.shard_worker``.

It reads a `ShardRequest` from each line of stdin, and writes lines of JSON to stdout: ``at`` with
the passages of the shard so far, then ``done`` or ``failed``. It ends with its stdin, at once: what
it had not finished is no shard.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder

_TELL_EVERY = 0.25
"""Seconds between two messages on how far it is."""


@dataclass(frozen=True)
class ShardRequest:
    """A shard to encode.

    Attributes:
        run: folder of the run whose model encodes.
        dataset: folder of the set.
        language: code of the passages' language.
        folder: of the shards.
        number: of the shard, from 0.
        device: cpu, mps, cuda or cuda:N.
    """

    run: str
    dataset: str
    language: str
    folder: str
    number: int
    device: str


class ShardServer:
    """Encodes shards; the model is loaded once."""

    def __init__(self) -> None:
        self._encoder: Encoder | None = None

    def encode(self, request: ShardRequest, tell: Callable[[int], None]) -> None:
        """Encode and write a shard.

        Args:
            request: which.
            tell: called with the number of its passages that are encoded.

        Raises:
            HybenchError: the model or the passages cannot be read, or the shard not written.
        """
        from hybench.data.dataset import Dataset
        from hybench.indexes.model import load_model_of
        from hybench.indexes.shard_encoding import ShardEncoding
        from hybench.indexes.shards import ShardFolder
        from hybench.runs.run import Run

        shards = ShardFolder.opened(Path(request.folder))
        if self._encoder is None:
            self._encoder = load_model_of(Run(Path(request.run)), request.device)
            self._encoder.use_precision(shards.key.precision)
        dataset = Dataset.open(Path(request.dataset))
        work = ShardEncoding(shards, dataset, request.language, self._encoder)
        work.encode(request.number, tell)


class Worker:
    """Works on requests, and says how far it is.

    Args:
        out: where messages go.
    """

    def __init__(self, out: TextIO) -> None:
        self._out, self._server = out, ShardServer()
        self._told = 0.0

    def serve(self, request: ShardRequest) -> None:
        """Encode a shard, and say so, or what went wrong."""
        from hybench.wording.error_messages import what_and_do

        try:
            self._server.encode(request, self._tell)
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells it
            traceback.print_exc()
            self._send("failed", list(what_and_do(error)))
        else:
            self._send("done", request.number)

    def _tell(self, done: int) -> None:
        now = time.monotonic()
        if now - self._told >= _TELL_EVERY:
            self._told = now
            self._send("at", done)

    def _send(self, kind: str, value: object) -> None:
        try:
            self._out.write(json.dumps({kind: value}, ensure_ascii=False) + "\n")
            self._out.flush()
        except BrokenPipeError:  # the parent has gone
            os._exit(1)


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # keeps the output of libraries out of the messages
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            requests.put(line)
        os._exit(0)  # the parent has no more, or has gone

    threading.Thread(target=read, daemon=True).start()
    worker = Worker(out)
    while True:
        worker.serve(ShardRequest(**json.loads(requests.get())))


if __name__ == "__main__":
    _main()
