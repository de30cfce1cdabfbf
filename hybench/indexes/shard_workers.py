"""Several processes that encode the shards of an index, each on a device of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict

from hybench.data.dataset import Dataset
from hybench.indexes import shard_worker
from hybench.indexes.options import IndexOptions
from hybench.indexes.shard_worker import ShardRequest
from hybench.indexes.shards import ShardFolder
from hybench.runs.run import Run
from hybench.workers.engine import make_pool


class ShardWorkers:
    """Processes that encode shards until the block ends; they are started when there is work.

    Args:
        run: whose model encodes.
        dataset: the set.
        options: how many, and where.

    Raises:
        UsageError: there are fewer GPUs than processes, or Ray is not installed.
        StateError: there is no cluster at the address.
    """

    def __init__(self, run: Run, dataset: Dataset, options: IndexOptions) -> None:
        self._run, self._dataset = run.path.resolve(), dataset.path.resolve()
        self._pool = make_pool(
            shard_worker.__name__, options.device, options.processes,
            options.engine, options.address,
        )  # fmt: skip

    def __enter__(self) -> ShardWorkers:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.__exit__(*error)

    @property
    def least(self) -> int:
        """Shards from which on the processes are worth it."""
        return self._pool.least

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
        far: dict[int, int] = {}

        def tell_all(place: int, done: int) -> None:
            far[place] = done
            tell(sum(far.values()))

        run, dataset, folder = map(str, (self._run, self._dataset, shards.folder.resolve()))
        asked = [ShardRequest(run, dataset, language, folder, number) for number in numbers]
        self._pool.run([asdict(each) for each in asked], tell_all)
