"""Vectors that were made elsewhere in the place of an encoder, and the file of those of queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from hybench.data.dataset import Dataset
from hybench.encoders.devices import resolve_device
from hybench.encoders.precision import FP32
from hybench.errors import HybenchError, StateError, UsageError
from hybench.files.atomic import MANIFEST
from hybench.files.checksums import damaged_files
from hybench.files.documents import read_json
from hybench.files.tables import read_table
from hybench.indexes.exact.keys import Floats
from hybench.indexes.handover.origin import VectorsConfig
from hybench.runs.run import Run
from hybench.values.typed import from_json
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, named

QUERY_IDS = "ids.parquet"
QUERY_VECTORS = "vectors.npy"


@dataclass(frozen=True)
class QueryManifest:
    """The content of ``manifest.json`` beside the vectors of a language's queries.

    Attributes:
        dataset: name of the data set.
        language: code of the queries' language.
        queries_sha256: digest of the queries' file.
        rows: number of vectors.
        files: SHA-256 of the other files in the folder by their name.
        origin: `hybench.indexes.handover.origin.Origin` as JSON.
    """

    dataset: str
    language: str
    queries_sha256: str
    rows: int
    files: dict[str, str]
    origin: dict[str, Any]


def queries_sha256(dataset: Dataset, language: str) -> str:
    """Digest of the queries of one language, from the set's manifest."""
    return dataset.info.files[f"queries/{language}.parquet"]


def read_query_manifest(run: Run, dataset: Dataset, language: str) -> QueryManifest | None:
    """The manifest of a language's query vectors; None if there are none.

    Raises:
        DataError: it is damaged.
    """
    file = run.query_vectors(dataset.name, language) / MANIFEST
    if not file.is_file():
        return None
    return from_json(QueryManifest, read_json(file), file, "Hand the vectors over again.")


@dataclass(frozen=True)
class StoredVectors:
    """What a run of vectors gives where a model's would be made: those that are there.

    Attributes:
        run: of kind vectors.
        dataset: the set.
        dimension: components of a vector.
        device: that searches multiply on.
    """

    run: Run
    dataset: Dataset
    dimension: int
    device: str = "cpu"
    precision: str = FP32
    languages: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: Run, dataset: Dataset, device: str, precision: str = FP32) -> StoredVectors:
        """The vectors of a run.

        Args:
            run: of kind vectors.
            dataset: the set.
            device: auto, cpu, mps, cuda or cuda:N.
            precision: that was asked for.

        Raises:
            UsageError: there is no such device, or a precision was asked for.
        """
        if precision != FP32:
            raise UsageError(
                f"--precision {precision}: run {run.name} has vectors, and computes none.",
                "Omit it.",
            )
        return cls(run, dataset, VectorsConfig.read(run).dimension, resolve_device(device))

    def encode(
        self,
        texts: Sequence[str],
        kind: Literal["query", "passage"],
        progress: Callable[[int], None] | None = None,
        language: str | None = None,
    ) -> Floats:
        """The vectors of texts of the set's queries, float32 [n, dimension].

        Raises:
            StateError: there is none of a text.
        """
        if kind == "passage" or language is None:
            raise self._missing(kind, language)
        queries = self.dataset.queries(language)
        known = self._known(language).join(queries, on="query_id")
        places = dict(zip(known["text"], known["row"], strict=True))
        if not set(texts) <= set(places):
            raise self._missing(kind, language)
        rows = np.array([places[text] for text in texts], np.int64)
        if progress is not None:
            progress(len(texts))
        vectors: Floats = self._vectors(language)[rows]
        return vectors

    def queries(self, language: str, split: str) -> Floats:
        """The vectors of a split's queries, float32 [q, dimension], in their order.

        Raises:
            StateError: there are none, or they are damaged.
        """
        asked = self.dataset.queries(language, split).select("query_id")
        rows = asked.join(self._known(language), on="query_id", how="left", maintain_order="left")
        if rows["row"].null_count():
            raise self._missing("query", language)
        vectors: Floats = self._vectors(language)[rows["row"].cast(pl.Int64).to_numpy()]
        return vectors

    def texts(self, language: str) -> pl.Series:
        """The texts of the queries that have a vector, in the set's order."""
        queries = self.dataset.queries(language)
        if read_query_manifest(self.run, self.dataset, language) is None:
            return queries["text"].clear()
        return queries.join(self._known(language), on="query_id", how="semi")["text"]

    def _known(self, language: str) -> pl.DataFrame:
        """query_id, row of the vectors that are there."""
        self._check(language)
        return read_table(self._folder(language) / QUERY_IDS).with_row_index("row")

    def _vectors(self, language: str) -> Floats:
        vectors: Floats = np.load(self._folder(language) / QUERY_VECTORS, allow_pickle=False)
        return vectors

    def _folder(self, language: str) -> Any:
        return self.run.query_vectors(self.dataset.name, language)

    def _check(self, language: str) -> None:
        manifest = read_query_manifest(self.run, self.dataset, language)
        if manifest is None:
            raise self._missing("query", language)
        if manifest.queries_sha256 != queries_sha256(self.dataset, language):
            raise StateError(
                f"Run {self.run.name} has vectors of other queries ({language}) than those of "
                f"{self.dataset.name}.",
                self._do,
            )
        for file in damaged_files(self._folder(language) / MANIFEST):
            raise StateError(f"{file} is missing or damaged: its checksum differs.", self._do)

    @property
    def _do(self) -> str:
        run, data = named(self.run.path, RUNS_DIR), named(self.dataset.path, DATA_DIR)
        again = command("index", run, "--data", data, "--vectors", "FOLDER", "--force")
        return f"Hand them over: {again}."

    def _missing(self, kind: str, language: str | None) -> HybenchError:
        plural = {"query": "queries", "passage": "passages"}[kind]
        where = f" ({language})" if language else ""
        return StateError(
            f"Run {self.run.name} has no vectors of all {plural} of {self.dataset.name}{where}, "
            "and no model to make them with.",
            self._do,
        )
