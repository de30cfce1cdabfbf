"""Takes vectors that were made elsewhere as the index of a run, and its query vectors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.errors import DataError, StateError
from hybench.indexes.handover.checks import Checked, Placing, Similarity, placing
from hybench.indexes.handover.folder import FOLDERS, Kind, VectorFiles, find_vectors
from hybench.indexes.handover.origin import VectorsConfig
from hybench.indexes.handover.stored import queries_sha256, read_query_manifest
from hybench.indexes.handover.writing import Source, write_passages, write_queries
from hybench.indexes.manifest import read_manifest
from hybench.indexes.reader import passages_sha256
from hybench.indexes.shards import F32, SHARD_ROWS
from hybench.runs.run import Run
from hybench.values.checks import one_of
from hybench.values.languages import check_languages
from hybench.values.typed import check_types


@dataclass(frozen=True)
class HandOver:
    """Vectors that were made elsewhere.

    Attributes:
        folder: with them, see `hybench.indexes.handover.folder`.
        similarity: ``cosine`` sets lengths to 1, ``dot`` leaves them; None for vectors of length 1.
        made_by: what made them, for the record: engine, model, version.
    """

    folder: Path
    similarity: Similarity | None = None
    made_by: str = ""

    def __post_init__(self) -> None:
        """Check the values."""
        check_types(self)
        if self.similarity is not None:
            one_of("--similarity", self.similarity, ("cosine", "dot"))


@dataclass(frozen=True)
class Taken:
    """What was taken of one kind and language.

    Attributes:
        kind: passage or query.
        language: code.
        vectors: how many.
        extra: vectors of texts that the set does not have, which were left out.
        unchanged: whether the same ones were there.
    """

    kind: Kind
    language: str
    vectors: int
    extra: int
    unchanged: bool


def take_vectors(
    run: Run,
    dataset: Dataset,
    given: HandOver,
    languages: tuple[str, ...] | None = None,
    *,
    store: str | None = None,
    shard_rows: int = SHARD_ROWS,
    force: bool = False,
    progress: ProgressCallback = ignore,
) -> list[Taken]:
    """Make vectors a run's index of a set, without a graph, and keep those of queries.

    Args:
        run: to make, or one of kind vectors to add to; its caller holds it.
        dataset: the set.
        given: the vectors.
        languages: codes of those to take; None for all that are given.
        store: ``f32`` or ``f16``, what passages' vectors are on disk; None for ``f32``.
        shard_rows: vectors in a file.
        force: replace other vectors of the set; its results are removed.
        progress: receives progress reports.

    Raises:
        UsageError: there are no vectors, none of a language, or of lengths that nothing was said
            of.
        StateError: the run is another one, or has other vectors of the set.
        DataError: ids or vectors are not those of the set, or are damaged.
    """
    found = _chosen(find_vectors(given.folder), dataset, languages)
    dimensions = {files.dimension: files for files in found}
    if len(dimensions) > 1:
        said = ", ".join(
            f"{each} in {FOLDERS[files.kind]}/{files.language}"
            for each, files in dimensions.items()
        )
        raise DataError(f"Vectors have different dimensions: {said}.", "Make all with one model.")
    [dimension] = dimensions
    work = _Work(run, dataset, given, store or F32, shard_rows, force, progress)
    plans = [work.plan(files) for files in found]  # all is checked before anything is written
    VectorsConfig.of(given.made_by, given.similarity, dimension).write(run)
    return [work.take(*plan) for plan in plans]


def _chosen(
    found: list[VectorFiles], dataset: Dataset, languages: tuple[str, ...] | None
) -> list[VectorFiles]:
    for kind, folder in FOLDERS.items():
        own = [files.language for files in found if files.kind == kind]
        if own:
            check_languages(own, dataset.table_languages(folder), f"--vectors: {folder}")
    given = sorted({files.language for files in found if files.kind == "passage"})
    if languages is None:
        return found
    chosen = check_languages(languages, given, "--languages")
    return [files for files in found if files.kind == "query" or files.language in chosen]


@dataclass(frozen=True)
class _Work:
    """The arguments of `take_vectors`."""

    run: Run
    dataset: Dataset
    given: HandOver
    store: str
    shard_rows: int
    force: bool
    progress: ProgressCallback

    def plan(self, files: VectorFiles) -> tuple[VectorFiles, pl.Series, Placing]:
        """What is to be taken: the files, the ids in their order, and where vectors go."""
        table = self.dataset.scan(FOLDERS[files.kind], files.language)
        if files.kind == "passage":
            ids = table.select("passage_id").collect().to_series()
            return files, ids, placing(files, ids)
        queries = table.select("query_id", "split").collect()
        # Queries of a split that is not evaluated may be left out, all of them.
        there = queries.filter(pl.col("query_id").is_in(files.ids.implode()))["split"].unique()
        wanted = queries.filter(pl.col("split").is_in(there.implode()))["query_id"]
        if not len(wanted):
            raise DataError(
                f"No vector of queries ({files.language}) is of a query of {self.dataset.name}.",
                "Check that they are of this set.",
            )
        return files, wanted, placing(files, wanted)

    def take(self, files: VectorFiles, ids: pl.Series, placed: Placing) -> Taken:
        digests = files.digests()
        before = self._before(files)
        if before == digests and not self.force:
            return Taken(files.kind, files.language, placed.rows, placed.extra, unchanged=True)
        if before is not None and not self.force:
            raise StateError(
                f"Run {self.run.name} has other vectors of {FOLDERS[files.kind]} "
                f"({files.language}) of {self.dataset.name}.",
                "Replace them, and what was computed from them, with --force; or give these "
                "another name.",
            )
        if before is not None:
            self._forget_results()
        checked = Checked(files, self.given.similarity)
        tell = partial(self._tell, files, placed.rows)
        source = Source(self.given.folder, checked, placed, ids, digests, tell)
        if files.kind == "passage":
            write_passages(self.run, self.dataset, source, self.store, self.shard_rows)
        else:
            write_queries(self.run, self.dataset, source)
        return Taken(files.kind, files.language, placed.rows, placed.extra, unchanged=False)

    def _tell(self, files: VectorFiles, rows: int, done: int) -> None:
        task = f"take {FOLDERS[files.kind]} {files.language}"
        self.progress(Progress(task, done, rows, "vectors"))

    def _before(self, files: VectorFiles) -> dict[str, str] | None:
        """The digests of the files whose vectors are there, None if none are of these texts."""
        if files.kind == "query":
            kept = read_query_manifest(self.run, self.dataset, files.language)
            now = queries_sha256(self.dataset, files.language)
            return kept.origin["files"] if kept and kept.queries_sha256 == now else None
        manifest = read_manifest(self.run.index(self.dataset.name, files.language))
        now = passages_sha256(self.dataset, files.language)
        if manifest is None or manifest.dropped or manifest.passages_sha256 != now:
            return None
        if manifest.origin is None:
            return None
        before: dict[str, str] = manifest.origin["files"]
        return before

    def _forget_results(self) -> None:
        """Remove what was computed from the vectors that are replaced."""
        name = self.dataset.name
        for folder in ("results", "rankings"):
            for file in (self.run.path / folder).glob("[!.]*"):
                key = file.name.removesuffix(file.suffix).removesuffix(".relevant")
                if key == name or key.startswith(f"{name}@"):
                    file.unlink()
