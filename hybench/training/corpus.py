"""The training pairs as a training needs them: tokenised once, gathered by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hybench.data.schema import Dataset
from hybench.encoders import Encoder, TextKind
from hybench.encoders.tokens import Tokens
from hybench.errors import UsageError
from hybench.progress import Progress, ProgressCallback, ignore
from hybench.sampling import Batch, PairTable, pair_table

TEACHER_LANGUAGE = "en"

Texts = dict[TextKind, list[str]]


@dataclass(frozen=True)
class PairTexts:
    """Training sets with their texts.

    Attributes:
        tables: one per training set.
        texts: all queries and all passages, set after set, language after language.
        starts: for each set, int64 [L]: where each language's texts begin in `texts`.
    """

    tables: tuple[PairTable, ...]
    texts: Texts
    starts: tuple[NDArray[np.int64], ...]

    def rows(
        self, table: int, pairs: NDArray[np.int64], languages: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Positions in `texts`, int64 [b], of pairs of a set, each in its own language."""
        inside = self.tables[table].rows[pairs, languages].astype(np.int64)
        return self.starts[table][languages] + inside

    def batch_rows(self, batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions of a batch's queries and of its passages, each int64 [b]."""
        return (
            self.rows(batch.table, batch.pairs, batch.query_languages),
            self.rows(batch.table, batch.pairs, batch.passage_languages),
        )

    def teacher_rows(self, batch: Batch) -> NDArray[np.int64]:
        """Positions, int64 [b], of the English texts of a batch's pairs."""
        english = self.tables[batch.table].languages.index(TEACHER_LANGUAGE)
        return self.rows(batch.table, batch.pairs, np.full(len(batch), english))


def read_pair_texts(
    datasets: Sequence[Dataset], languages: Sequence[str] = (), english_only: bool = False
) -> PairTexts:
    """Read the training pairs of all sets.

    Args:
        datasets: the training sets.
        languages: training languages; empty for all.
        english_only: keep only pairs that exist in English, which a teacher has an answer for.

    Raises:
        UsageError: a set has no pairs in these languages, or none in English where it must.
    """
    tables: list[PairTable] = []
    texts: Texts = {"query": [], "passage": []}
    starts: list[NDArray[np.int64]] = []
    for dataset in datasets:
        table = pair_table(dataset, languages)
        if english_only:
            table = _with_english(table)
        begins = np.empty(len(table.languages), dtype=np.int64)
        for number, language in enumerate(table.languages):
            begins[number] = len(texts["query"])
            frame = dataset.pairs(language)
            texts["query"].extend(frame["query"])
            texts["passage"].extend(frame["passage"])
        tables.append(table)
        starts.append(begins)
    return PairTexts(tuple(tables), texts, tuple(starts))


def _with_english(table: PairTable) -> PairTable:
    """The pairs of a table that exist in English."""
    if TEACHER_LANGUAGE not in table.languages:
        raise UsageError(
            f"Data set {table.name} has no English pairs, which the teacher reads.",
            "Distil on a parallel set with English in --languages.",
        )
    kept = np.flatnonzero(table.present[:, table.languages.index(TEACHER_LANGUAGE)])
    return PairTable(
        table.name,
        table.languages,
        tuple(table.pair_ids[row] for row in kept),
        table.rows[kept],
        table.groups[kept],
    )


def tokenize_pairs(
    texts: Texts, encoder: Encoder, progress: ProgressCallback = ignore
) -> dict[TextKind, Tokens]:
    """Tokenise all training texts, once."""
    total = sum(len(items) for items in texts.values())
    done = 0

    def report(before: int) -> Callable[[int], None]:
        return lambda now: progress(Progress("tokenise", before + now, total, "texts"))

    tokens: dict[TextKind, Tokens] = {}
    for kind, items in texts.items():
        tokens[kind] = encoder.tokenize(items, kind, report(done))
        done += len(items)
    return tokens
