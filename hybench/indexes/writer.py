"""The index stage: encode passages to vectors on disk, and build a usearch graph if requested."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression
from hybench.encoders.languages import check_told
from hybench.files.atomic import MANIFEST, replacing_folder
from hybench.files.checksums import folder_digests
from hybench.files.documents import write_json
from hybench.files.tables import table_chunks, write_table
from hybench.indexes.approximate.graph import Graph, GraphOptions, overlap
from hybench.indexes.encoding import TextEncoder, encode_checked
from hybench.indexes.exact.keys import Floats, hit_keys, id_order
from hybench.indexes.exact.search import Pool
from hybench.indexes.reader import (
    GRAPH,
    IDS,
    VECTORS,
    IndexManifest,
    LanguageIndex,
    current_manifest,
    model_sha256,
    passages_sha256,
)
from hybench.runs.metering import Meter
from hybench.runs.run import Run
from hybench.values.checks import within
from hybench.values.languages import check_languages
from hybench.values.typed import check_types

CHUNK = 16_384
"""Passages read and encoded at a time."""

RECALL_K = 100


@dataclass(frozen=True)
class IndexOptions:
    """What to index, and how.

    Attributes:
        exact: write only vectors; build no graph.
        languages: codes of the passages' languages, None for all of the set's.
        graph: how the graph is built.
        sample: queries on which the graph's recall is measured.
        force: rebuild indexes that are up to date.
    """

    exact: bool = False
    languages: tuple[str, ...] | None = None
    graph: GraphOptions = GraphOptions()  # noqa: RUF009 - frozen
    sample: int = 1000
    force: bool = False

    def __post_init__(self) -> None:
        """Check the values."""
        check_types(self)
        within("--sample", self.sample, 1, 10**9)

    def chosen(self, dataset: Dataset) -> tuple[str, ...]:
        """Codes of the languages to index.

        Raises:
            UsageError: a language is not in the set.
        """
        known = dataset.table_languages("passages")
        if self.languages is None:
            return known
        return check_languages(self.languages, known, "--languages")

    def satisfied(self, manifest: IndexManifest) -> bool:
        """Whether an index with up-to-date vectors has the requested graph."""
        return self.exact or manifest.graph == asdict(self.graph)


@dataclass(frozen=True)
class IndexReport:
    """The result for one language.

    Attributes:
        manifest: the index's manifest.
        folder: the index's folder.
        encoded: passages encoded, 0 where vectors were up to date.
        unchanged: True where nothing was written.
        seconds: wall-clock seconds of the work.
    """

    manifest: IndexManifest
    folder: Path
    encoded: int
    unchanged: bool
    seconds: float


def build_index(
    run: Run,
    dataset: Dataset,
    encoder: TextEncoder,
    options: IndexOptions | None = None,
    progress: ProgressCallback = ignore,
) -> list[IndexReport]:
    """Index the passages of a set with a run's model; indexes that are up to date are kept.

    Args:
        run: the run; the digest of `run.model` is recorded, to detect vectors of another model.
        dataset: the set.
        encoder: the run's model, loaded.
        options: what to index and how; None for the defaults.
        progress: receives progress reports.

    Returns:
        One report per language, in the order of their codes.

    Raises:
        UsageError: a language is not in the set, or the model does not take its texts.
        StateError: the run has no model, or its folder cannot be written.
        DataError: the encoder returned vectors with NaN or infinity.
    """
    options = options or IndexOptions()
    languages = options.chosen(dataset)
    check_told(encoder.languages, languages)
    work = _Work(run, dataset, encoder, options, model_sha256(run), progress)
    return [work.index(language) for language in languages]


@dataclass(frozen=True)
class _Work:
    """The arguments of `build_index`, and the digest of the run's model."""

    run: Run
    dataset: Dataset
    encoder: TextEncoder
    options: IndexOptions
    digest: str
    progress: ProgressCallback

    def index(self, language: str) -> IndexReport:
        began = time.perf_counter()
        target = self.run.index(self.dataset.name, language)
        old = None
        if not self.options.force:
            old = current_manifest(
                self.run, self.dataset, language, self.digest, self.encoder.precision
            )
        if old and self.options.satisfied(old):
            return IndexReport(old, target, 0, True, time.perf_counter() - began)
        with replacing_folder(target, MANIFEST) as folder:
            if old:
                _reuse(target, folder)
                manifest = replace(old, graph=None)
            else:
                manifest = self._encode(folder, language)
            if not self.options.exact:
                manifest = self._add_graph(LanguageIndex(folder, manifest))
            manifest = replace(manifest, files=folder_digests(folder))
            write_json(folder / MANIFEST, manifest.to_json())
        encoded = 0 if old else manifest.rows
        return IndexReport(manifest, target, encoded, False, time.perf_counter() - began)

    def _encode(self, folder: Path, language: str) -> IndexManifest:
        """Write the vectors and ids of a language's passages."""
        meter = Meter(self.encoder)
        total = int(self.dataset.info.counts["passages"][language])
        ids: list[pl.Series] = []
        done = 0
        task = f"encode {language}"
        self.progress(Progress(task, 0, total, "passages"))
        # Written as a plain file: data written through a memory map stays in memory.
        with (folder / VECTORS).open("wb") as file:
            _write_header(file, (total, self.encoder.dimension))
            for chunk in _passage_chunks(self.dataset, language):
                tell = partial(self._tell, task, "passages", done, total)
                texts = chunk["text"].to_list()
                vectors = encode_checked(self.encoder, texts, "passage", language, tell)
                file.write(np.ascontiguousarray(vectors, np.float32).data)
                ids.append(chunk["passage_id"])
                done += len(texts)
                tell(len(texts))
        cost, column = meter.cost(), pl.concat(ids)
        write_table(folder / IDS, pl.DataFrame({"passage_id": column, "order": id_order(column)}))
        return IndexManifest(
            dataset=self.dataset.name,
            language=language,
            model_sha256=self.digest,
            passages_sha256=passages_sha256(self.dataset, language),
            rows=total,
            dimension=self.encoder.dimension,
            encode_seconds=cost.seconds,
            cost=cost,
            precision=self.encoder.precision,
        )

    def _tell(self, task: str, unit: str, before: int, total: int, more: int) -> None:
        self.progress(Progress(task, before + more, total, unit))

    def _add_graph(self, index: LanguageIndex) -> IndexManifest:
        """Build the graph, write it and measure its recall; return the new manifest."""
        began = time.perf_counter()
        manifest = index.manifest
        tell = partial(self._tell, f"index {index.language}", "vectors", 0, manifest.rows)
        graph = Graph.build(index.vectors, self.options.graph, tell)
        graph.save(index.folder / GRAPH)
        seconds = time.perf_counter() - began
        sample, origin = self._sample(index)
        self.progress(Progress(f"recall {index.language}", 0, len(sample), "queries"))
        exact, _ = Pool([index.part]).search(sample, RECALL_K)
        approximate = graph.search(sample, RECALL_K, index.vectors, index.order)
        return replace(
            manifest,
            graph=asdict(self.options.graph),
            graph_seconds=round(seconds, 3),
            scale=graph.scale,
            recall=overlap(approximate, hit_keys(exact.scores, index.order[exact.rows])),
            recall_k=RECALL_K,
            recall_sample=len(sample),
            recall_of=origin,
        )

    def _sample(self, index: LanguageIndex) -> tuple[Floats, str]:
        """Queries to measure recall with: the language's own, or passages if it has none."""
        generator = np.random.default_rng(0)
        queries = self.dataset.queries(index.language)["text"]
        size = self.options.sample
        if len(queries):
            chosen = np.sort(generator.permutation(len(queries))[:size])
            texts = queries.gather(chosen).to_list()
            return encode_checked(self.encoder, texts, "query", index.language), "queries"
        rows = np.sort(generator.permutation(index.manifest.rows)[:size])
        return np.asarray(index.vectors[rows]), "passages"


def _reuse(source: Path, folder: Path) -> None:
    """Put the vectors and ids of the old folder into the new one, by hard links if possible."""
    for name in (VECTORS, IDS):
        try:
            os.link(source / name, folder / name)
        except OSError:
            shutil.copyfile(source / name, folder / name)


def _write_header(file: BinaryIO, shape: tuple[int, int]) -> None:
    """Write the header of a .npy file of float32 rows."""
    header = {
        "descr": np.dtype(np.float32).str,
        "fortran_order": False,
        "shape": shape,
    }
    np.lib.format.write_array_header_1_0(file, header)


def _passage_chunks(dataset: Dataset, language: str) -> Iterator[pl.DataFrame]:
    file = dataset.readable_file("passages", language)
    for frame in table_chunks(file, ["passage_id", "title", "text"], CHUNK):
        yield frame.select("passage_id", passage_text_expression().alias("text"))
