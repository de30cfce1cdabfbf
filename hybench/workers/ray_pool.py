"""Actors of Ray that share the requests of a work, on the machines of a cluster.

The machines have the folders that requests name, under the same absolute paths.
"""

from __future__ import annotations

import importlib
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hybench.errors import HybenchError
from hybench.wording.amounts import counted
from hybench.wording.error_messages import what_and_do
from hybench.workers.pool import Request
from hybench.workers.process import Worker
from hybench.workers.ray_cluster import RETRIES, connect


@dataclass(frozen=True)
class _Task:
    """What an actor does: a request, or none while it starts."""

    actor: Any
    request: int | None


class RayPool:
    """Actors that work on requests until the block ends; they are started when there is work.

    The same as `hybench.workers.pool.WorkerPool` on a cluster, which may have better devices than
    this machine: a single request is worth it.

    Args:
        module: whose worker they run (`hybench.workers.process`).
        device: of each: cpu, for a core, or cuda, for a GPU of its own.
        count: most actors at a time; fewer where the cluster has no room.
        address: of the cluster, see `hybench.workers.ray_cluster.connect`.

    Raises:
        UsageError: Ray is not installed.
        StateError: there is no cluster at the address.
    """

    least = 1

    def __init__(self, module: str, device: str, count: int, address: str) -> None:
        connect(address)
        self._module, self._device, self._count = module, device.partition(":")[0], count
        self._tasks: dict[Any, _Task] = {}
        self._free: list[Any] = []

    def __enter__(self) -> RayPool:
        return self

    def __exit__(self, *_: object) -> None:
        import ray

        for actor in (*self._free, *(task.actor for task in self._tasks.values())):
            ray.kill(actor)

    def __len__(self) -> int:
        """Most actors at a time."""
        return self._count

    def run(
        self, requests: Sequence[Request], tell: Callable[[int, int], None] = lambda *_: None
    ) -> list[Any]:
        """Work on requests, each by the next actor that is free.

        The request of an actor that is lost, alone or with its machine, is handed to another.

        Args:
            requests: values of JSON; ``device`` is added.
            tell: called with the number of a request that is done, and how far it said to be.

        Returns:
            Their results, in their order.

        Raises:
            HybenchError: a request cannot be done, or actors were lost at it again and again.
        """
        import ray

        waiting, lost = deque(range(len(requests))), Counter[int | None]()
        results: dict[int, Any] = {}
        while len(results) < len(requests):
            self._start(min(self._count, len(requests) - len(results)))
            while waiting and self._free:
                number = waiting.popleft()
                self._begin(number, requests[number])
            for reference in ray.wait(list(self._tasks), timeout=0.5)[0]:
                task = self._tasks.pop(reference)
                try:
                    ended: _Ended = ray.get(reference)
                except ray.exceptions.RayError as error:
                    lost[task.request] += 1
                    if lost[task.request] > RETRIES:
                        raise _again_and_again(error) from error
                    if task.request is not None:
                        waiting.appendleft(task.request)
                    continue
                self._free.append(task.actor)
                if ended.failed is not None:
                    raise HybenchError(*ended.failed)
                if task.request is not None:
                    results[task.request] = ended.result
                    tell(task.request, ended.told)
        return [results[number] for number in range(len(requests))]

    def _begin(self, number: int, request: Request) -> None:
        """Hand a request to a free actor."""
        actor = self._free.pop()
        task = actor.work.remote({**request, "device": self._device})
        self._tasks[task] = _Task(actor, number)

    def _start(self, count: int) -> None:
        """Start actors until there are `count`, some of which wait for room in the cluster."""
        import ray

        gpus = 1 if self._device == "cuda" else 0
        actor_class: Any = ray.remote(num_cpus=1, num_gpus=gpus)(_Actor)
        while len(self._free) + len(self._tasks) < count:
            actor = actor_class.remote(self._module)
            self._tasks[actor.ready.remote()] = _Task(actor, None)


@dataclass(frozen=True)
class _Ended:
    """How a request ended.

    Attributes:
        result: the worker's.
        told: how far the worker said to be.
        failed: what went wrong and what to do, None if nothing did.
    """

    result: Any = None
    told: int = 0
    failed: tuple[str, str] | None = None


class _Actor:
    """Runs a worker in a process of Ray.

    Args:
        module: whose.
    """

    def __init__(self, module: str) -> None:
        self._worker: Worker = importlib.import_module(module).WORKER()

    def ready(self) -> _Ended:
        """Return once it has started."""
        return _Ended()

    def work(self, request: dict[str, Any]) -> _Ended:
        """Do what a request asks for."""
        told = [0]
        try:
            result = self._worker.work(request, told.append)
        except Exception as error:  # noqa: BLE001 - whatever it is, the driver tells it
            return _Ended(failed=what_and_do(error))
        return _Ended(result, told[-1])


def _again_and_again(reason: Exception) -> HybenchError:
    first = str(reason).strip().splitlines()[0]
    return HybenchError(
        f"Ray lost {counted(1 + RETRIES, 'processes')} at the same work: {first}",
        "See Ray's logs; where memory was short, use fewer --processes. What is finished is kept: "
        "the same command goes on.",
    )
