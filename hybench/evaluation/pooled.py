"""A smaller set for frequent evaluations: the judged passages, and those that BM25 finds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.dataset import Dataset
from hybench.data.manifest import DatasetInfo
from hybench.data.schema import SPLITS
from hybench.data.writer import DatasetWriter
from hybench.errors import UsageError
from hybench.evaluation.bm25.baseline import Bm25Options, Bm25Retriever
from hybench.values.checks import within

TRAIN = SPLITS[0]


@dataclass(frozen=True)
class PooledCorpus:
    """A source: a prepared set with only the passages that its queries are likely to meet.

    A passage is kept if it is judged for a query, at whatever relevance, if it is among the `depth`
    best of BM25 for a query in its language, or if it is a translation of one of these. Queries of
    the train split are left out; training pairs stay. Scores on such a pool are higher than on the
    whole corpus: it serves to choose checkpoints and arms, the whole to report them. A retriever
    that finds what BM25 does not is not punished for wrong passages that are left out.

    Attributes:
        dataset: the whole set.
        depth: BM25's passages per query.
    """

    dataset: Dataset
    depth: int = 100

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            UsageError: `depth` is out of range, or the set has no queries to pool for.
        """
        within("--depth", self.depth, 1, 10**6)
        if not self._splits:
            raise UsageError(
                f"Data set {self.dataset.name} has no queries outside {TRAIN}.",
                "Pool a set that is evaluated.",
            )

    @property
    def _splits(self) -> tuple[str, ...]:
        return tuple(split for split in self.dataset.splits if split != TRAIN)

    def describe(self, progress: ProgressCallback) -> DatasetInfo:  # noqa: ARG002 - see `Source`
        """The whole set's description; its options say what was pooled, and how deep."""
        info = self.dataset.info
        pool = {
            "pool_of": info.name,
            "pool_fingerprint": info.fingerprint,
            "pool_depth": self.depth,
            "pool_by": Bm25Options().config,
        }
        name = f"{info.name}-pool"
        return replace(info, name=name, options={**info.options, **pool}, counts={}, files={})

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """Write the kept passages, and all else as it is."""
        dataset = self.dataset
        kept = self._with_translations(self._found(progress))
        for language in dataset.table_languages("passages"):
            wanted = pl.Series("passage_id", sorted(kept[language]), dtype=pl.String)
            passages = dataset.passages(language)
            writer.write("passages", language, passages.filter(pl.col("passage_id").is_in(wanted)))
        for language in dataset.table_languages("queries"):
            queries = dataset.queries(language).filter(pl.col("split") != TRAIN)
            writer.write("queries", language, queries)
            if language in dataset.table_languages("qrels"):
                writer.write("qrels", language, self._qrels(language, queries))
        for language in dataset.table_languages("pairs"):
            writer.write("pairs", language, dataset.pairs(language))

    def _qrels(self, language: str, queries: pl.DataFrame) -> pl.DataFrame:
        return self.dataset.qrels(language).join(queries, on="query_id", how="semi")

    def _found(self, progress: ProgressCallback) -> Mapping[str, set[str]]:
        """Ids of the passages that are judged or found, by language."""
        found: dict[str, set[str]] = defaultdict(set)
        for language in self.dataset.table_languages("qrels"):
            queries = self.dataset.queries(language).filter(pl.col("split") != TRAIN)
            judged = self._qrels(language, queries).select("passage_lang", "passage_id")
            for passage_language, passage_id in judged.iter_rows():
                found[passage_language].add(passage_id)
        for language in self.dataset.table_languages("passages"):
            found[language].update(self._found_by_words(language, progress))
        return found

    def _found_by_words(self, language: str, progress: ProgressCallback) -> Iterator[str]:
        asked = {split: self.dataset.queries(language, split).height for split in self._splits}
        if not any(asked.values()):
            return
        progress(Progress(f"pool {language}", 0, None, "passages"))
        pool = None
        for split, queries in asked.items():
            retriever = Bm25Retriever(self.dataset, split, Bm25Options(), progress)
            pool = retriever.pool((language,)) if pool is None else pool.asked_by(retriever)
            hits, _ = pool.search(language, np.arange(queries), self.depth, None)
            rows = np.unique(hits.rows[hits.rows >= 0])
            yield from pool.passages["passage_id"].gather(rows)

    def _with_translations(self, found: Mapping[str, set[str]]) -> Mapping[str, set[str]]:
        """The same passages, and their translations."""
        languages = self.dataset.table_languages("passages")
        named = {
            language: self.dataset.passages(language).select("passage_id", "source_id")
            for language in languages
        }
        sources: set[str] = set()
        for language, frame in named.items():
            own = pl.Series("passage_id", sorted(found[language]), dtype=pl.String)
            sources.update(frame.filter(pl.col("passage_id").is_in(own))["source_id"])
        wanted = pl.Series("source_id", sorted(sources), dtype=pl.String)
        return {
            language: set(frame.filter(pl.col("source_id").is_in(wanted))["passage_id"])
            for language, frame in named.items()
        }
