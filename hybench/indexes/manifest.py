"""The manifest of a language's index: what it was made from, and which files it has."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from hybench.encoders.precision import FP32
from hybench.files.atomic import MANIFEST
from hybench.files.documents import read_json
from hybench.indexes.shards import F32, ONE_SHARD, shard_name
from hybench.runs.cost import Cost
from hybench.values.typed import from_json

IDS = "ids.parquet"
FORMAT = 1


@dataclass(frozen=True)
class IndexManifest:
    """The content of ``manifest.json`` of one language's index; it is written last.

    Attributes:
        dataset: name of the data set.
        language: code of the passages' language.
        model_sha256: digest of the model folder that made the vectors.
        passages_sha256: digest of the passages' file.
        rows: number of vectors.
        dimension: components of a vector.
        encode_seconds: wall-clock seconds of encoding.
        cost: of encoding; None in indexes of older builds.
        precision: that the vectors were computed in.
        store: ``f32`` or ``f16``, what they are on disk.
        rounding: the largest length of what float16 took from a vector; no score differs by more.
        shards: vectors in each file, in the passages' order; empty if there is one file.
        graph: `GraphOptions` as JSON, or None for exact search only.
        graph_seconds: wall-clock seconds of building the graph, or None.
        scale: the graph's `i8_scale`, 1.0 for other precisions.
        graphs: vectors in each graph, where they were built one after the other in bounded memory;
            empty for a single graph.
        recall: recall@`recall_k` of the graph against exact search, or None.
        recall_k: hits compared.
        recall_sample: queries compared.
        recall_of: what the queries were: ``queries`` of the set, or ``passages`` if it has none.
        files: SHA-256 of the other files in the folder by their name.
        origin: where vectors are from that hybench did not make
            (`hybench.indexes.handover.origin.Origin`); None for its own.
        dropped: whether the vectors were deleted since, of which only this is left.
        format: version of this layout.
    """

    dataset: str
    language: str
    model_sha256: str
    passages_sha256: str
    rows: int
    dimension: int
    encode_seconds: float
    cost: Cost | None = None
    precision: str = FP32
    store: str = F32
    rounding: float = 0.0
    shards: tuple[int, ...] = ()
    graph: dict[str, Any] | None = None
    graph_seconds: float | None = None
    scale: float = 1.0
    graphs: tuple[int, ...] = ()
    recall: float | None = None
    recall_k: int = 0
    recall_sample: int = 0
    recall_of: str = ""
    files: dict[str, str] = field(default_factory=dict)
    origin: dict[str, Any] | None = None
    dropped: bool = False
    format: int = FORMAT

    @property
    def vector_files(self) -> tuple[str, ...]:
        """Names of the files with vectors, in the passages' order."""
        return tuple(map(shard_name, range(len(self.shards)))) or (ONE_SHARD,)

    def files_between(self, first: int, last: int) -> tuple[tuple[str, ...], int]:
        """Names of the files with some vectors, one after the other, and the first row of these."""
        ends = list(accumulate(self.shards or (self.rows,)))
        one = bisect_right(ends, first)
        other = max(one, bisect_left(ends, last))
        return self.vector_files[one : other + 1], ends[one - 1] if one else 0

    def to_json(self) -> dict[str, Any]:
        """The manifest as plain JSON values."""
        return asdict(self)


def read_manifest(folder: Path) -> IndexManifest | None:
    """The manifest in `folder`; None if there is no index, or one of another layout."""
    file = folder / MANIFEST
    if not file.is_file():
        return None
    value = read_json(file)
    if value.get("format") != FORMAT:
        return None
    return from_json(IndexManifest, value, file, "Index again with --force.")
