"""The searches of an evaluation, one group of queries after the other, and what they give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from hybench.data.schema import Dataset
from hybench.evaluation.bias import bias_values
from hybench.evaluation.metrics import evaluate_ranks
from hybench.evaluation.retrieval import Retriever, SearchPool, ranks_within
from hybench.evaluation.settings import Search
from hybench.index.search import Hits, Wanted

QUERIES_AT_ONCE = 512


@dataclass(frozen=True)
class SearchTask:
    """A search and the queries that count in it: those with a judged passage in the pool.

    Attributes:
        search: which queries meet which passages.
        queries: query_id, place; the place is among the language's queries of the split.
        judgements: query (the row in `queries`), query_id, passage_lang, passage_id, relevance.
    """

    search: Search
    queries: pl.DataFrame
    judgements: pl.DataFrame


@dataclass(frozen=True)
class Outcome:
    """What the search of a group of queries gave.

    Attributes:
        search: which search.
        queries: how many queries.
        pool: how many passages.
        rankings: rows of the table of hits.
        relevant: rows of the table of relevant passages.
        values: rows of the table of results.
    """

    search: Search
    queries: int
    pool: int
    rankings: pl.DataFrame
    relevant: pl.DataFrame
    values: pl.DataFrame


def judged_queries(
    dataset: Dataset, split: str, searches: Iterable[Search]
) -> Iterator[SearchTask]:
    """For each search, the queries that are judged in its pool, and their judgements."""

    @cache
    def read(language: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        queries = dataset.queries(language, split)
        places = queries.select("query_id", place=pl.int_range(pl.len(), dtype=pl.Int64))
        return places, dataset.qrels(language)

    for search in searches:
        yield _search_task(search, *read(search.query_lang))


def _search_task(search: Search, queries: pl.DataFrame, qrels: pl.DataFrame) -> SearchTask:
    qrels = qrels.filter(pl.col("passage_lang").is_in(search.passage_langs))
    queries = queries.join(qrels, on="query_id", how="semi", maintain_order="left")
    numbered = queries.select("query_id", query=pl.int_range(pl.len(), dtype=pl.Int64))
    judgements = numbered.join(qrels, on="query_id", maintain_order="left_right")
    return SearchTask(search, queries, judgements)


def search_all(
    tasks: Iterable[SearchTask],
    retriever: Retriever,
    metrics: Sequence[str],
    depth: int | None,
    kept: Mapping[str, int],
) -> Iterator[Outcome]:
    """Search, by groups of queries, so that only a group's hits are in memory.

    Args:
        tasks: the searches; those in one pool should follow each other.
        retriever: what searches.
        metrics: names for `hybench.evaluation.metrics.parse_metric`.
        depth: hits that count, None for the whole ranking.
        kept: hits to keep per query, by setting.
    """
    languages: tuple[str, ...] | None = None
    for task in tasks:
        if not task.queries.height:
            continue
        if languages != task.search.passage_langs:
            languages = task.search.passage_langs
            pool = retriever.pool(languages)
            rows = pool.passages.with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
        judgements = task.judgements.join(
            rows, on=["passage_lang", "passage_id"], maintain_order="left"
        )
        for start in range(0, task.queries.height, QUERIES_AT_ONCE):
            queries = task.queries.slice(start, QUERIES_AT_ONCE)
            end = start + queries.height
            inside = judgements.filter(
                pl.col("query").is_between(start, end, closed="left")
            ).with_columns(pl.col("query") - start)
            group = SearchTask(task.search, queries, inside)
            yield _search_group(group, pool, metrics, depth, kept[task.search.setting])


def _search_group(
    task: SearchTask, pool: SearchPool, metrics: Sequence[str], depth: int | None, kept: int
) -> Outcome:
    wanted = Wanted(task.judgements["query"].to_numpy(), task.judgements["row"].to_numpy())
    places = task.queries["place"].to_numpy()
    whole = depth is None
    hits, ranked = pool.search(
        task.search.query_lang, places, depth or kept, wanted if whole else None
    )
    ranked = ranked or ranks_within(hits, wanted)
    judged = task.judgements.with_columns(
        *task.search.columns(),
        rank=pl.Series(ranked.ranks, dtype=pl.Int32),
        score=pl.Series(ranked.scores, dtype=pl.Float32),
    ).with_columns(pl.when(pl.col("rank") > 0).then(pl.col("rank", "score")))
    rankings = _hit_table(hits, kept, task, pool.passages)
    relevant = judged.filter(pl.col("relevance") > 0)
    values = evaluate_ranks(judged, metrics)
    if task.search.setting == "multi":
        bias = bias_values(rankings, relevant, depth or pool.passages.height)
        values = pl.concat([values, bias.select(values.columns)])
    return Outcome(
        search=task.search,
        queries=task.queries.height,
        pool=pool.passages.height,
        rankings=rankings,
        relevant=relevant,
        values=values.select(*task.search.columns(), "query_id", "metric", "value"),
    )


def _hit_table(hits: Hits, kept: int, task: SearchTask, passages: pl.DataFrame) -> pl.DataFrame:
    """The best `kept` hits as rows of the table of rankings."""
    rows, scores = hits.rows[:, :kept], hits.scores[:, :kept]
    queries, columns = np.nonzero(rows >= 0)
    return passages[rows[queries, columns]].with_columns(
        *task.search.columns(),
        query_id=task.queries["query_id"].gather(queries),
        rank=pl.Series(columns + 1, dtype=pl.Int32),
        score=pl.Series(scores[queries, columns], dtype=pl.Float32),
    )
