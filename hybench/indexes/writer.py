"""The index stage: encode passages to vectors on disk, and build a usearch graph if requested."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.encoders.languages import check_told
from hybench.files.atomic import MANIFEST, remove_folder, replacing_folder
from hybench.files.checksums import folder_digests
from hybench.files.documents import write_json
from hybench.files.tables import table_columns, write_table
from hybench.indexes.approximate.graph import overlap
from hybench.indexes.approximate.parts import GraphParts
from hybench.indexes.encoding import TextEncoder, encode_checked
from hybench.indexes.exact.keys import Floats, hit_keys, id_order
from hybench.indexes.exact.search import Pool
from hybench.indexes.handover.stored import StoredVectors
from hybench.indexes.manifest import IDS, IndexManifest
from hybench.indexes.options import IndexOptions
from hybench.indexes.reader import LanguageIndex, current_manifest, model_sha256, passages_sha256
from hybench.indexes.shard_encoding import ShardEncoding
from hybench.indexes.shard_workers import ShardWorkers
from hybench.indexes.shards import (
    F32,
    ShardFolder,
    ShardKey,
    link_or_copy,
    total_cost,
)
from hybench.runs.run import Run

RECALL_K = 100


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
    if options.alone:
        return [work.index(language) for language in languages]
    with ShardWorkers(run, dataset, options) as workers:
        work = replace(work, workers=workers)
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
    workers: ShardWorkers | None = None

    def index(self, language: str) -> IndexReport:
        began = time.perf_counter()
        target = self.run.index(self.dataset.name, language)
        old = None
        if not self.options.force:
            old = current_manifest(
                self.run, self.dataset, language, self.digest, self.encoder.precision
            )
        if old and self.options.store not in {None, old.store}:
            old = None
        if old and self.options.satisfied(old):
            return IndexReport(old, target, 0, True, time.perf_counter() - began)
        encoded = 0
        with replacing_folder(target, MANIFEST) as folder:
            if old:
                _reuse(target, folder, old)
                manifest = replace(old, graph=None, graphs=())
            else:
                manifest, encoded = self._encode(folder, language)
            if not self.options.exact:
                manifest = self._add_graph(LanguageIndex(folder, manifest))
            unchanged = {*manifest.vector_files, IDS}
            known = {name: one for name, one in manifest.files.items() if name in unchanged}
            manifest = replace(manifest, files=folder_digests(folder, known))
            write_json(folder / MANIFEST, manifest.to_json())
        beside = _shards_beside(target)
        if beside.is_dir():
            remove_folder(beside)
        return IndexReport(manifest, target, encoded, False, time.perf_counter() - began)

    def _encode(self, folder: Path, language: str) -> tuple[IndexManifest, int]:
        """Put the vectors and ids of a language's passages into `folder`.

        Shards that an earlier process left are taken.

        Returns:
            The manifest, and the number of passages that were encoded now.
        """
        key = self._key(language)
        # Not in `folder`, which a kill takes with it.
        shards = ShardFolder(_shards_beside(self.run.index(self.dataset.name, language)), key)
        missing = shards.missing()
        with shards.leaving_nothing_empty():
            self._encode_shards(shards, language, missing)
        made = shards.whole()
        shards.put_into(folder)
        ids = table_columns(self.dataset.readable_file("passages", language), ["passage_id"])
        column = ids["passage_id"]
        write_table(folder / IDS, pl.DataFrame({"passage_id": column, "order": id_order(column)}))
        cost = total_cost(made)
        manifest = IndexManifest(
            dataset=self.dataset.name,
            language=language,
            model_sha256=key.model_sha256,
            passages_sha256=key.passages_sha256,
            rows=key.rows,
            dimension=key.dimension,
            encode_seconds=cost.seconds,
            cost=cost,
            precision=key.precision,
            store=key.store,
            rounding=max(each.rounding for each in made),
            shards=() if len(made) == 1 else tuple(each.rows for each in made),
            files={each.path.name: each.digest for each in made},
        )
        return manifest, sum(made[number].rows for number in missing)

    def _encode_shards(self, shards: ShardFolder, language: str, missing: Sequence[int]) -> None:
        """Encode the shards that are missing, here or in the workers."""
        before = shards.key.rows - sum(map(shards.size, missing))
        tell = partial(self._tell, f"encode {language}", "passages", before, shards.key.rows)
        tell(0)
        if self.workers is not None and len(missing) >= self.workers.least:
            self.workers.encode(shards, language, missing, tell)
            return
        work, done = ShardEncoding(shards, self.dataset, language, self.encoder), 0

        def tell_more(more: int) -> None:
            tell(done + more)

        for number in missing:
            done += work.encode(number, tell_more).rows

    def _key(self, language: str) -> ShardKey:
        return ShardKey(
            model_sha256=self.digest,
            passages_sha256=passages_sha256(self.dataset, language),
            precision=self.encoder.precision,
            store=self.options.store or F32,
            rows=int(self.dataset.info.counts["passages"][language]),
            dimension=self.encoder.dimension,
            shard_rows=self.options.shard_rows,
        )

    def _tell(self, task: str, unit: str, before: int, total: int, more: int) -> None:
        self.progress(Progress(task, before + more, total, unit))

    def _add_graph(self, index: LanguageIndex) -> IndexManifest:
        """Build the graph, write it and measure its recall; return the new manifest."""
        began = time.perf_counter()
        manifest = index.manifest
        tell = partial(self._tell, f"index {index.language}", "vectors", 0, manifest.rows)
        options = self.options
        graph = GraphParts.build(index.vectors, options.graph, index.folder, options.memory, tell)
        seconds = time.perf_counter() - began
        sample, origin = self._sample(index)
        self.progress(Progress(f"recall {index.language}", 0, len(sample), "queries"))
        exact, _ = Pool([index.part], memory=options.memory).search(sample, RECALL_K)
        approximate = graph.search(sample, RECALL_K, index.vectors, index.order)
        return replace(
            manifest,
            graph=asdict(options.graph),
            graph_seconds=round(seconds, 3),
            scale=graph.scale,
            graphs=graph.rows if len(graph.rows) > 1 else (),
            recall=overlap(approximate, hit_keys(exact.scores, index.order[exact.rows])),
            recall_k=RECALL_K,
            recall_sample=len(sample),
            recall_of=origin,
        )

    def _sample(self, index: LanguageIndex) -> tuple[Floats, str]:
        """Queries to measure recall with: the language's own, or passages if it has none."""
        generator = np.random.default_rng(0)
        queries = (
            self.encoder.texts(index.language)
            if isinstance(self.encoder, StoredVectors)
            else self.dataset.queries(index.language)["text"]
        )
        size = self.options.sample
        if len(queries):
            chosen = np.sort(generator.permutation(len(queries))[:size])
            texts = queries.gather(chosen).to_list()
            return encode_checked(self.encoder, texts, "query", index.language), "queries"
        rows = np.sort(generator.permutation(index.manifest.rows)[:size])
        return np.asarray(index.vectors[rows]), "passages"


def _shards_beside(target: Path) -> Path:
    """Where the shards of an index lie until all are there."""
    return target.with_name(f".{target.name}.shards")


def _reuse(source: Path, folder: Path, manifest: IndexManifest) -> None:
    """Put the vectors and ids of the old folder into the new one."""
    for name in (*manifest.vector_files, IDS):
        link_or_copy(source / name, folder / name)
