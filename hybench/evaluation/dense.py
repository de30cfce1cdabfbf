"""Retrieval with an encoder and the vectors of `hybench.indexes`: exact, or by the graphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.evaluation.plan import Plan
from hybench.evaluation.retrieval import (
    Depths,
    Retrieved,
    SearchPool,
    hit_frame,
    placed,
    placed_among,
    queries_at_once,
    with_rows,
)
from hybench.evaluation.settings import ALL
from hybench.indexes.encoding import TextEncoder, encode_checked
from hybench.indexes.exact.keys import NO_HIT, Floats, Rows
from hybench.indexes.exact.results import Hits, Parted, Request, Wanted
from hybench.indexes.exact.search import Crew, Pool
from hybench.indexes.reader import LanguageIndex
from hybench.runs.cost import NOTHING, Cost
from hybench.runs.metering import Meter


@dataclass
class QueryVectors:
    """The vectors of a split's queries, each language encoded once.

    Args:
        dataset: the set.
        split: the split.
        encoder: the model that made the passages' vectors.
        progress: called during the encoding.
        cost: of the encoding so far.
    """

    dataset: Dataset
    split: str
    encoder: TextEncoder
    progress: ProgressCallback = ignore
    cost: Cost = NOTHING
    _known: dict[str, Floats] = field(default_factory=dict)

    def of(self, language: str) -> Floats:
        """float32 [q, d], in the order of the split's queries."""
        if language not in self._known:
            texts = self.dataset.queries(language, self.split)["text"].to_list()
            tell = partial(self._tell, f"encode queries {language}", len(texts))
            tell(0)
            meter = Meter(self.encoder)
            self._known[language] = encode_checked(self.encoder, texts, "query", language, tell)
            self.cost += meter.cost()
        return self._known[language]

    def _tell(self, task: str, total: int, done: int) -> None:
        self.progress(Progress(task, done, total, "query texts"))


@dataclass(frozen=True)
class _Opened:
    """Indexes opened for a search, so that their memory can be released, and their pool."""

    pool: Pool
    indexes: tuple[LanguageIndex, ...]
    passages: pl.DataFrame


def _open(
    indexes: dict[str, LanguageIndex],
    languages: Sequence[str],
    device: str = "cpu",
    memory: int | None = None,
    crew: Crew | None = None,
) -> _Opened:
    fresh = {one: LanguageIndex(indexes[one].folder, indexes[one].manifest) for one in languages}
    pool = Pool((index.part for index in fresh.values()), device, memory, crew)
    ordered = tuple(fresh[language] for language in pool.languages)
    passages = pl.concat(
        pl.DataFrame({"passage_id": index.ids}).select(
            pl.lit(index.language).alias("passage_lang"), "passage_id"
        )
        for index in ordered
    )
    return _Opened(pool, ordered, passages)


@dataclass(frozen=True)
class ExactSearcher:
    """Exact search; see `hybench.evaluation.retrieval.Searcher`.

    A query is compared with each language's passages once, whatever the number of settings. Where
    the vectors do not fit into memory, they are read once for as many queries as do, of all
    languages that are searched in the same ones.

    Args:
        queries: the queries' vectors.
        indexes: the languages' indexes.
        device: where products are computed: ``cpu``, ``cuda``.
        memory: bytes that a search may hold; None for half of the machine's.
        crew: processes to search with where they are worth it; None for none.
    """

    queries: QueryVectors
    indexes: dict[str, LanguageIndex]
    device: str = "cpu"
    memory: int | None = None
    crew: Crew | None = None

    def __call__(self, plan: Plan, depths: Depths) -> Iterator[Retrieved]:
        """Search, one query language at a time, or several where their passages are the same."""
        together: dict[tuple[str, ...], list[str]] = {}
        for query_lang in dict.fromkeys(plan.searches[number].query_lang for number in plan.used):
            own = _of_language(plan, query_lang)
            needed = {lang for number in own for lang in plan.searches[number].passage_langs}
            together.setdefault(tuple(sorted(needed)), []).append(query_lang)
        for languages, query_langs in together.items():
            opened = _open(self.indexes, languages, self.device, self.memory, self.crew)
            batches = [
                (query_lang, _Batch.of(part))
                for query_lang in query_langs
                for part in self._parts(plan, query_lang, opened, depths)
            ]
            requests = (self._request(*each, opened.pool, depths) for each in batches)
            found = opened.pool.search_all(requests, partial(self._tell, len(opened.pool)))
            for (_, batch), parted in zip(batches, found, strict=True):
                yield batch.retrieved(opened, parted, ranks=depths.ranks)

    def _parts(
        self, plan: Plan, query_lang: str, opened: _Opened, depths: Depths
    ) -> Iterator[Plan]:
        """The queries of one language, some at a time, with the rows of their passages."""
        own = _of_language(plan, query_lang)
        rows = with_rows(plan.of(own), opened.passages)
        hits = sum(depths.hits[plan.searches[number].setting] for number in own)
        yield from rows.parts(queries_at_once(hits))

    def _request(self, query_lang: str, batch: _Batch, pool: Pool, depths: Depths) -> Request:
        k = {language: depths.hits[setting] for language, setting in batch.settings.items()}
        return Request(
            self.queries.of(query_lang)[batch.places],
            [k.get(language, 0) for language in pool.languages],
            k.get(ALL),
            batch.wanted(len(pool))[0] if depths.ranks else Wanted.none(),
        )

    def _tell(self, rows: int, done: int) -> None:
        self.queries.progress(Progress("search vectors", done, rows, "vectors"))


