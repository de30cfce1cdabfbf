"""The training pairs: tokenised once, gathered by batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.config.choices import TEACHER_LANGUAGE
from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.data.weighted import set_weights
from hybench.encoders.encoder import Encoder
from hybench.encoders.prompts import TextKind
from hybench.encoders.token_cache import cached_tokens
from hybench.encoders.tokens import Tokens
from hybench.errors import UsageError
from hybench.sampling import Batch, PairTable, generator, pair_table

Texts = dict[TextKind, list[str]]


@dataclass(frozen=True)
class PairTexts:
    """Training sets with their texts.

    Attributes:
        tables: one per training set.
        texts: all queries and all passages, set after set, language after language.
        starts: for each set, int64 [L]: start of each language's texts in `texts`.
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

    def taught_rows(
        self, batch: Batch, *, own: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions of what a teacher reads for a batch's queries and passages, each int64 [b].

        Args:
            batch: of these texts.
            own: the same texts as the student; else the pairs' English ones.
        """
        if own:
            return self.batch_rows(batch)
        english = self.tables[batch.table].languages.index(TEACHER_LANGUAGE)
        rows = self.rows(batch.table, batch.pairs, np.full(len(batch), english))
        return rows, rows


def read_pair_texts(datasets: Sequence[Dataset], config: TrainConfig) -> PairTexts:
    """Read the training pairs of all sets that the config trains on.

    Args:
        datasets: the training sets.
        config: what to train. A distillation keeps only pairs that exist in English, which a
            teacher can encode.

    Raises:
        UsageError: a set has no pairs in the config's languages or in its pivot, or a language
            that the config names is in none of the sets.
    """
    tables: list[PairTable] = []
    texts: Texts = {"query": [], "passage": []}
    starts: list[NDArray[np.int64]] = []
    _check_languages(datasets, config)
    weights = set_weights(config.data, datasets)
    for dataset, weight in zip(datasets, weights, strict=True):
        table = replace(_trained_table(dataset, config), weight=weight)
        begins = np.empty(len(table.languages), dtype=np.int64)
        for number, language in enumerate(table.languages):
            begins[number] = len(texts["query"])
            frame = dataset.pairs(language)
            texts["query"].extend(frame["query"])
            texts["passage"].extend(frame["passage"])
        tables.append(table)
        starts.append(begins)
    return PairTexts(tuple(tables), texts, tuple(starts))


def _trained_table(dataset: Dataset, config: TrainConfig) -> PairTable:
    """The pairs of a set that a config trains on."""
    table = pair_table(dataset, config.languages)
    if config.scarce:
        table = _with_share(table, config)
    if config.needs:
        table = with_pivot(table, config.needs)
    return table


def trained_rows(dataset: Dataset, config: TrainConfig) -> dict[str, NDArray[np.int64] | None]:
    """Rows of a set's pairs tables that a config trains on, by language; None for all of them.

    Raises:
        UsageError: the set has no pairs in the config's languages or in its pivot.
    """
    if not (config.scarce or config.needs):
        has = dataset.table_languages("pairs")
        return {code: None for code in has if not config.languages or code in config.languages}
    table = _trained_table(dataset, config)
    return {
        language: column[column >= 0].astype(np.int64)
        for language, column in zip(table.languages, table.rows.T, strict=True)
    }


def with_pivot(table: PairTable, language: str) -> PairTable:
    """The pairs of a table that exist in a language.

    Raises:
        UsageError: there are none.
    """
    if language not in table.languages:
        raise UsageError(
            f"Data set {table.name} has no pairs in {language}, which --pivot or a teacher needs.",
            f"Train on a parallel set with {language} in --languages.",
        )
    return table.kept(table.rows, table.present[:, table.languages.index(language)])


def _check_languages(datasets: Sequence[Dataset], config: TrainConfig) -> None:
    has = {code for dataset in datasets for code in dataset.table_languages("pairs")}
    trained = has & set(config.languages) if config.languages else has
    absent = sorted(set(config.languages) - has)
    if trained and absent:  # a set without any pairs has its own error
        raise UsageError(
            f"--languages: there are no training pairs in {' '.join(absent)}.",
            f"There are pairs in: {' '.join(sorted(has))}.",
        )
    for code in config.scarce:
        if code not in trained:
            raise UsageError(
                f"--scarce: {code} is not a training language.",
                f"Training languages: {' '.join(sorted(trained))}.",
            )


def _with_share(table: PairTable, config: TrainConfig) -> PairTable:
    """The table with only a share of the pairs of the scarce languages.

    The pairs of a language have one order per seed; a share is its beginning, rounded up, so that a
    smaller share is a subset of a larger one.
    """
    rows = table.rows.copy()
    for code in set(config.scarce) & set(table.languages):
        column = rows[:, table.languages.index(code)]
        members = np.flatnonzero(column >= 0)
        order = generator(config.seed, "scarce", table.name, code).permutation(members)
        enough = math.ceil(round(config.share * len(members), 6))
        column[order[enough:]] = -1
    return table.kept(rows, np.any(rows >= 0, axis=1))


def tokenize_pairs(
    texts: Texts, encoder: Encoder, cache: Path | None = None, progress: ProgressCallback = ignore
) -> dict[TextKind, Tokens]:
    """Tokenise all training texts, once.

    Args:
        texts: by kind.
        encoder: tokenises them.
        cache: see `cached_tokens`.
        progress: receives progress reports.
    """
    total = sum(len(items) for items in texts.values())
    done = 0

    def report(before: int) -> Callable[[int], None]:
        return lambda now: progress(Progress("tokenise", before + now, total, "texts"))

    tokens: dict[TextKind, Tokens] = {}
    for kind, items in texts.items():
        tokens[kind] = cached_tokens(encoder, items, kind, cache, report(done))
        done += len(items)
    return tokens
