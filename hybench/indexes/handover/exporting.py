"""Writes a run's vectors with their ids for other engines.

``parquet`` and ``npy`` are laid out as `hybench.indexes.handover.folder` reads them. ``faiss`` and
``lance`` are written by their own libraries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.errors import UsageError
from hybench.files.atomic import replacing_folder
from hybench.files.checksums import folder_digests
from hybench.files.documents import write_json
from hybench.files.tables import TableWriter
from hybench.indexes.encoding import TextEncoder, encode_checked
from hybench.indexes.exact.keys import Floats, Vectors
from hybench.indexes.exact.sharded import release
from hybench.indexes.handover.folder import FOLDERS, IDS_END, ROWS, Kind, write_ids
from hybench.indexes.handover.stored import StoredVectors
from hybench.indexes.reader import model_sha256, open_index
from hybench.runs.run import Run

EXPORT = "export.json"
"""The manifest of an export, written last."""


@dataclass(frozen=True)
class Export:
    """Vectors to write for other engines.

    Attributes:
        form: see `FORMS`.
        folder: to make, or an export to replace.
    """

    form: str
    folder: Path

    def __post_init__(self) -> None:
        """Check the format, and that its library is installed."""
        if self.form not in FORMS:
            raise UsageError(f"--export is {self.form!r}.", f"Choose one of: {' '.join(FORMS)}.")
        module, package = _NEEDED.get(self.form, ("", ""))
        if module:
            try:
                __import__(module)
            except ImportError as error:
                raise UsageError(
                    f"--export {self.form} needs {package}, which is not installed.",
                    f"Install it: pip install 'hybench[{self.form}]'.",
                ) from error


@dataclass(frozen=True)
class _Part:
    """The vectors of one kind and language.

    Attributes:
        ids: their ids.
        vectors: float32 [n, d], memory-mapped or not.
    """

    ids: pl.Series
    vectors: Vectors

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return int(self.vectors.shape[1])

    def blocks(self) -> Iterator[tuple[pl.Series, Floats]]:
        """Ids and vectors, some at a time."""
        for start in range(0, len(self.ids), ROWS):
            yield self.ids[start : start + ROWS], self.vectors[start : start + ROWS]
            release(self.vectors)


def _write_parquet(path: Path, part: _Part) -> None:
    schema = {"id": pl.String(), "vector": pl.Array(pl.Float32, part.dimension)}
    writer = TableWriter(path.with_suffix(".parquet"), schema)
    try:
        for ids, vectors in part.blocks():
            writer.write(pl.DataFrame({"id": ids, "vector": np.asarray(vectors)}, schema))
    finally:
        writer.close()


def _write_npy(path: Path, part: _Part) -> None:
    shape = (len(part.ids), part.dimension)
    file = path.with_suffix(".npy")
    array = np.lib.format.open_memmap(file, "w+", np.float32, shape)
    first = 0
    for ids, vectors in part.blocks():
        array[first : first + len(ids)] = vectors
        first += len(ids)
        array.flush()
        release(array)
    write_ids(path.with_name(path.name + IDS_END), part.ids.to_list())


def _write_faiss(path: Path, part: _Part) -> None:
    import faiss

    index = faiss.IndexFlatIP(part.dimension)
    for _, vectors in part.blocks():
        index.add(np.ascontiguousarray(vectors))
    faiss.write_index(index, str(path.with_suffix(".faiss")))
    write_ids(path.with_name(path.name + IDS_END), part.ids.to_list())


def _write_lance(path: Path, part: _Part) -> None:
    import lance
    import pyarrow as pa

    kind = pa.list_(pa.float32(), part.dimension)
    schema = pa.schema([("id", pa.string()), ("vector", kind)])

    def batches() -> Iterator[Any]:
        for ids, vectors in part.blocks():
            flat = pa.array(np.ascontiguousarray(vectors).reshape(-1))
            columns = [
                pa.array(ids.to_list(), pa.string()),
                pa.FixedSizeListArray.from_arrays(flat, part.dimension),
            ]
            yield pa.record_batch(columns, schema=schema)

    reader = pa.RecordBatchReader.from_batches(schema, batches())
    lance.write_dataset(reader, str(path.with_suffix(".lance")))


FORMS: dict[str, Callable[[Path, _Part], None]] = {
    "parquet": _write_parquet,
    "npy": _write_npy,
    "faiss": _write_faiss,
    "lance": _write_lance,
}

_NEEDED = {"faiss": ("faiss", "faiss-cpu"), "lance": ("lance", "pylance")}


def export_vectors(
    run: Run,
    dataset: Dataset,
    encoder: TextEncoder,
    export: Export,
    languages: Sequence[str],
    progress: ProgressCallback = ignore,
) -> None:
    """Write the vectors of passages, and those of the queries of these languages.

    Args:
        run: with an up-to-date index of the set.
        dataset: the set.
        encoder: of its queries.
        export: what to write, and where.
        languages: codes of the passages' languages.
        progress: receives progress reports.

    Raises:
        StateError: there is no index of a language, or the folder cannot be written.
        DataError: an id cannot be written in this format.
    """
    digest = model_sha256(run)
    write = FORMS[export.form]
    counts: dict[str, dict[str, int]] = {}
    with replacing_folder(export.folder, EXPORT) as folder:

        def put(kind: Kind, language: str, part: _Part) -> None:
            name = FOLDERS[kind]
            progress(Progress(f"export {name} {language}", 0, len(part.ids), "vectors"))
            (folder / name).mkdir(exist_ok=True)
            write(folder / name / language, part)
            counts.setdefault(name, {})[language] = len(part.ids)

        for language in languages:
            index = open_index(run, dataset, language, digest)
            put("passage", language, _Part(index.ids, index.vectors))
        for language in dataset.table_languages("queries"):
            if language in languages:
                queries = _queries(dataset, encoder, language)
                if len(queries.ids):
                    put("query", language, queries)
        value = {
            "run": run.name,
            "dataset": dataset.name,
            "fingerprint": dataset.info.fingerprint,
            "model_sha256": digest,
            "format": export.form,
            "dimension": encoder.dimension,
            "counts": counts,
            "files": folder_digests(folder),
        }
        write_json(folder / EXPORT, value)


def _queries(dataset: Dataset, encoder: TextEncoder, language: str) -> _Part:
    """The vectors of a language's queries: those that are there, or the encoder's."""
    queries = dataset.queries(language)
    if isinstance(encoder, StoredVectors):
        queries = queries.filter(pl.col("text").is_in(encoder.texts(language).implode()))
    texts = queries["text"].to_list()
    return _Part(queries["query_id"], encode_checked(encoder, texts, "query", language))