def _of_language(plan: Plan, query_lang: str) -> list[int]:
    """The searches of one query language in which any query counts."""
    return [one for one in plan.used if plan.searches[one].query_lang == query_lang]


@dataclass(frozen=True)
class _Batch:
    """Queries of one language, searched together.

    Attributes:
        plan: the searches and the judgements, with rows of the pool.
        queries: int64 [q], rows of `Plan.queries`, ascending.
        at: int64 [m], the place in `queries` of each judgement's query.
        numbers: the search by its corpus language.
    """

    plan: Plan
    queries: Rows
    at: Rows
    numbers: dict[str, int]

    @classmethod
    def of(cls, plan: Plan) -> _Batch:
        queries = plan.judged["query"].unique().sort()
        at = queries.search_sorted(plan.judged["query"]).cast(pl.Int64)
        numbers = {plan.searches[number].corpus_lang: number for number in plan.used}
        return cls(plan, queries.to_numpy(), at.to_numpy(), numbers)

    @property
    def places(self) -> Rows:
        """The queries' positions among all of their language, int64 [q]."""
        return self.plan.queries["place"].gather(self.queries).to_numpy()

    @property
    def settings(self) -> dict[str, str]:
        """The setting by corpus language."""
        return {name: self.plan.searches[number].setting for name, number in self.numbers.items()}

    def wanted(self, pool: int) -> tuple[Wanted, Rows]:
        """The judged passages, each once per query, and each judgement's position among them.

        A judged passage may count in its own language and in the whole pool.
        """
        pairs = self.at * pool + self.plan.judged["row"].to_numpy()
        once, found_at = np.unique(pairs, return_inverse=True)
        return Wanted(*np.divmod(once, pool)), found_at

    def retrieved(self, opened: _Opened, found: Parted, *, ranks: bool) -> Retrieved:
        """What was found for the batch."""
        hits = self.hits(opened.pool.languages, found)
        if not ranks:
            return Retrieved(opened.passages, hits, placed_among(self.plan.judged, hits))
        _, found_at = self.wanted(len(opened.pool))
        return Retrieved(opened.passages, hits, self.placed(found, found_at))

    def hits(self, languages: Sequence[str], found: Parted) -> pl.DataFrame:
        """`Retrieved.hits`, of each pool for the queries that count there."""
        searches = self.plan.judged["search"].to_numpy()
        frames = []
        for language, hits in zip([*languages, ALL], [*found.parts, found.whole], strict=True):
            if language in self.numbers:
                number = self.numbers[language]
                asked = np.unique(self.at[searches == number])
                of_asked = Hits(hits.rows[asked], hits.scores[asked])
                frames.append(hit_frame(number, self.queries[asked], of_asked))
        return pl.concat(frames)

    def placed(self, found: Parted, found_at: Rows) -> pl.DataFrame:
        """`Retrieved.judged`, ranked in the whole pool if it was searched, else the language."""
        judged = self.plan.judged
        in_whole = (judged["search"] == self.numbers.get(ALL, -1)).to_numpy()
        ranks = np.where(in_whole, found.ranks[found_at], found.part_ranks[found_at])
        return placed(judged, ranks, found.scores[found_at])


@dataclass(frozen=True)
class GraphRetriever:
    """Retrieval by the usearch graphs; see `hybench.evaluation.retrieval.Retriever`.

    Args:
        queries: the queries' vectors.
        indexes: the languages' indexes.
    """

    queries: QueryVectors
    indexes: dict[str, LanguageIndex]

    def pool(self, languages: tuple[str, ...]) -> SearchPool:
        """Open the graphs of these languages."""
        return _GraphPool(self.queries, _open(self.indexes, languages))


@dataclass(frozen=True)
class _GraphPool:
    queries: QueryVectors
    opened: _Opened

    @property
    def passages(self) -> pl.DataFrame:
        return self.opened.passages

    def search(
        self,
        query_lang: str,
        queries: Rows,
        k: int,
        wanted: Wanted | None,  # noqa: ARG002
    ) -> tuple[Hits, None]:
        """The best hits of all languages' graphs, without ranks of other passages."""
        pool, vectors = self.opened.pool, self.queries.of(query_lang)[queries]
        k = min(k, len(pool))
        found = []
        for index, start in zip(self.opened.indexes, pool.starts, strict=False):
            keys = index.graph.search(vectors, k, index.vectors, index.order)
            # The ids of a part come after those of the parts before it.
            found.append(np.where(keys == NO_HIT, NO_HIT, keys + np.uint64(start)))
        keys = np.concatenate(found, axis=1)
        return pool.decode(np.partition(keys, -k, axis=1)[:, -k:]), None
