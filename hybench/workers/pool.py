"""Several processes that share the requests of a work, each on a device of its own."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hybench.concurrency.processes import cores, environment
from hybench.errors import HybenchError, UsageError
from hybench.wording.amounts import counted
from hybench.workers.requests import Request, plain


def worker_devices(device: str, processes: int) -> tuple[str, ...]:
    """A device for each process: one GPU each, or the cores of this machine divided among them.

    Args:
        device: cpu, mps, cuda or cuda:N, as `hybench.encoders.devices.resolve_device` gives it.
        processes: how many.

    Raises:
        UsageError: there are fewer GPUs, or a single one was asked for.
    """
    if device == "cpu":
        return ("cpu",) * processes
    import torch

    available = torch.cuda.device_count() if device == "cuda" else 1
    if available < processes:
        raise UsageError(
            f"--processes {processes} with --device {device}: "
            f"{counted(available, 'GPUs')} for {processes} processes.",
            "Use as many processes as there are GPUs, or --device cpu.",
        )
    return tuple(f"cuda:{number}" for number in range(processes))


def devices_here(device: str, most: int) -> tuple[str, ...]:
    """Devices of this machine for processes that share the work of one, at most so many.

    Args:
        device: that it is done on now: cpu, mps, cuda or cuda:N.
        most: how many.
    """
    if device.startswith("cuda"):
        import torch

        return tuple(f"cuda:{number}" for number in range(min(most, torch.cuda.device_count())))
    return (device,) * (min(most, cores()) if device == "cpu" else 1)


@dataclass(frozen=True)
class _Said:
    """A message of a worker on a request; without a kind, the worker has ended."""

    worker: int
    request: int
    kind: str = ""
    value: Any = None


class WorkerPool:
    """Processes that work on requests until the block ends; they are started when there is work.

    Attributes:
        least: requests from which on they are worth it.

    Args:
        module: whose worker they run (`hybench.workers.process`).
        devices: one for each process, see `worker_devices`.
    """

    least = 2

    def __init__(self, module: str, devices: Sequence[str]) -> None:
        self._module, self._devices = module, tuple(devices)
        self._processes: dict[int, subprocess.Popen[str]] = {}
        self._died: set[int] = set()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def __len__(self) -> int:
        """Number of processes."""
        return len(self._devices)

    def run(
        self, requests: Sequence[Request], tell: Callable[[int, int], None] = lambda *_: None
    ) -> list[Any]:
        """Work on requests, each by the next process that is free.

        The request of a process that dies is handed to another.

        Args:
            requests: what is asked for; ``device`` is added.
            tell: called with the number of a request and how far it is; with 0 if it begins again.

        Returns:
            Their results, in their order.

        Raises:
            HybenchError: a request cannot be done, or all processes have died.
        """
        waiting = deque(range(len(requests)))
        said: queue.SimpleQueue[_Said] = queue.SimpleQueue()
        working: dict[int, int] = {}
        results: dict[int, Any] = {}
        while waiting or working:
            for worker in range(len(self._devices)):
                if waiting and worker not in working and worker not in self._died:
                    number = working[worker] = waiting.popleft()
                    self._send(worker, number, requests[number], said)
            if not working:
                raise HybenchError(
                    f"All {counted(len(self._devices), 'processes')} have died.",
                    "Their last words are above. Where memory was short, use fewer --processes. "
                    "What is finished is kept: the same command goes on.",
                )
            message = said.get()
            if message.kind == "at":
                tell(message.request, message.value)
            elif message.kind == "done":
                results[message.request] = message.value
                del working[message.worker]
            elif message.kind == "failed":
                raise HybenchError(*message.value)
            else:
                self._died.add(message.worker)
                waiting.appendleft(working.pop(message.worker))
                tell(message.request, 0)
        return [results[number] for number in range(len(requests))]

    def _send(
        self, worker: int, number: int, request: Request, said: queue.SimpleQueue[_Said]
    ) -> None:
        process = self._processes.get(worker)
        if process is None:
            process = self._processes[worker] = self._started()
        assert process.stdin is not None  # noqa: S101 - for the type checker
        line = json.dumps({**plain(request), "device": self._devices[worker]}, ensure_ascii=False)
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            said.put(_Said(worker, number))
            return
        listen = threading.Thread(target=_listen, args=(process, worker, number, said), daemon=True)
        listen.start()

    def _started(self) -> subprocess.Popen[str]:
        threads = max(1, cores() // len(self._devices))
        return subprocess.Popen(
            [sys.executable, "-m", "hybench.workers.process", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(threads),
            encoding="utf-8",
        )


def _listen(
    process: subprocess.Popen[str], worker: int, number: int, said: queue.SimpleQueue[_Said]
) -> None:
    """Pass on what a worker says of a request, until it is done, has failed or has died."""
    assert process.stdout is not None  # noqa: S101 - for the type checker
    while line := process.stdout.readline():
        [(kind, value)] = json.loads(line).items()
        said.put(_Said(worker, number, kind, value))
        if kind != "at":
            return
    said.put(_Said(worker, number))
