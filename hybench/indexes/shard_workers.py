"""Several processes that encode the shards of an index, each on a device of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import cached_property
from typing import Any

from hybench.data.dataset import Dataset
from hybench.data.manifest import MANIFEST
from hybench.encoders.checkpoint import locate
from hybench.indexes import shard_worker
from hybench.indexes.model import check_has_model, loading_of
from hybench.indexes.options import IndexOptions
from hybench.indexes.shards import ShardFolder
from hybench.runs.run import Run
from hybench.workers.requests import Reads, Writes


class ShardWorkers:
    """Processes that encode shards until the block ends; they are started when there is work.

    Args:
        run: whose model encodes.
        dataset: the set.
        options: how many, and where.

    Raises:
        HybenchError: see `IndexOptions.workers`.
    """

    def __init__(self, run: Run, dataset: Dataset, options: IndexOptions) -> None:
        self._run, self._dataset = run, dataset
        self._pool = options.workers(shard_worker.__name__)

    def __enter__(self) -> ShardWorkers:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.__exit__(*error)

    @property
    def least(self) -> int:
        """Shards from which on the processes are worth it."""
        return self._pool.least

    @cached_property
    def _model(self) -> dict[str, Any]:
        """How workers load the model (`ShardRequest`)."""
        check_has_model(self._run)
        loading = loading_of(self._run)
        checkpoint = locate(loading.name)
        return {**loading.asked(checkpoint), "digest": checkpoint.digest}

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

        passages = self._dataset.file("passages", language).relative_to(self._dataset.path)
        asked = {
            **self._model,
            "dataset": Reads(self._dataset.path, (MANIFEST, str(passages))),
            "language": language,
            "key": asdict(shards.key),
        }
        requests = [
            {**asked, "folder": Writes(shards.folder, shards.files(number)), "number": number}
            for number in numbers
        ]
        self._pool.run(requests, tell_all)
