"""What evaluation needs of a way to retrieve, and the dense one: an encoder and its vectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np
import polars as pl

from hybench.data.schema import Dataset
from hybench.index.build import TextEncoder, encode_checked
from hybench.index.keys import NO_HIT, Floats, Rows
from hybench.index.opened import LanguageIndex
from hybench.index.search import Hits, Pool, Ranked, Wanted
from hybench.progress import Progress, ProgressCallback, ignore


class SearchPool(Protocol):
    """The passages of one or several languages, ready to be searched."""

    @property
    def passages(self) -> pl.DataFrame:
        """passage_lang, passage_id by row of the pool."""

    def search(
        self, query_lang: str, queries: Rows, k: int, wanted: Wanted | None
    ) -> tuple[Hits, Ranked | None]:
        """The k best passages per query, in trec_eval's order.

        Args:
            query_lang: the queries' language.
            queries: int64 [q], places among the language's queries of the split.
            k: hits per query; fewer come back where the pool is smaller.
            wanted: rows whose ranks in the whole pool are asked for, or None.
        """


class Retriever(Protocol):
    """A way to retrieve, bound to a set and a split."""

    def pool(self, languages: tuple[str, ...]) -> SearchPool:
        """The passages of these languages; the pool asked for before may be let go."""


def ranks_within(hits: Hits, wanted: Wanted) -> Ranked:
    """The ranks of the wanted rows among the hits, 0 for those that are not there."""
    ranks = np.zeros(len(wanted.rows), np.int64)
    scores = np.full(len(wanted.rows), np.nan, np.float32)
    for start in range(0, len(ranks), 4096):
        part = slice(start, start + 4096)
        rows = hits.rows[wanted.queries[part]]
        at, columns = np.nonzero(rows == wanted.rows[part, None])
        ranks[start + at] = columns + 1
        scores[start + at] = hits.scores[wanted.queries[part][at], columns]
    return Ranked(ranks, scores)


@dataclass
class DenseRetriever:
    """Retrieves with an encoder and the vectors of `hybench.index`.

    Args:
        dataset: the set.
        split: the queries' split.
        encoder: the model that made the vectors.
        indexes: the languages' indexes.
        approximate: search the graphs instead of all vectors.
        device: where exact products are computed: ``cpu``, ``cuda``.
        progress: told of the encoding of queries.
    """

    dataset: Dataset
    split: str
    encoder: TextEncoder
    indexes: dict[str, LanguageIndex]
    approximate: bool = False
    device: str = "cpu"
    progress: ProgressCallback = ignore
    _queries: dict[str, Floats] = field(default_factory=dict)

    def pool(self, languages: tuple[str, ...]) -> SearchPool:
        """See `Retriever`."""
        opened = tuple(
            LanguageIndex(self.indexes[one].folder, self.indexes[one].manifest) for one in languages
        )
        return DensePool(self, opened)

    def vectors(self, language: str) -> Floats:
        """float32 [q, d], the split's queries in a language, encoded once."""
        if language not in self._queries:
            texts = self.dataset.queries(language, self.split)["text"].to_list()
            tell = partial(self._tell, f"encode queries {language}", len(texts))
            tell(0)
            self._queries[language] = encode_checked(self.encoder, texts, "query", tell)
        return self._queries[language]

    def _tell(self, task: str, total: int, done: int) -> None:
        self.progress(Progress(task, done, total, "query texts"))


class DensePool:
    """The vectors of one or several languages."""

    def __init__(self, retriever: DenseRetriever, indexes: tuple[LanguageIndex, ...]) -> None:
        self._retriever = retriever
        self._pool = Pool((index.part for index in indexes), retriever.device)
        by_language = {index.language: index for index in indexes}
        self._indexes = [by_language[language] for language in self._pool.languages]
        self.passages = pl.concat(
            [
                pl.DataFrame({"passage_id": index.ids}).select(
                    pl.lit(index.language).alias("passage_lang"), "passage_id"
                )
                for index in self._indexes
            ]
        )

    def search(
        self, query_lang: str, queries: Rows, k: int, wanted: Wanted | None
    ) -> tuple[Hits, Ranked | None]:
        """See `SearchPool`."""
        vectors = self._retriever.vectors(query_lang)[queries]
        if self._retriever.approximate:
            return self._search_graphs(vectors, k), None
        hits, ranked = self._pool.search(vectors, k, wanted)
        return hits, None if wanted is None else ranked

    def _search_graphs(self, vectors: Floats, k: int) -> Hits:
        """The best of what each language's graph finds."""
        k = min(k, len(self._pool))
        found = []
        for index, start in zip(self._indexes, self._pool.starts, strict=False):
            keys = index.graph.search(vectors, k, index.vectors, index.order)
            # The ids of a part come after those of the parts before it.
            found.append(np.where(keys == NO_HIT, NO_HIT, keys + np.uint64(start)))
        keys = np.concatenate(found, axis=1)
        return self._pool.decode(np.partition(keys, -k, axis=1)[:, -k:])
