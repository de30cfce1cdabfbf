"""The worker that encodes shards (`hybench.workers.process`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybench.workers.process import Tell

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder


@dataclass(frozen=True)
class ShardRequest:
    """A shard to encode.

    Attributes:
        run: folder of the run whose model encodes.
        dataset: folder of the set.
        language: code of the passages' language.
        folder: of the shards.
        number: of the shard, from 0.
    """

    run: str
    dataset: str
    language: str
    folder: str
    number: int


class ShardWorker:
    """Encodes shards; the model is loaded once."""

    def __init__(self) -> None:
        self._encoder: Encoder | None = None

    def work(self, request: dict[str, Any], tell: Tell) -> None:
        """Encode the shard of a `ShardRequest`; see `hybench.workers.process.Worker`."""
        from hybench.data.dataset import Dataset
        from hybench.indexes.model import load_model_of
        from hybench.indexes.shard_encoding import ShardEncoding
        from hybench.indexes.shards import ShardFolder
        from hybench.runs.run import Run

        device = request.pop("device")
        asked = ShardRequest(**request)
        shards = ShardFolder.opened(Path(asked.folder))
        if self._encoder is None:
            self._encoder = load_model_of(Run(Path(asked.run)), device)
            self._encoder.use_precision(shards.key.precision)
        dataset = Dataset.open(Path(asked.dataset))
        work = ShardEncoding(shards, dataset, asked.language, self._encoder)
        work.encode(asked.number, tell)


WORKER = ShardWorker
