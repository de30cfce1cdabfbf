"""The negatives of every query of a training, and which of them a batch takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hybench.negatives.answers import Answers
from hybench.negatives.ragged import Ragged, Rows
from hybench.sampling import Batch, generator

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class TableLists:
    """The lists of one training set.

    Attributes:
        of: int64 [n, L], the list of each pair's query in each language of its table; -1 for none.
        lists: the texts of each list (`QueryLists.texts`), best first.
        scores: float32 [entries], a teacher's score of each entry; empty without teachers.
        positives: float32 [lists], its score of the pair's own passage; empty without teachers.
        answers: what answers the set's queries.
        places: int64 [n], the place of each pair in `answers`.
        keys: the keys that each text answers.
    """

    of: Rows
    lists: Ragged
    scores: Floats
    positives: Floats
    answers: Answers
    places: Rows
    keys: Ragged

    def false(self, pairs: Rows, texts: Rows) -> Flags:
        """Which texts answer which pairs' queries and so are no negatives of them, bool [b, m].

        Args:
            pairs: int64 [b], indexes into the table's pairs.
            texts: int64 [m].
        """
        found = np.zeros((len(pairs), len(texts)), np.bool_)
        pair, asked = self.answers.pair_keys.take(self.places[pairs])
        text, keys = self.keys.take(texts)
        order = np.argsort(asked, kind="stable")
        first = np.searchsorted(asked[order], keys, "left")
        lengths = np.searchsorted(asked[order], keys, "right") - first
        inside = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        hit = pair[order[np.repeat(first, lengths) + inside]]
        found[hit, np.repeat(text, lengths)] = True
        return found


@dataclass(frozen=True)
class Drawn:
    """The entries of lists that a batch of b pairs takes.

    Attributes:
        texts: int64 [m], each once (`QueryLists.texts`), ascending.
        columns: int64 [b, k], the place in `texts` of each entry of a query's own list; -1 where
            the list is shorter.
        false: bool [b, m]: whether the text answers the query, or a translation of it does.
        scores: float32 [b, 1 + k], a teacher's scores of the own passage and of the entries, NaN
            where there are none; empty without teachers.
    """

    texts: Rows
    columns: Rows
    false: Flags
    scores: Floats

    @property
    def negatives(self) -> int:
        """Pairs of a query and a text that is its negative."""
        return int(self.false.size - self.false.sum())

    @property
    def entries(self) -> int:
        """Entries of all lists."""
        return int((self.columns >= 0).sum())


@dataclass(frozen=True)
class QueryLists:
    """The lists of all training sets.

    Attributes:
        texts: all texts in lists, each once.
        tables: by training set; None for one without lists.
        per_query: entries of a list that a batch takes.
    """

    texts: Sequence[str]
    tables: tuple[TableLists | None, ...]
    per_query: int

    def draw(self, batch: Batch, seed: int) -> Drawn | None:
        """The entries that a batch takes: `per_query` of each query's list, or all of a shorter
        one, drawn by seed and the batch's number alone.

        Returns:
            None if its queries have no lists.
        """
        table = self.tables[batch.table]
        if table is None:
            return None
        lists = table.of[batch.pairs, batch.query_languages]
        there = np.maximum(lists, 0)
        lengths = np.where(lists >= 0, table.lists.lengths(there), 0)
        width = int(lengths.max(initial=0))
        if width == 0:
            return None
        draws = generator(seed, "negatives", batch.number).random((len(batch), width))
        draws[np.arange(width) >= lengths[:, None]] = 2.0
        order = np.argsort(draws, axis=1, kind="stable")[:, : self.per_query]
        given = order < lengths[:, None]
        entries = np.where(given, table.lists.starts[there][:, None] + order, 0)
        rows = table.lists.values[entries]
        texts = np.unique(rows[given])
        columns = np.where(given, np.searchsorted(texts, rows), -1)
        scores = np.empty((len(batch), 0), np.float32)
        if len(table.scores):
            best = np.where(lists >= 0, table.positives[there], np.float32(np.nan))
            own = np.where(given, table.scores[entries], np.float32(np.nan))
            scores = np.concatenate([best[:, None], own], axis=1)
        return Drawn(texts, columns, table.false(batch.pairs, texts), scores)
