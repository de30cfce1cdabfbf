"""The interface of retrievers: pools to search, or a searcher of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol

import numpy as np
import polars as pl

from hybench.evaluation.plan import Plan
from hybench.indexes.exact.keys import Floats, Rows
from hybench.indexes.exact.results import Hits, Ranked, Wanted

QUERIES_AT_ONCE = 512
HITS_AT_ONCE = 1 << 20
"""Most hits in memory at once, unless a single query needs more."""

_HITS: dict[str, pl.DataType] = {
    "search": pl.Int64(),
    "query": pl.Int64(),
    "row": pl.Int64(),
    "rank": pl.Int32(),
    "score": pl.Float32(),
}


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
            k: hits per query; fewer if the pool is smaller.
            wanted: rows whose ranks in the whole pool are computed, too, or None.
        """


class Retriever(Protocol):
    """A retriever, bound to a set and a split."""

    def pool(self, languages: tuple[str, ...]) -> SearchPool:
        """The passages of these languages; the previous pool may be released."""


@dataclass(frozen=True)
class Depths:
    """How deep to search.

    Attributes:
        hits: hits per query by setting.
        ranks: whether judged passages are ranked in the whole pool, or only among the hits.
    """

    hits: Mapping[str, int]
    ranks: bool


@dataclass(frozen=True)
class Retrieved:
    """Retrieved passages of some queries.

    Attributes:
        passages: passage_lang, passage_id by row.
        hits: search, query (as in `Plan`), row, rank (from 1), score; by search, query and rank.
        judged: rows of `Plan.judged` with row, rank and score; the last two are null if a passage
            was not retrieved.
    """

    passages: pl.DataFrame
    hits: pl.DataFrame
    judged: pl.DataFrame


Searcher = Callable[[Plan, Depths], Iterator[Retrieved]]
"""Runs the searches of a plan, in batches of queries."""


def queries_at_once(hits: int) -> int:
    """Number of queries to search at a time, given the hits of each."""
    return max(1, min(QUERIES_AT_ONCE, HITS_AT_ONCE // max(1, hits)))


def with_rows(plan: Plan, passages: pl.DataFrame) -> Plan:
    """The plan with the column row in `judged`; passages outside the pool are omitted."""
    rows = passages.with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
    # Few of many: a table to look all up in would be larger than they are.
    rows = rows.filter(pl.col("passage_id").is_in(plan.judged["passage_id"].unique().implode()))
    on = ["passage_lang", "passage_id"]
    return replace(plan, judged=plan.judged.join(rows, on=on, maintain_order="left"))


def hit_frame(search: int, queries: Rows, hits: Hits) -> pl.DataFrame:
    """`Retrieved.hits` of one search for the queries [q]."""
    at, columns = np.nonzero(hits.rows >= 0)
    values = (
        np.full(len(at), search),
        queries[at],
        hits.rows[at, columns],
        columns + 1,
        hits.scores[at, columns],
    )
    return pl.DataFrame(dict(zip(_HITS, values, strict=True)), schema=_HITS)


def placed(judged: pl.DataFrame, ranks: Rows, scores: Floats) -> pl.DataFrame:
    """`Retrieved.judged`, from ranks that are 0 if a passage was not retrieved."""
    columns = [
        pl.when(pl.Series(ranks) > 0).then(pl.Series(values, dtype=_HITS[name])).alias(name)
        for name, values in (("rank", ranks), ("score", scores))
    ]
    return judged.with_columns(columns)


def placed_among(judged: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """`Retrieved.judged`, ranked by the hits."""
    return judged.join(hits, on=["search", "query", "row"], how="left", maintain_order="left")


def search_pools(retriever: Retriever) -> Searcher:
    """A searcher that opens one pool after the other."""

    def search(plan: Plan, depths: Depths) -> Iterator[Retrieved]:
        pools: dict[tuple[str, ...], list[int]] = {}
        for number in plan.used:
            pools.setdefault(plan.searches[number].passage_langs, []).append(number)
        for languages, numbers in pools.items():
            pool = retriever.pool(languages)
            passages = pool.passages
            rows = with_rows(plan.of(numbers), passages)
            frames = (_search(pool, rows.of([number]), number, depths) for number in numbers)
            for together in _together(chain.from_iterable(frames)):
                hits, judged = map(pl.concat, zip(*together, strict=True))
                yield Retrieved(passages, hits, judged)

    return search


def _search(
    pool: SearchPool, plan: Plan, number: int, depths: Depths
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """`Retrieved.hits` and `Retrieved.judged` of one search, for some queries at a time."""
    search = plan.searches[number]
    k = depths.hits[search.setting]
    for part in plan.parts(queries_at_once(k)):
        judged = part.judged
        queries = judged["query"].unique().sort()
        at = queries.search_sorted(judged["query"]).cast(pl.Int64).to_numpy()
        wanted = Wanted(at, judged["row"].to_numpy())
        places = plan.queries["place"].gather(queries).to_numpy()
        hits, ranked = pool.search(search.query_lang, places, k, wanted if depths.ranks else None)
        frame = hit_frame(number, queries.to_numpy(), hits)
        if ranked is None:
            yield frame, placed_among(judged, frame)
        else:
            yield frame, placed(judged, ranked.ranks, ranked.scores)


def _together(
    frames: Iterator[tuple[pl.DataFrame, pl.DataFrame]],
) -> Iterator[list[tuple[pl.DataFrame, pl.DataFrame]]]:
    """Join results while they hold few hits: processing takes time per piece."""
    together: list[tuple[pl.DataFrame, pl.DataFrame]] = []
    for one in frames:
        together.append(one)
        if sum(hits.height for hits, _ in together) >= HITS_AT_ONCE // 4:
            yield together
            together = []
    if together:
        yield together
