"""The worker that encodes shards (`hybench.workers.process`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybench.errors import StateError
from hybench.workers.process import Tell

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder


@dataclass(frozen=True)
class ShardRequest:
    """A shard to encode.

    Attributes:
        name: directory of the model that encodes, or its id on the hub.
        options: what is asked of it instead of its own ways.
        digest: of its files (`Checkpoint.digest`).
        dataset: folder of the set.
        language: code of the passages' language.
        folder: of the shards.
        key: what they belong to.
        number: of the shard, from 0.
        device: that encodes.
    """

    name: str
    options: dict[str, Any]
    digest: str
    dataset: str
    language: str
    folder: str
    key: dict[str, Any]
    number: int
    device: str


class ShardWorker:
    """Encodes shards; a model is loaded once while it is asked for."""

    def __init__(self) -> None:
        self._loaded: tuple[str, Encoder] | None = None

    def work(self, request: dict[str, Any], tell: Tell) -> None:
        """Encode the shard of a `ShardRequest`; see `hybench.workers.process.Worker`.

        Raises:
            StateError: the model's files are others than those that were asked for.
        """
        from hybench.data.dataset import Dataset
        from hybench.indexes.shard_encoding import ShardEncoding
        from hybench.indexes.shards import ShardFolder, ShardKey

        asked = ShardRequest(**request)
        shards = ShardFolder(Path(asked.folder), ShardKey(**asked.key))
        dataset = Dataset.open(Path(asked.dataset))
        encoder = self._encoder(asked)
        encoder.use_precision(shards.key.precision)
        ShardEncoding(shards, dataset, asked.language, encoder).encode(asked.number, tell)

    def _encoder(self, asked: ShardRequest) -> Encoder:
        model = f"{asked.name} {asked.digest} {sorted(asked.options.items())}"
        if self._loaded is None or self._loaded[0] != model:
            self._loaded = model, _loaded(asked)
        return self._loaded[1]


WORKER = ShardWorker


def _loaded(asked: ShardRequest) -> Encoder:
    from hybench.encoders.loading import load_encoder
    from hybench.encoders.options import EncoderOptions
    from hybench.encoders.sharing_worker import files_digest

    encoder = load_encoder(asked.name, asked.device, EncoderOptions(**asked.options))
    if files_digest(encoder) != asked.digest:
        raise StateError(f"{asked.name} has changed while it was used.", "Try again.")
    return encoder
