"""Actors of Ray that share the requests of a work, on the machines of a cluster.

The machines have the folders that requests name, under the same absolute paths; or files go between
them through an exchange (`hybench.workers.exchange`).
"""

from __future__ import annotations

import importlib
import platform
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hybench.errors import HybenchError
from hybench.wording.amounts import counted
from hybench.wording.error_messages import first_line, what_and_do
from hybench.workers.exchange import Exchange, ExchangeError
from hybench.workers.packing import Packed, Packing
from hybench.workers.process import Worker
from hybench.workers.ray_cluster import RETRIES, connect
from hybench.workers.requests import Request, plain
from hybench.workers.unpacking import Unpacking


@dataclass(frozen=True)
class _Task:
    """What an actor does: a request, or none while it starts."""

    actor: Any
    request: int | None


@dataclass
class _Idle:
    """Actors of this process that wait for work.

    Attributes:
        actors: they, the one that has waited longest first.
        pools: that are open and share them: pools with actors of their own would wait for ever for
            the cores that those of others hold.
    """

    actors: deque[Any] = field(default_factory=deque)
    pools: int = 0


_IDLE: defaultdict[tuple[str, str], _Idle] = defaultdict(_Idle)
"""By their device and exchange."""


class RayPool:
    """Actors that work on requests until the block ends; they are started when there is work.

    The same as `hybench.workers.pool.WorkerPool` on a cluster, which may have better devices than
    this machine: a single request is worth it.

    Args:
        module: whose worker they run (`hybench.workers.process`).
        device: of each: cpu, for a core, or cuda, for a GPU of its own.
        count: most actors at a time; fewer where the cluster has no room.
        address: of the cluster, see `hybench.workers.ray_cluster.connect`.
        exchange: URL through which files go; empty where the machines share the folders.

    Raises:
        UsageError: Ray, or the library for the exchange, is not installed.
        StateError: there is no cluster at the address, or the exchange cannot be written.
    """

    least = 1

    def __init__(
        self, module: str, device: str, count: int, address: str, exchange: str = ""
    ) -> None:
        self._packing: Packing | None = None
        if exchange:
            self._packing = Packing(Exchange(exchange), module)
            self._packing.exchange.prepare()
        connect(address)
        self._module, self._device, self._count = module, device.partition(":")[0], count
        self._exchange = exchange
        self._tasks: dict[Any, _Task] = {}
        idle = _IDLE[self._device, exchange]
        idle.pools += 1
        self._free = idle.actors

    def __enter__(self) -> RayPool:
        return self

    def __exit__(self, *_: object) -> None:
        import ray

        idle = _IDLE[self._device, self._exchange]
        idle.pools -= 1
        unused = [task.actor for task in self._tasks.values()]
        if not idle.pools:
            unused += _IDLE.pop((self._device, self._exchange)).actors
        for actor in unused:
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
            requests: what is asked for; ``device`` is added.
            tell: called with the number of a request that is done, and how far it said to be.

        Returns:
            Their results, in their order.

        Raises:
            HybenchError: a request cannot be done, or actors were lost at it again and again.
        """
        try:
            return self._results(requests, tell)
        finally:
            if self._packing is not None:
                self._packing.tidy(requests)

    def _results(self, requests: Sequence[Request], tell: Callable[[int, int], None]) -> list[Any]:
        sent = self._packed(requests)
        arrived = deque(self._done(sent).items())
        waiting = deque(sorted(set(range(len(requests))) - dict(arrived).keys()))
        lost, results = Counter[int | None](), dict[int, Any]()

        def again(number: int | None, reason: tuple[str, str]) -> None:
            lost[number] += 1
            if lost[number] > RETRIES:
                raise HybenchError(*reason)
            if number is not None:
                waiting.appendleft(number)
                if self._packing is not None:
                    self._packing.forget(requests[number])

        while len(results) < len(requests):
            self._start(min(self._count, len(requests) - len(results) - len(arrived)))
            while waiting and self._free:
                number = waiting.popleft()
                if self._packing is not None:
                    self._packing.push(requests[number])
                self._begin(number, sent[number])
            for place, ended in self._ended(0.0 if arrived else 0.5):
                if ended.failed is not None:
                    raise HybenchError(*ended.failed)
                if ended.lost is not None:
                    again(place, ended.lost)
                elif place is not None:
                    arrived.append((place, ended.record))
            if arrived:
                number, record = arrived.popleft()
                if self._taken(requests[number], sent[number], record):
                    results[number] = record["result"]
                    tell(number, record["told"])
                else:
                    again(number, _not_there(self._exchange))
        return [results[number] for number in range(len(requests))]

    def _packed(self, requests: Sequence[Request]) -> list[Packed | dict[str, Any]]:
        """What actors get of requests."""
        if self._packing is not None:
            return [self._packing.packed(each, self._device) for each in requests]
        return [{**plain(each), "device": self._device} for each in requests]

    def _done(self, sent: Sequence[Any]) -> dict[int, dict[str, Any]]:
        """Records of requests that are done already, by their places."""
        return {} if self._packing is None else self._packing.done(sent)

    def _taken(self, request: Request, sent: Any, record: dict[str, Any]) -> bool:
        """Whether what was written for a request is where it belongs."""
        return self._packing is None or self._packing.take(request, sent, record)

    def _begin(self, number: int, sent: Any) -> None:
        """Hand a request to a free actor."""
        actor = self._free.popleft()
        self._tasks[actor.work.remote(self._module, sent)] = _Task(actor, number)

    def _ended(self, timeout: float) -> Iterator[tuple[int | None, _Ended]]:
        """How requests ended that have ended since, and what their actors then are."""
        import ray

        if not self._tasks:
            return
        for reference in ray.wait(list(self._tasks), timeout=timeout)[0]:
            task = self._tasks.pop(reference)
            try:
                ended: _Ended = ray.get(reference)
            except ray.exceptions.RayError as error:
                yield task.request, _Ended(lost=_again_and_again(error))
            else:
                self._free.append(task.actor)
                yield task.request, ended

    def _start(self, count: int) -> None:
        """Start actors until there are `count`, some of which wait for room in the cluster."""
        import ray

        gpus = 1 if self._device == "cuda" else 0
        actor_class: Any = ray.remote(num_cpus=1 - gpus, num_gpus=gpus)(_Actor)
        while len(self._free) + len(self._tasks) < count:
            actor = actor_class.remote(self._exchange)
            self._tasks[actor.ready.remote()] = _Task(actor, None)


@dataclass(frozen=True)
class _Ended:
    """How a request ended.

    Attributes:
        record: ``result`` of the worker, and how far it has ``told`` to be.
        failed: what went wrong and what to do, None if nothing did.
        lost: why another has to do it, None if it is done.
    """

    record: dict[str, Any] = field(default_factory=dict)
    failed: tuple[str, str] | None = None
    lost: tuple[str, str] | None = None


class _Actor:
    """Runs workers in a process of Ray.

    Args:
        exchange: URL through which files go; empty where the machines share the folders.
    """

    def __init__(self, exchange: str) -> None:
        self._workers: dict[str, Worker] = {}
        self._exchange = exchange

    def ready(self) -> _Ended:
        """Return once it has started."""
        return _Ended()

    def work(self, module: str, sent: Packed | dict[str, Any]) -> _Ended:
        """Do what a request asks for, with a module's worker."""
        try:
            if module not in self._workers:
                self._workers[module] = importlib.import_module(module).WORKER()
            worker = self._workers[module]
            if isinstance(sent, Packed):
                return _Ended(self._unpacking.work(sent, worker))
            told = [0]
            result = worker.work(sent, told.append)
        except ExchangeError as error:
            return _Ended(lost=(f"On {platform.node()}: {error.what}", error.do))
        except Exception as error:  # noqa: BLE001 - whatever it is, the driver tells it
            return _Ended(failed=what_and_do(error))
        return _Ended({"result": result, "told": told[-1]})

    @cached_property
    def _unpacking(self) -> Unpacking:
        return Unpacking.here(self._exchange)


def _again_and_again(reason: Exception) -> tuple[str, str]:
    what = f"Ray lost {counted(1 + RETRIES, 'processes')} at the same work: {first_line(reason)}"
    do = (
        "See Ray's logs; where memory was short, use fewer --processes. What is finished is kept: "
        "the same command goes on."
    )
    return what, do


def _not_there(url: str) -> tuple[str, str]:
    return (
        f"What workers wrote to {url} was gone, or another, when it was fetched.",
        "See that nothing else deletes or changes files there; the same command goes on.",
    )
