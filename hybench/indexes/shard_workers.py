"""Several processes that encode the shards of an index, each on a device of its own."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hybench.concurrency.processes import cores, environment
from hybench.data.dataset import Dataset
from hybench.errors import HybenchError, UsageError
from hybench.indexes.shard_worker import ShardRequest
from hybench.indexes.shards import ShardFolder
from hybench.runs.run import Run
from hybench.wording.amounts import counted


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


@dataclass(frozen=True)
class _Said:
    """A message of a worker on a shard; without a kind, the worker has ended."""

    worker: int
    shard: int
    kind: str = ""
    value: Any = None


class ShardWorkers:
    """Processes that encode shards until the block ends; they are started when there is work.

    Attributes:
        least: shards from which on they are worth it.

    Args:
        run: whose model encodes.
        dataset: the set.
        devices: one for each process, see `worker_devices`.
    """

    least = 2

    def __init__(self, run: Run, dataset: Dataset, devices: Sequence[str]) -> None:
        self._run, self._dataset, self._devices = run, dataset, tuple(devices)
        self._processes: dict[int, subprocess.Popen[str]] = {}
        self._died: set[int] = set()

    def __enter__(self) -> ShardWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def encode(
        self,
        shards: ShardFolder,
        language: str,
        numbers: Iterable[int],
        tell: Callable[[int], None],
    ) -> None:
        """Encode shards, each by the next worker that is free, in any order.

        The shard of a worker that dies is encoded by another.

        Args:
            shards: where they are written.
            language: code of the passages' language.
            numbers: of the shards.
            tell: called with the number of their passages that are encoded.

        Raises:
            HybenchError: a shard cannot be encoded, or all workers have died.
        """
        waiting = deque(numbers)
        said: queue.SimpleQueue[_Said] = queue.SimpleQueue()
        working: dict[int, int] = {}
        far: dict[int, int] = {}
        while waiting or working:
            for worker in range(len(self._devices)):
                if waiting and worker not in working and worker not in self._died:
                    working[worker] = waiting.popleft()
                    request = self._request(shards, language, working[worker], worker)
                    self._send(worker, request, said)
            if not working:
                raise HybenchError(
                    f"All {counted(len(self._devices), 'processes')} that encoded have died.",
                    "Their last words are above. Where memory was short, use fewer --processes. "
                    "Finished shards are kept: the same command goes on.",
                )
            message = said.get()
            if message.kind == "at":
                far[message.shard] = message.value
            elif message.kind == "done":
                far[message.shard] = shards.size(message.shard)
                del working[message.worker]
            elif message.kind == "failed":
                raise HybenchError(*message.value)
            else:
                self._died.add(message.worker)
                waiting.appendleft(working.pop(message.worker))
                far.pop(message.shard, None)
            tell(sum(far.values()))

    def _request(
        self, shards: ShardFolder, language: str, number: int, worker: int
    ) -> ShardRequest:
        return ShardRequest(
            run=str(self._run.path),
            dataset=str(self._dataset.path),
            language=language,
            folder=str(shards.folder),
            number=number,
            device=self._devices[worker],
        )

    def _send(self, worker: int, request: ShardRequest, said: queue.SimpleQueue[_Said]) -> None:
        process = self._processes.get(worker)
        if process is None:
            process = self._processes[worker] = self._started()
        assert process.stdin is not None  # noqa: S101 - for the type checker
        try:
            process.stdin.write(json.dumps(asdict(request), ensure_ascii=False) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            said.put(_Said(worker, request.number))
            return
        listen = threading.Thread(
            target=_listen, args=(process, worker, request.number, said), daemon=True
        )
        listen.start()

    def _started(self) -> subprocess.Popen[str]:
        threads = max(1, cores() // len(self._devices))
        return subprocess.Popen(
            [sys.executable, "-m", "hybench.indexes.shard_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(threads),
            encoding="utf-8",
        )


def _listen(
    process: subprocess.Popen[str], worker: int, shard: int, said: queue.SimpleQueue[_Said]
) -> None:
    """Pass on what a worker says of a shard, until it is done, has failed or has died."""
    assert process.stdout is not None  # noqa: S101 - for the type checker
    while line := process.stdout.readline():
        [(kind, value)] = json.loads(line).items()
        said.put(_Said(worker, shard, kind, value))
        if kind != "at":
            return
    said.put(_Said(worker, shard))
