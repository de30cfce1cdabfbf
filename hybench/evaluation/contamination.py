"""Counts the evaluated texts that a model was trained on, equal and nearly equal ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
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
from hybench.errors import HybenchError
from hybench.evaluation.near_duplicates import NearDuplicates
from hybench.evaluation.plan import Plan
from hybench.evaluation.remembered import remembered
from hybench.evaluation.trained_texts import CHUNK, TrainedTexts, frame_bytes
from hybench.files.tables import table_chunks
from hybench.runs.run import Run

VERSION = 1
"""Changes with what is compared, and how: counts of another version are not taken."""

Counts = Callable[[str], dict[str, int]]


@dataclass(frozen=True)
class Overlap:
    """Evaluated texts that a model was trained on; languages with none are omitted.

    Two texts are the same if `folded` makes them so, and nearly the same if they are alike by
    `hybench.evaluation.near_duplicates`.

    Attributes:
        queries: queries with the text of a training query, by language.
        near_queries: further queries that are nearly the same as one.
        relevant: queries of which a relevant passage was a training passage, or a hard negative,
            by their language.
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
    """Compare the planned queries, their relevant passages and the corpus with the training texts.

    Texts are compared with the training pairs of all languages, passages with the negatives and the
    passages with a teacher's scores, too; ids are not, since a set may number
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
        trained = TrainedTexts.of(run, data_root)
        if trained is None:
            return None
        if not trained.parts:
            return Overlap()
        trained.check()
        key = [VERSION, trained.identity, dataset.info.fingerprint, _identity(plan)]
        return remembered(
            run, "overlap", key, Overlap, lambda: _compared(trained, dataset, plan, progress)
        )
    except HybenchError:
        return None


def _identity(plan: Plan) -> list[Any]:
    """What decides the planned queries, their judgements and what is searched, as JSON."""
    searched = [list(plan.searches[number].passage_langs) for number in plan.used]
    frames = (plan.counted.select("query_lang", "query_id"), plan.judged)
    return [searched, *(hashlib.sha256(frame_bytes(each)).hexdigest() for each in frames)]


def _compared(
    trained: TrainedTexts, dataset: Dataset, plan: Plan, progress: ProgressCallback
) -> Overlap:
    """See `training_overlap`."""
    queries, passages = _Known(_queries(dataset, plan)), _Known(_relevant(dataset, plan))
    hashes = [np.empty(0, np.uint64)]
    done = 0
    for pairs in trained.pairs():
        queries.look(pairs["query"])
        hashes.append(passages.look(pairs["passage"]).hash().unique().to_numpy())
        done += len(pairs)
        progress(Progress("compare with training texts", done, trained.rows, "pairs"))
    hashes += (passages.look(each).hash().unique().to_numpy() for each in trained.negatives)
    corpus = _corpus_counts(dataset, plan, np.unique(np.concatenate(hashes)))
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
