"""Counts the evaluated texts that a model was trained on, equal and nearly equal ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.data.folding import folded
from hybench.data.schema import passage_text_expression
from hybench.data.weighted import open_training_sets
from hybench.errors import HybenchError
from hybench.evaluation.near_duplicates import NearDuplicates
from hybench.evaluation.plan import Plan
from hybench.files.tables import table_chunks
from hybench.runs.derived import parents_of
from hybench.runs.events import training_fingerprints
from hybench.runs.run import DERIVED, MODEL, TRAIN, Run

CHUNK = 8192
"""Rows of a training set, or of a corpus, in memory at a time."""


Counts = Callable[[str], dict[str, int]]


@dataclass(frozen=True)
class Overlap:
    """Evaluated texts that a model was trained on; languages with none are omitted.

    Two texts are the same if `folded` makes them so, and nearly the same if they are alike by
    `hybench.evaluation.near_duplicates`.

    Attributes:
        queries: queries with the text of a training query, by language.
        near_queries: further queries that are nearly the same as one.
        relevant: queries of which a relevant passage was a training passage, by their language.
        near_relevant: further queries of which one is nearly the same as a training passage.
        passages: passages of the corpus that were training passages, by their language.
    """

    queries: dict[str, int] = field(default_factory=dict)
    near_queries: dict[str, int] = field(default_factory=dict)
    relevant: dict[str, int] = field(default_factory=dict)
    near_relevant: dict[str, int] = field(default_factory=dict)
    passages: dict[str, int] = field(default_factory=dict)

    @property
    def languages(self) -> frozenset[str]:
        """Query languages with any query, or relevant passage, that was trained on."""
        each = (self.queries, self.near_queries, self.relevant, self.near_relevant)
        return frozenset(language for counts in each for language in counts)


def training_overlap(
    run: Run,
    dataset: Dataset,
    plan: Plan,
    data_root: Path,
    progress: ProgressCallback = ignore,
) -> Overlap | None:
    """Compare the planned queries, their relevant passages and the corpus with the training pairs.

    Texts are compared with the training pairs of all languages; ids are not, since a set may number
    the same questions otherwise. Translations of a training text are other texts. Memory grows with
    the planned queries and their relevant passages, and by eight bytes with each distinct training
    passage.

    Args:
        run: the run.
        dataset: the evaluated set.
        plan: the evaluated queries.
        data_root: folder of the prepared sets, where the training sets are found by name.
        progress: called with the training pairs compared.

    Returns:
        None if the training data are unknown: the run is not hybench's, or its data are missing,
        damaged or changed. Of a model that is evaluated as it is, hybench's training is none.
    """
    try:
        trained = _Trained.of(run, data_root)
        if trained is None:
            return None
        if not trained.parts:
            return Overlap()
        queries, passages = _Known(_queries(dataset, plan)), _Known(_relevant(dataset, plan))
        hashes = [np.empty(0, np.uint64)]
        done = 0
        for pairs in trained.pairs():
            queries.look(pairs["query"])
            hashes.append(np.unique(passages.look(pairs["passage"]).hash().to_numpy()))
            done += len(pairs)
            progress(Progress("compare with training texts", done, trained.rows, "pairs"))
        corpus = _corpus_counts(dataset, plan, np.unique(np.concatenate(hashes)))
    except HybenchError:
        return None
    by_query = passages.of_queries(plan)
    return Overlap(
        queries.counts("same"),
        queries.counts("near"),
        by_query("same"),
        by_query("near"),
        corpus,
    )


def _queries(dataset: Dataset, plan: Plan) -> pl.DataFrame:
    """language, id, text (folded) of the queries that count."""
    return pl.concat(
        dataset.queries(str(language))
        .join(queries, on="query_id", how="semi")
        .select(
            language=pl.lit(language, dtype=pl.String),
            id=pl.col("query_id"),
            text=folded(pl.col("text")),
        )
        for (language,), queries in plan.counted.group_by("query_lang", maintain_order=True)
    )


def _relevant(dataset: Dataset, plan: Plan) -> pl.DataFrame:
    """language, id, text (folded) of their relevant passages, each once."""
    relevant = plan.judged.filter(pl.col("relevance") > 0).select("passage_lang", "passage_id")
    frames = [
        dataset.scan("passages", str(language))
        .join(ids.lazy().unique(), on="passage_id", how="semi")
        .select(
            language=pl.lit(language, dtype=pl.String),
            id=pl.col("passage_id"),
            text=folded(passage_text_expression()),
        )
        .collect(engine="streaming")
        for (language,), ids in relevant.group_by("passage_lang", maintain_order=True)
    ]
    schema = {"language": pl.String, "id": pl.String, "text": pl.String}
    return pl.concat([pl.DataFrame(schema=schema), *frames])


class _Known:
    """Evaluated texts, and which of them are the same or nearly the same as training texts."""

    def __init__(self, texts: pl.DataFrame) -> None:
        self._texts = texts
        self._distinct = texts["text"].unique(maintain_order=True)
        self._near = NearDuplicates.of(self._distinct.to_list())
        self._same = np.zeros(len(self._distinct), dtype=np.bool_)

    def look(self, texts: pl.Series) -> pl.Series:
        """Compare training texts; they are returned as they were compared."""
        distinct = texts.to_frame("text").select(folded(pl.col("text"))).to_series().unique()
        self._same |= self._distinct.is_in(distinct.implode()).to_numpy()
        self._near.look(distinct.to_list())
        return distinct

    @property
    def found(self) -> pl.DataFrame:
        """language, id, found: ``same`` or ``near``."""
        named = np.where(self._same, "same", "near")
        kept = self._same | self._near.found
        found = pl.DataFrame({"text": self._distinct, "found": named}).filter(pl.Series(kept))
        return self._texts.join(found, on="text").select("language", "id", "found")

    def counts(self, what: str) -> dict[str, int]:
        """Texts by language."""
        return _counted(self.found.filter(pl.col("found") == what), "language")

    def of_queries(self, plan: Plan) -> Counts:
        """Queries by language and the best finding of their passages, once these are found."""
        judged = plan.judged.filter(pl.col("relevance") > 0).select(
            "query", language="passage_lang", id="passage_id"
        )
        best = judged.join(self.found, on=["language", "id"]).group_by("query")
        found = best.agg((pl.col("found") == "same").any().alias("same"))
        rows = plan.queries.with_row_index("query").with_columns(pl.col("query").cast(pl.Int64))
        languages = found.join(rows.select("query", "query_lang"), on="query")
        return lambda what: _counted(
            languages.filter(pl.col("same") == (what == "same")), "query_lang"
        )


def _counted(rows: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(rows.group_by(column).len().sort(column).iter_rows())


def _corpus_counts(dataset: Dataset, plan: Plan, hashes: NDArray[np.uint64]) -> dict[str, int]:
    """Passages that are searched whose folded text has one of some hashes (sorted), by language."""
    if not len(hashes):
        return {}
    searched = {lang for number in plan.used for lang in plan.searches[number].passage_langs}
    counts = {}
    for language in sorted(searched):
        file, number = dataset.readable_file("passages", language), 0
        for frame in table_chunks(file, ["title", "text"], CHUNK):
            texts = frame.select(folded(passage_text_expression())).to_series()
            own = texts.hash().to_numpy()
            at = np.minimum(np.searchsorted(hashes, own), len(hashes) - 1)
            number += int((hashes[at] == own).sum())
        if number:
            counts[language] = number
    return counts


@dataclass(frozen=True)
class _Trained:
    """The training data of a run.

    Attributes:
        parts: set, language, and the rows of its pairs that are trained on; None for all.
    """

    parts: tuple[tuple[Dataset, str, NDArray[np.int64] | None], ...]

    @classmethod
    def of(cls, run: Run, data_root: Path) -> _Trained | None:
        """Open a run's training sets, none of a model as it is; None if they are not known.

        Raises:
            HybenchError: the config or a set cannot be read.
        """
        from hybench.training.corpus import trained_rows

        settings = run.read_config()
        if settings.get("kind") == DERIVED:
            return cls._of_derived(run, settings, data_root)
        if settings.get("kind") != TRAIN:
            return cls(()) if settings.get("kind") == MODEL else None
        config = run.train_config()
        datasets = open_training_sets(config.data, data_root)
        begun = training_fingerprints(run.events_file)
        if any(begun.get(each.name) != each.info.fingerprint for each in datasets):
            return None
        parts = tuple(
            (dataset, language, rows)
            for dataset in datasets
            for language, rows in trained_rows(dataset, config).items()
        )
        return cls(parts)

    @classmethod
    def _of_derived(cls, run: Run, settings: Mapping[str, Any], data_root: Path) -> _Trained | None:
        """What parents were trained on, and the statistics' set; None if one is not known.

        Raises:
            HybenchError: a config or a set cannot be read.
        """
        begun = training_fingerprints(run.events_file)
        names = settings.get("data") or ()
        datasets = open_training_sets(names, data_root) if names else []
        if any(begun.get(each.name) != each.info.fingerprint for each in datasets):
            return None
        parts: list[tuple[Dataset, str, NDArray[np.int64] | None]] = [
            (dataset, language, None)
            for dataset in datasets
            for language in settings.get("languages") or dataset.table_languages("pairs")
        ]
        for parent in parents_of(settings):
            found = parent.find(run)
            trained = None if found is None else cls.of(found, data_root)
            if trained is None:
                return None
            parts += trained.parts
        return cls(tuple(parts))

    @property
    def rows(self) -> int:
        """Pairs in the files that are read, those that are not trained on included."""
        return sum(each.info.counts["pairs"][language] for each, language, _ in self.parts)

    def pairs(self) -> Iterator[pl.DataFrame]:
        """The training pairs, query and passage, some at a time."""
        for dataset, language, rows in self.parts:
            file, begin = dataset.readable_file("pairs", language), 0
            for frame in table_chunks(file, ["query", "passage"], CHUNK):
                kept = frame
                if rows is not None:
                    inside = np.isin(np.arange(begin, begin + len(frame)), rows)
                    kept = frame.filter(pl.Series(inside))
                begin += len(frame)
                yield kept
