"""Runs cells on this machine, several at a time, each in its own process."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from hybench.concurrency.processes import cores, environment
from hybench.concurrency.progress import Stop
from hybench.studies.order import WaitingCells
from hybench.studies.worker import (
    CellRequest,
    Ended,
    Forked,
    Left,
    Message,
    Working,
    parse,
)


class Worker:
    """A process that works on one cell at a time.

    Args:
        threads: per cell.
        log: file for errors outside of cells.
    """

    def __init__(self, threads: int, log: Path) -> None:
        self._request: CellRequest | None = None
        self._child = 0
        self._asked = False
        self._began = 0.0
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hybench.studies.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=environment(threads),
                encoding="utf-8",
                # A Ctrl-C at the terminal is passed on once, by this process.
                start_new_session=True,
            )

    def begin(self, request: CellRequest) -> None:
        """Start work on a cell; `messages` yields its progress."""
        self._request, self._child, self._asked = request, 0, False
        self._began = time.monotonic()
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(asdict(request)) + "\n")
            self._process.stdin.flush()

    def messages(self) -> Iterator[Message]:
        """The messages on the cell; the last is always its end."""
        assert self._process.stdout is not None  # noqa: S101 - for the type checker
        assert self._request is not None  # noqa: S101
        ended, code = None, None
        for line in self._process.stdout:
            said = parse(line)
            if isinstance(said, Ended):
                ended = said
            elif isinstance(said, Working):
                yield said
            elif isinstance(said, Forked):
                self._child = said.process
                if self._asked:
                    self._interrupt()
            elif isinstance(said, Left):
                code = said.code
                break
        self._child = 0
        if ended is None:
            took = round(time.monotonic() - self._began, 3)
            code = self._process.wait() if code is None else code
            ended = _died(self._request.name, code, {"until it died": took})
        yield ended

    @property
    def gone(self) -> bool:
        """Whether it can take no more cells."""
        return self._process.poll() is not None

    def interrupt(self) -> None:
        """Ask it to end the cell after the step; a second call ends it at once."""
        self._asked = True
        self._interrupt()

    def _interrupt(self) -> None:
        if self._child:
            with suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGINT)

    def kill(self) -> None:
        """End it now, with its running cell."""
        self._process.kill()

    def close(self) -> None:
        """Let it end when it has no more work."""
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        with self._process:
            pass


def _died(name: str, code: int, seconds: dict[str, float]) -> Ended:
    if code < 0:
        killed = signal.Signals(-code).name
        hint = "It may be out of memory: use fewer --jobs, or lower batch_size."
        return Ended(name, "failed", seconds, f"Its process was killed ({killed}).", hint)
    return Ended(name, "failed", seconds, f"Its process ended with code {code}.", "See its log.")


def run_local(
    requests: Sequence[CellRequest],
    *,
    jobs: int,
    devices: Sequence[str],
    logs: Path,
    stop: Stop,
) -> Iterator[Message]:
    """Work on cells, `jobs` at a time.

    Args:
        requests: the cells, in the order to start them.
        jobs: cells at a time.
        devices: the jobs' devices, in turn.
        logs: folder of the workers' logs.
        stop: once set, no cell is started and running ones are asked to end.

    Yields:
        Messages of all cells as they come, `Ended` once for each started cell.
    """
    waiting = WaitingCells(requests)
    said: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
    at_work: dict[str, Worker] = {}

    def job(device: str) -> None:
        worker = None
        try:
            while (next_one := waiting.take(stop)) is not None:
                request = replace(next_one, device=device)
                log = logs / f"{request.name}.log"
                if worker is not None and worker.gone:
                    worker.close()
                    worker = None
                worker = worker or Worker(request.threads, log)
                worker.begin(replace(request, log=str(log)))
                at_work[request.name] = worker
                for message in worker.messages():
                    if isinstance(message, Ended):
                        del at_work[request.name]
                        waiting.end(message)
                    said.put(message)
        finally:
            if worker is not None:
                worker.close()
            said.put(None)

    count = min(jobs, len(requests))
    threads = [
        threading.Thread(target=job, args=(devices[number % len(devices)],), daemon=True)
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield from _messages(said, count, stop, at_work)
    except BaseException:  # also GeneratorExit: nobody listens any more
        stop.set()
        raise
    finally:
        for worker in list(at_work.values()):
            worker.kill()


def _messages(
    said: queue.SimpleQueue[Message | None],
    jobs: int,
    stop: Stop,
    at_work: dict[str, Worker],
) -> Iterator[Message]:
    asked: set[str] = set()
    while jobs:
        if stop.is_set():
            for name, worker in list(at_work.items()):
                if name not in asked:
                    asked.add(name)
                    worker.interrupt()
        with suppress(queue.Empty):
            message = said.get(timeout=0.2)
            if message is None:
                jobs -= 1
            else:
                yield message


def threads_per_job(jobs: int) -> int:
    """Threads for each of so many cells at a time."""
    return max(1, cores() // jobs)
