"""Read an index: its vectors and graph, and its check against the run's model and the passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from hybench.data.dataset import Dataset
from hybench.errors import StateError
from hybench.files.atomic import MANIFEST
from hybench.files.checksums import damaged_files, folder_digests, sha256_once
from hybench.files.documents import read_json, sha256_json
from hybench.files.tables import read_table
from hybench.indexes.approximate.graph import GraphOptions
from hybench.indexes.approximate.parts import GraphParts
from hybench.indexes.exact.keys import Floats, Orders, Vectors
from hybench.indexes.exact.results import Hits
from hybench.indexes.exact.search import Part, Pool
from hybench.indexes.exact.sharded import ShardedVectors, between
from hybench.indexes.manifest import IDS, IndexManifest, read_manifest
from hybench.indexes.shards import F32, open_shards
from hybench.runs.models import model_digest
from hybench.runs.run import MODEL, VECTORS, Run
from hybench.runs.status import how_to_finish
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, named


def passages_sha256(dataset: Dataset, language: str) -> str:
    """Digest of the passages of one language, from the set's manifest."""
    return dataset.info.files[f"passages/{language}.parquet"]


def model_sha256(run: Run) -> str:
    """Digest of the run's model, and of how it is used where its files do not say.

    Raises:
        UsageError: the run is of a model that is not there any more.
        StateError: the run has no model, or it was changed after its training or since the run was
            made of it.
    """
    if run.kind == MODEL:
        return model_digest(run)
    if run.kind == VECTORS:
        return sha256_json(run.read_config())
    again = command("train", "--resume", "--name", named(run.path, RUNS_DIR))
    if not run.model.is_dir():
        raise StateError(f"Run {run.name} has no model in {run.model}.", how_to_finish(run))
    digests = folder_digests(run.model, of=sha256_once)
    for file in damaged_files(run.model_files) if run.model_files.is_file() else ():
        do = f"Write it again: {again}; or delete {run.model_files} to keep it as it is."
        if file == run.config_file:
            do = "Undo the change; another config needs another run: hybench train --name NAME."
        raise StateError(f"{file} was changed after its training: its checksum differs.", do)
    return sha256_json([list(each) for each in digests.items()])


def recorded_model_sha256(run: Run) -> str:
    """`model_sha256`; of a model that was dropped since, as the run's records have it.

    Raises:
        HybenchError: as `model_sha256`, if there is neither a model nor a record of one.
    """
    dropped = read_json(run.model_files).get("dropped") if run.model_files.is_file() else None
    if run.model.is_dir() or not dropped:
        return model_sha256(run)
    under = f"{run.model.name}/"
    return sha256_json([[name.removeprefix(under), digest] for name, digest in dropped.items()])


def _index_command(run: Run, dataset: Dataset) -> str:
    of, data = named(run.path, RUNS_DIR), named(dataset.path, DATA_DIR)
    return command("index", of, "--data", data)


def check_whole(folder: Path, run: Run, dataset: Dataset) -> None:
    """Check that an index is undamaged.

    Raises:
        StateError: a file is missing or damaged.
    """
    for file in damaged_files(folder / MANIFEST):
        raise StateError(
            f"{file} is missing or damaged: its checksum differs.",
            f"Index again: {_index_command(run, dataset)} --force.",
        )


def current_manifest(
    run: Run, dataset: Dataset, language: str, model_digest: str, precision: str
) -> IndexManifest | None:
    """The manifest of a language's index, if model, passages and precision are the same.

    Raises:
        StateError: they are, but a file is missing or damaged.
    """
    folder = run.index(dataset.name, language)
    manifest = read_manifest(folder)
    if manifest is None or manifest.dropped:
        return None
    made = (manifest.model_sha256, manifest.passages_sha256, manifest.precision)
    if made == (model_digest, passages_sha256(dataset, language), precision):
        check_whole(folder, run, dataset)
        return manifest
    return None


@dataclass(frozen=True)
class LanguageIndex:
    """The vectors of one language, opened, with their graph if one was built."""

    folder: Path
    manifest: IndexManifest

    @property
    def language(self) -> str:
        """Code of the passages' language."""
        return self.manifest.language

    @cached_property
    def vectors(self) -> Vectors:
        """float32 [n, d], memory-mapped, read-only, rows in the order of the passages' file."""
        return self._opened(self.manifest.vector_files)

    def vectors_between(self, first: int, last: int) -> Vectors:
        """Some of the vectors, one after the other; no other files are opened."""
        names, before = self.manifest.files_between(first, last)
        return between(self._opened(names), first - before, last - before)

    def _opened(self, names: Sequence[str]) -> Vectors:
        shards = open_shards(self.folder, names)
        plain = len(shards) == 1 and self.manifest.store == F32
        return shards[0] if plain else ShardedVectors(shards)

    @cached_property
    def _id_table(self) -> pl.DataFrame:
        return read_table(self.folder / IDS)

    @property
    def ids(self) -> pl.Series:
        """Passage ids by row."""
        return self._id_table["passage_id"]

    @cached_property
    def order(self) -> Orders:
        """uint32 [n], the place of each row's id among them (`keys.id_order`)."""
        return self._id_table["order"].to_numpy()

    @property
    def part(self) -> Part:
        """The index as a part of a pool that is searched exactly."""
        return Part(self.language, self.vectors, self.order, self.folder)

    @cached_property
    def graph(self) -> GraphParts:
        """The graph, or the graphs that it was cut into.

        Raises:
            StateError: none was built.
        """
        if self.manifest.graph is None:
            raise StateError(
                f"{self.folder} has vectors but no graph.",
                "Build one: hybench index without --exact.",
            )
        options = GraphOptions(**self.manifest.graph)
        rows = self.manifest.graphs or (self.manifest.rows,)
        return GraphParts.load(
            self.folder, rows, self.manifest.dimension, options, self.manifest.scale
        )

    def search_exact(self, queries: Floats, k: int) -> Hits:
        """The k best passages per query, float32 [q, d]."""
        return Pool([self.part]).search(queries, k)[0]

    def search_approximate(self, queries: Floats, k: int) -> Hits:
        """The k best passages per query, float32 [q, d], that the graph finds.

        Scores are exact; the choice of passages is approximate.

        Raises:
            StateError: no graph was built.
        """
        keys = self.graph.search(queries, k, self.vectors, self.order)
        return Pool([self.part]).decode(keys)


def open_index(
    run: Run, dataset: Dataset, language: str, model_digest: str | None = None
) -> LanguageIndex:
    """Open the index of one language of a set.

    Args:
        run: the run whose model made it.
        dataset: the set.
        language: code of the passages' language.
        model_digest: `model_sha256` of the run, if known; hashing takes a while.

    Raises:
        StateError: there is no index, it was made by another model or from other passages, or it is
            damaged.
    """
    folder = run.index(dataset.name, language)
    again = f"Index it: {_index_command(run, dataset)}."
    manifest = read_manifest(folder)
    if manifest is None:
        raise StateError(f"Run {run.name} has no index of {dataset.name} ({language}).", again)
    if manifest.dropped:
        raise StateError(f"The vectors in {folder} were deleted: its study keeps none.", again)
    if manifest.model_sha256 != (model_digest or model_sha256(run)):
        raise StateError(f"{folder} was made by another model than the run's current one.", again)
    if manifest.passages_sha256 != passages_sha256(dataset, language):
        raise StateError(
            f"{folder} was made from other passages than those of {dataset.name}.", again
        )
    check_whole(folder, run, dataset)
    return LanguageIndex(folder, manifest)
