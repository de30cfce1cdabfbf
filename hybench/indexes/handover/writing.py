"""Writes vectors that were made elsewhere: passages' as an index, queries' beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl

from hybench.data.dataset import Dataset
from hybench.encoders.precision import FP32
from hybench.files.atomic import MANIFEST, remove_folder, replacing_folder
from hybench.files.checksums import folder_digests
from hybench.files.documents import write_json
from hybench.files.tables import write_table
from hybench.indexes.exact.keys import id_order
from hybench.indexes.handover.checks import Checked, Placing
from hybench.indexes.handover.ordering import Ordered, in_order
from hybench.indexes.handover.origin import Origin
from hybench.indexes.handover.stored import (
    QUERY_IDS,
    QUERY_VECTORS,
    QueryManifest,
    queries_sha256,
)
from hybench.indexes.manifest import IDS, IndexManifest
from hybench.indexes.reader import model_sha256, passages_sha256
from hybench.indexes.shards import ShardFolder, ShardKey
from hybench.runs.cost import NOTHING
from hybench.runs.run import Run

_UNORDERED = "unordered.npy"


@dataclass(frozen=True)
class Source:
    """Vectors that are taken.

    Attributes:
        folder: that they are read from.
        checked: the vectors.
        placed: where they go.
        ids: in their order.
        digests: SHA-256 of their files by name.
        tell: called with the vectors that are read.
    """

    folder: Path
    checked: Checked
    placed: Placing
    ids: pl.Series
    digests: dict[str, str]
    tell: Callable[[int], None]

    @property
    def language(self) -> str:
        """Code of their language."""
        return self.checked.files.language

    def ordered(self, room: Path) -> Ordered:
        """The vectors in the order of the ids; a folder for those that come in another."""
        return in_order(self.checked, self.placed, room / _UNORDERED, self.tell)

    def origin(self) -> Origin:
        """Where they are from, once they were read."""
        return Origin(
            folder=str(self.folder.absolute()),
            files=self.digests,
            dtype=self.checked.files.dtype,
            extra=self.placed.extra,
            reordered=not self.placed.in_order,
            least=self.checked.least,
            largest=self.checked.largest,
        )


def write_passages(run: Run, dataset: Dataset, source: Source, store: str, shard_rows: int) -> None:
    """Write the index of a language, without a graph.

    Args:
        run: of kind vectors.
        dataset: the set.
        source: the vectors.
        store: ``f32`` or ``f16``, what they are on disk.
        shard_rows: vectors in a file.

    Raises:
        UsageError, DataError: a vector cannot be used, see `Checked.vectors`.
    """
    key = ShardKey(
        model_sha256=model_sha256(run),
        passages_sha256=passages_sha256(dataset, source.language),
        precision=FP32,
        store=store,
        rows=source.placed.rows,
        dimension=source.checked.files.dimension,
        shard_rows=shard_rows,
    )
    with replacing_folder(run.index(dataset.name, source.language), MANIFEST) as folder:
        room = folder / ".shards"
        shards = ShardFolder(room, key)
        vectors = source.ordered(room)
        for number in range(len(shards.names)):
            shards.write(number, vectors.take(shards.size(number)), lambda: NOTHING)
        vectors.end()
        made = shards.whole()
        shards.put_into(folder)
        remove_folder(room)
        table = pl.DataFrame({"passage_id": source.ids, "order": id_order(source.ids)})
        write_table(folder / IDS, table)
        manifest = IndexManifest(
            dataset=dataset.name,
            language=source.language,
            model_sha256=key.model_sha256,
            passages_sha256=key.passages_sha256,
            rows=key.rows,
            dimension=key.dimension,
            encode_seconds=0.0,
            store=key.store,
            rounding=max(each.rounding for each in made),
            shards=() if len(made) == 1 else tuple(each.rows for each in made),
            files=folder_digests(folder, {each.path.name: each.digest for each in made}),
            origin=source.origin().to_json(),
        )
        write_json(folder / MANIFEST, manifest.to_json())


def write_queries(run: Run, dataset: Dataset, source: Source) -> None:
    """Keep the vectors of a language's queries.

    Raises:
        UsageError, DataError: a vector cannot be used, see `Checked.vectors`.
    """
    with replacing_folder(run.query_vectors(dataset.name, source.language), MANIFEST) as folder:
        vectors = source.ordered(folder)
        every = np.concatenate([*vectors.take(source.placed.rows)])
        vectors.end()
        (folder / _UNORDERED).unlink(missing_ok=True)
        np.save(folder / QUERY_VECTORS, every)
        write_table(folder / QUERY_IDS, pl.DataFrame({"query_id": source.ids}))
        manifest = QueryManifest(
            dataset=dataset.name,
            language=source.language,
            queries_sha256=queries_sha256(dataset, source.language),
            rows=source.placed.rows,
            files=folder_digests(folder),
            origin=source.origin().to_json(),
        )
        write_json(folder / MANIFEST, asdict(manifest))
