"""The plan of an evaluation: which queries count in which search, and their judgements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from hybench.data.dataset import Dataset
from hybench.evaluation.settings import Search


@dataclass(frozen=True)
class Plan:
    """The searches of an evaluation; a query counts in one if it has a judged passage in the pool.

    Attributes:
        searches: query language and pool of each.
        queries: query_lang, query_id, source_id (the same for translations of one query), place
            (Int64, position among the language's queries of the split).
        judged: search, query (Int64, rows of the two above), passage_lang, passage_id, relevance;
            by search, then by query.
    """

    searches: tuple[Search, ...]
    queries: pl.DataFrame
    judged: pl.DataFrame

    @cached_property
    def total(self) -> int:
        """Number of queries, counted once per search."""
        return int(self.judged.select(pl.struct("search", "query").n_unique()).item())

    @property
    def counted(self) -> pl.DataFrame:
        """The rows of `queries` that count in any search."""
        return self.queries[self.judged["query"].unique().sort()]

    @property
    def by_language(self) -> dict[str, int]:
        """Number of queries by language, each counted once."""
        return dict(self.counted.group_by("query_lang").len().sort("query_lang").iter_rows())

    @property
    def used(self) -> list[int]:
        """The searches in which any query counts, in their order."""
        return self.judged["search"].unique().sort().to_list()

    @cached_property
    def names(self) -> pl.DataFrame:
        """setting, query_lang, corpus_lang; a row per search."""
        names = ("setting", "query_lang", "corpus_lang")
        rows = [[getattr(search, name) for name in names] for search in self.searches]
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")

    def of(self, searches: Sequence[int]) -> Plan:
        """The plan with fewer searches."""
        return replace(self, judged=self.judged.filter(pl.col("search").is_in(searches)))

    def parts(self, size: int) -> Iterator[Plan]:
        """The plan in parts of up to `size` queries."""
        queries = self.judged["query"].unique().sort()
        for start in range(0, len(queries), size):
            some = queries.slice(start, size)
            inside = pl.col("query").is_between(some[0], some[-1])
            yield replace(self, judged=self.judged.filter(inside))


def plan_queries(dataset: Dataset, split: str, searches: Sequence[Search]) -> Plan:
    """Find the queries that count in each search, and their judgements."""
    languages = dict.fromkeys(search.query_lang for search in searches)
    queries = pl.concat(
        dataset.queries(language, split).select(
            "query_id",
            "source_id",
            query_lang=pl.lit(language),
            place=pl.int_range(pl.len(), dtype=pl.Int64),
        )
        for language in languages
    )
    qrels = pl.concat(
        dataset.qrels(language).with_columns(query_lang=pl.lit(language)) for language in languages
    )
    pools = pl.DataFrame(
        [
            (number, search.query_lang, language)
            for number, search in enumerate(searches)
            for language in search.passage_langs
        ],
        schema={"search": pl.Int64, "query_lang": pl.String, "passage_lang": pl.String},
        orient="row",
    )
    judged = (
        queries.with_columns(query=pl.int_range(pl.len(), dtype=pl.Int64))
        .join(qrels, on=["query_lang", "query_id"], maintain_order="left_right")
        .join(pools, on=["query_lang", "passage_lang"], maintain_order="left")
        .sort("search", "query", maintain_order=True)
        .select("search", "query", "passage_lang", "passage_id", "relevance")
    )
    return Plan(tuple(searches), queries, judged)
