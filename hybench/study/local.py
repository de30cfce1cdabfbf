"""Cells on this machine, several at a time, each in a process of its own."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from hybench.progress import Stop
from hybench.study.worker import Ended, Message, Request, environment, parse


class CellProcess:
    """A worker at work on one cell.

    Args:
        request: what it is to do.
        log: file that takes what its libraries print, and tracebacks.
    """

    def __init__(self, request: Request, log: Path) -> None:
        self._request = request
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hybench.study.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=environment(request.threads),
                encoding="utf-8",
                # A Ctrl-C at the terminal is this process's to pass on, once.
                start_new_session=True,
            )
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(asdict(request)) + "\n")
            self._process.stdin.flush()

    def messages(self) -> Iterator[Message]:
        """What it says; the last is always how it ended."""
        assert self._process.stdout is not None  # noqa: S101 - for the type checker
        ended = None
        with self._process:  # waits for it, and closes its pipes
            for line in self._process.stdout:
                message = parse(line)
                if isinstance(message, Ended):
                    ended = message
                elif message is not None:
                    yield message
        code = self._process.returncode
        yield ended or _died(self._request.name, code)

    def interrupt(self) -> None:
        """Ask it to end after the step; asked again, to end at once."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it now."""
        self._process.kill()


def _died(name: str, code: int) -> Ended:
    if code < 0:
        killed = signal.Signals(-code).name
        hint = "It may be out of memory: take fewer --jobs, or lower batch_size."
        return Ended(name, "failed", {}, f"Its process was killed ({killed}).", hint)
    return Ended(name, "failed", {}, f"Its process ended with code {code}.", "See its log.")


def run_local(
    requests: Sequence[Request],
    *,
    jobs: int,
    devices: Sequence[str],
    logs: Path,
    stop: Stop,
) -> Iterator[Message]:
    """Work on cells, so many at a time.

    Args:
        requests: the cells, in the order to begin them.
        jobs: cells at a time.
        devices: the jobs' devices, in turn.
        logs: folder of the workers' logs.
        stop: once set, no cell is begun and those at work are asked to end.

    Yields:
        Messages of all cells as they come, `Ended` once for each cell that was begun.
    """
    waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
    for request in requests:
        waiting.put(request)
    said: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
    at_work: dict[str, CellProcess] = {}

    def job(device: str) -> None:
        try:
            while not stop.is_set():
                try:
                    request = replace(waiting.get_nowait(), device=device)
                except queue.Empty:
                    return
                cell = CellProcess(request, logs / f"{request.name}.log")
                at_work[request.name] = cell
                for message in cell.messages():
                    if isinstance(message, Ended):
                        del at_work[request.name]
                    said.put(message)
        finally:
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
    finally:
        stop.set()
        for cell in list(at_work.values()):
            cell.kill()


def _messages(
    said: queue.SimpleQueue[Message | None],
    jobs: int,
    stop: Stop,
    at_work: dict[str, CellProcess],
) -> Iterator[Message]:
    asked: set[str] = set()
    while jobs:
        if stop.is_set():
            for name, cell in list(at_work.items()):
                if name not in asked:
                    asked.add(name)
                    cell.interrupt()
        with suppress(queue.Empty):
            message = said.get(timeout=0.2)
            if message is None:
                jobs -= 1
            else:
                yield message


def cores() -> int:
    """Cores of this machine that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_per_job(jobs: int) -> int:
    """Threads for each of so many cells at a time."""
    return max(1, cores() // jobs)
