"""Encode one shard of a language's passages, in this process or in a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression
from hybench.files.tables import table_columns
from hybench.indexes.encoding import TextEncoder, encode_in_parts
from hybench.indexes.exact.keys import Floats
from hybench.indexes.shards import Shard, ShardFolder
from hybench.runs.metering import Meter

CHUNK = 16_384
"""Passages encoded at a time; what stands in a chunk decides the bytes of its vectors."""


@dataclass(frozen=True)
class ShardEncoding:
    """Encodes the shards of a language.

    Attributes:
        shards: where they are written.
        dataset: the set.
        language: code of the passages' language.
        encoder: the model.
    """

    shards: ShardFolder
    dataset: Dataset
    language: str
    encoder: TextEncoder

    def encode(self, number: int, tell: Callable[[int], None]) -> Shard:
        """Encode and write a shard.

        Args:
            number: from 0.
            tell: called with the number of its passages that are encoded.

        Raises:
            DataError: the encoder returned vectors with NaN or infinity.
        """
        meter = Meter(self.encoder)
        first = number * self.shards.key.shard_rows
        file = self.dataset.readable_file("passages", self.language)
        passages = table_columns(file, ["title", "text"], first, self.shards.size(number))
        texts = passages.select(passage_text_expression().alias("text"))["text"]
        return self.shards.write(number, self._vectors(texts.to_list(), tell), meter.cost)

    def _vectors(self, texts: list[str], tell: Callable[[int], None]) -> Iterator[Floats]:
        yield from encode_in_parts(self.encoder, texts, CHUNK, self.language, tell)
        tell(len(texts))
