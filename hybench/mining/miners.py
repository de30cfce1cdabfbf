"""Rankings that negatives are mined from: a model's, by exact search, or BM25's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.evaluation.bm25.baseline import Bm25Options
from hybench.evaluation.bm25.postings import Postings, build_postings, search_postings
from hybench.evaluation.bm25.tokens import tokeniser
from hybench.indexes.encoding import TextEncoder, encode_checked
from hybench.indexes.exact.keys import Floats, Orders, Rows
from hybench.indexes.exact.results import Wanted
from hybench.indexes.exact.search import Part, Pool
from hybench.indexes.options import IndexOptions
from hybench.indexes.reader import open_index
from hybench.indexes.writer import build_index
from hybench.mining.pool import LanguagePool
from hybench.runs.run import Run


@dataclass(frozen=True)
class Found:
    """What a search found for q queries.

    Attributes:
        rows: int64 [q, k], rows of the pools, one after the other in the order of their languages;
            -1 beyond the last hit.
        scores: float32 [q, k].
        wanted: float32 [m], the scores of the wanted rows.
    """

    rows: Rows
    scores: Floats
    wanted: Floats


class Miner(Protocol):
    """Ranks passages for queries."""

    def search(
        self, texts: Sequence[str], asked_in: str, languages: Sequence[str], k: int, wanted: Wanted
    ) -> Found:
        """The k best passages of some languages per query.

        Args:
            texts: the queries.
            asked_in: code of the queries' language.
            languages: codes of the passages', sorted.
            k: hits per query.
            wanted: queries, and rows of the pools of *all* languages, whose scores are returned,
                too.
        """


def _joined(starts: Mapping[str, int], parts: Sequence[tuple[str, int]], rows: Rows) -> Rows:
    """Rows among all passages of rows that count through some languages' passages.

    Args:
        starts: the first row of each language among all passages.
        parts: these languages, in the order of the rows, and their sizes.
        rows: int64, -1 for none.
    """
    ends = np.cumsum([size for _, size in parts])
    begins = np.concatenate([[0], ends[:-1]])
    shift = np.array([starts[language] for language, _ in parts]) - begins
    part = np.minimum(np.searchsorted(ends, rows, side="right"), len(parts) - 1)
    return np.where(rows < 0, -1, rows + shift[part])


@dataclass(frozen=True)
class DenseMiner:
    """A model's ranking: cosines, exactly.

    The vectors of a set's passages are those of the run's index, which is written where it is
    missing; those of passages that only pairs have are made here.

    Attributes:
        run: whose model.
        encoder: the model, loaded.
        dataset: the set.
        pools: the passages by language.
        starts: the first row of each language among all passages.
        progress: called during the work.
    """

    run: Run
    encoder: TextEncoder
    dataset: Dataset
    pools: Mapping[str, LanguagePool]
    starts: Mapping[str, int]
    progress: ProgressCallback = ignore

    @cached_property
    def _parts(self) -> dict[str, Part]:
        return {language: self._part(pool) for language, pool in self.pools.items()}

    def _part(self, pool: LanguagePool) -> Part:
        language, rows = pool.language, pool.passages["row"].to_numpy()
        indexed = rows >= 0
        texts = pool.passages.filter(~indexed)["text"].to_list()
        vectors = np.empty((len(pool), self.encoder.dimension), np.float32)
        if texts:
            vectors[~indexed] = encode_checked(
                self.encoder, texts, "passage", language, self._tell(pool)
            )
        if indexed.any():
            options = IndexOptions(exact=True, languages=(language,))
            build_index(self.run, self.dataset, self.encoder, options, self.progress)
            index = open_index(self.run, self.dataset, language)
            if not texts and len(index.vectors) == len(pool):
                return Part(language, index.vectors, pool.order)
            vectors[indexed] = index.vectors[rows[indexed]]
        return Part(language, vectors, pool.order)

    def _tell(self, pool: LanguagePool) -> Callable[[int], None]:
        task, total = f"encode {pool.language}", len(pool)
        return lambda done: self.progress(Progress(task, done, total, "passages"))

    def search(
        self, texts: Sequence[str], asked_in: str, languages: Sequence[str], k: int, wanted: Wanted
    ) -> Found:
        """See `Miner`."""
        vectors = encode_checked(self.encoder, texts, "query", asked_in)
        pool = Pool([self._parts[language] for language in languages])
        hits, _ = pool.search(vectors, k)
        parts = [(part.language, len(part.vectors)) for part in pool.parts]
        scores = np.empty(len(wanted.rows), np.float32)
        for language, start in self.starts.items():
            part = self._parts[language].vectors
            own = np.flatnonzero((wanted.rows >= start) & (wanted.rows < start + len(part)))
            passages = np.asarray(part[wanted.rows[own] - start])
            scores[own] = np.einsum("ij,ij->i", vectors[wanted.queries[own]], passages)
        return Found(_joined(self.starts, parts, hits.rows), hits.scores, scores)


@dataclass(frozen=True)
class Bm25Miner:
    """BM25's ranking: only passages that share a token with the query are found.

    Term statistics are those of all passages that a query is searched in.

    Attributes:
        options: BM25's parameters.
        pools: the passages by language.
        starts: the first row of each language among all passages.
        progress: called during the work.
    """

    options: Bm25Options
    pools: Mapping[str, LanguagePool]
    starts: Mapping[str, int]
    progress: ProgressCallback = ignore
    _built: dict[tuple[str, ...], tuple[Postings, Orders]] = field(default_factory=dict)

    def _postings(self, languages: tuple[str, ...]) -> tuple[Postings, Orders]:
        if languages not in self._built:
            self._built.clear()  # one at a time in memory
            options = self.options
            texts = pl.concat(self.pools[language].passages["text"] for language in languages)

            def tell(done: int) -> None:
                self.progress(Progress("index bm25", done, len(texts), "passages"))

            postings = build_postings(texts, tokeniser(options.tokens), options.k1, options.b, tell)
            sizes = np.cumsum([0, *(len(self.pools[language]) for language in languages)])
            orders = [
                self.pools[language].order + np.uint32(size)
                for language, size in zip(languages, sizes, strict=False)
            ]
            self._built[languages] = postings, np.concatenate(orders)
        return self._built[languages]

    def search(
        self,
        texts: Sequence[str],
        asked_in: str,  # noqa: ARG002 - words are the same in all
        languages: Sequence[str],
        k: int,
        wanted: Wanted,
    ) -> Found:
        """See `Miner`; wanted rows of languages that are not searched score NaN."""
        postings, order = self._postings(tuple(languages))
        queries = [*map(tokeniser(self.options.tokens), texts)]
        parts = [(language, len(self.pools[language])) for language in languages]
        rows = np.full(sum(len(pool) for pool in self.pools.values()), -1)
        first = 0
        for language, size in parts:
            start = self.starts[language]
            rows[start : start + size] = np.arange(first, first + size)
            first += size
        inside = rows[wanted.rows]
        there = np.flatnonzero(inside >= 0)
        asked = Wanted(wanted.queries[there], inside[there])
        hits, ranked = search_postings(postings, order, queries, k, asked)
        scores = np.full(len(wanted.rows), np.nan, np.float32)
        # What is not retrieved shares no token: its score is 0.
        scores[there] = 0.0 if ranked is None else np.nan_to_num(ranked.scores)
        return Found(_joined(self.starts, parts, hits.rows), hits.scores, scores)
