"""Actors of Ray that encode the shards of an index, on the machines of a cluster.

The machines share the folders of data and runs, under the same paths. An actor takes the next
missing shard when it is free. One that is lost, with its machine or alone, leaves its shard to
another, and is replaced where the cluster has room.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybench.concurrency.ray_cluster import RETRIES, connect
from hybench.data.dataset import Dataset
from hybench.errors import HybenchError
from hybench.indexes.shard_worker import ShardRequest, ShardServer
from hybench.indexes.shards import ShardFolder
from hybench.runs.run import Run
from hybench.wording.amounts import counted


@dataclass(frozen=True)
class _Waited:
    """What is waited for of an actor: that it starts, or a shard."""

    actor: Any
    shard: int | None


class ShardActors:
    """Actors that encode shards until the block ends; they are started when there is work.

    Attributes:
        least: shards from which on they are worth it: one, as the cluster may have better devices.

    Args:
        run: whose model encodes.
        dataset: the set.
        device: of each actor: cpu, or cuda for a GPU each.
        count: of the actors, at most; fewer where the cluster has no room.
        address: of the cluster, see `hybench.concurrency.ray_cluster.connect`.

    Raises:
        UsageError: Ray is not installed.
        StateError: there is no cluster at the address.
    """

    least = 1

    def __init__(self, run: Run, dataset: Dataset, device: str, count: int, address: str) -> None:
        connect(address)
        self._run, self._dataset = run.path.resolve(), dataset.path.resolve()
        self._device = device.partition(":")[0]
        self._count = count
        self._waited: dict[Any, _Waited] = {}
        self._free: list[Any] = []

    def __enter__(self) -> ShardActors:
        return self

    def __exit__(self, *_: object) -> None:
        import ray

        for actor in (*self._free, *(waited.actor for waited in self._waited.values())):
            ray.kill(actor)

    def encode(
        self,
        shards: ShardFolder,
        language: str,
        numbers: Iterable[int],
        tell: Callable[[int], None],
    ) -> None:
        """Encode shards, each by the next actor that is free, in any order.

        Args:
            shards: where they are written.
            language: code of the passages' language.
            numbers: of the shards.
            tell: called with the number of their passages that are encoded.

        Raises:
            HybenchError: a shard cannot be encoded, or an actor was lost at one again and again.
        """
        import ray

        waiting, lost = deque(numbers), Counter[int | None]()
        left, done = len(waiting), 0
        while left:
            self._start(min(self._count, left))
            while waiting and self._free:
                actor, shard = self._free.pop(), waiting.popleft()
                task = actor.encode.remote(self._request(shards.folder, language, shard))
                self._waited[task] = _Waited(actor, shard)
            for task in ray.wait(list(self._waited), timeout=0.5)[0]:
                waited = self._waited.pop(task)
                reason = _reason_of_loss(task)
                if not reason:
                    self._free.append(waited.actor)
                    if waited.shard is not None:
                        left, done = left - 1, done + shards.size(waited.shard)
                        tell(done)
                    continue
                if waited.shard is not None:
                    waiting.appendleft(waited.shard)
                lost[waited.shard] += 1
                if lost[waited.shard] > RETRIES:
                    raise _again_and_again(language, reason)

    def _start(self, count: int) -> None:
        """Start actors until there are `count`, some of which wait for room in the cluster."""
        import ray

        gpus = 1 if self._device == "cuda" else 0
        actor_class: Any = ray.remote(num_cpus=1, num_gpus=gpus)(_ShardActor)
        while len(self._free) + len(self._waited) < count:
            actor = actor_class.remote()
            self._waited[actor.ready.remote()] = _Waited(actor, None)

    def _request(self, folder: Path, language: str, number: int) -> ShardRequest:
        return ShardRequest(
            run=str(self._run),
            dataset=str(self._dataset),
            language=language,
            folder=str(folder.resolve()),
            number=number,
            device=self._device,
        )


class _ShardActor:
    """Encodes shards in a process of Ray."""

    def __init__(self) -> None:
        self._server = ShardServer()

    def ready(self) -> None:
        """Return once it has started."""

    def encode(self, request: ShardRequest) -> tuple[str, str] | None:
        """Encode a shard.

        Returns:
            None, or what went wrong and what to do.
        """
        from hybench.wording.error_messages import what_and_do

        try:
            self._server.encode(request, lambda _: None)
        except Exception as error:  # noqa: BLE001 - whatever it is, the driver tells it
            return what_and_do(error)
        return None


def _reason_of_loss(task: Any) -> str:
    """Why Ray has lost the process of a task; empty if it has ended its work.

    Raises:
        HybenchError: the work itself failed.
    """
    import ray

    try:
        failed = ray.get(task)
    except ray.exceptions.RayError as error:
        return str(error).strip().splitlines()[0]
    if failed is not None:
        raise HybenchError(*failed)
    return ""


def _again_and_again(language: str, reason: str) -> HybenchError:
    return HybenchError(
        f"Ray lost {counted(1 + RETRIES, 'processes')} that encoded passages of {language}: "
        f"{reason}",
        "See Ray's logs; where memory was short, use fewer --processes. Finished files are kept: "
        "the same command goes on.",
    )
