"""Estimates an evaluation: its searches and bytes, and its time from a sample."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.evaluation.bm25.baseline import Bm25Options, check_parameters
from hybench.evaluation.bm25.postings import build_postings, search_postings
from hybench.evaluation.bm25.tokens import tokeniser
from hybench.evaluation.retrieval import queries_at_once
from hybench.evaluation.scope import EvalOptions, Scope
from hybench.evaluation.settings import Search
from hybench.indexes.approximate.graph import Graph
from hybench.indexes.encoding import TextEncoder, encode_checked
from hybench.indexes.estimate import Clock, estimate_index, sample_texts, timed
from hybench.indexes.exact.keys import Floats
from hybench.indexes.exact.results import Wanted
from hybench.indexes.exact.search import Part, Pool
from hybench.runs.run import Run

WORDS_SAMPLE = 20_000
"""Passages that BM25 indexes to estimate the time of all."""

_RANKING_BYTES = 8
_VALUE_BYTES = 1
"""Bytes of a row of the tables of rankings and of values, compressed."""


@dataclass(frozen=True)
class EvalEstimate:
    """The result of `estimate_evaluation` or `estimate_bm25`.

    Attributes:
        passages: to encode first; for BM25 to index, counted once per pool.
        current: passages whose vectors are up to date.
        queries: to encode, or to split into words.
        languages: of the queries.
        settings: of mono, cross, multi.
        searches: queries, counted once per search.
        disk_bytes: of the files to write: vectors, graphs, rankings, values.
        seconds: of indexing, encoding and searching; tables are written in parallel.
    """

    passages: int
    current: int
    queries: int
    languages: int
    settings: tuple[str, ...]
    searches: int
    disk_bytes: int
    seconds: float


def estimate_evaluation(
    run: Run,
    dataset: Dataset,
    encoder: TextEncoder,
    options: EvalOptions | None = None,
    progress: ProgressCallback = ignore,
    clock: Clock = time.perf_counter,
) -> EvalEstimate:
    """Estimate `hybench.evaluation.evaluate.evaluate`; nothing is written.

    Raises:
        UsageError: a split, setting or language is not in the set, or no query is judged.
        StateError: the run has no model, or an index that is up to date is damaged.
        DataError: the model gives vectors with NaN or infinity.
    """
    options = options or EvalOptions()
    load = _Load(dataset, Scope.of(dataset, options))
    index = estimate_index(run, dataset, encoder, load.scope.indexing, progress, clock)
    texts = load.query_texts(max(load.hits.values()) if options.ann else load.hits_of_a_language)
    begun = clock()
    # Where the language matters, texts of all take as long as texts of one.
    queries = encode_checked(encoder, texts, "query", load.scope.languages[0])
    seconds = index.seconds + (clock() - begun) * sum(load.queries.values()) / len(texts)
    if options.ann:
        seconds += _graph_seconds(load, queries, index.sample, clock)
    else:
        seconds += _exact_seconds(load, queries, index.sample, options.device, clock)
    return load.estimate(index.passages, index.current, index.disk_bytes, seconds)


def estimate_bm25(
    runs: Path,
    dataset: Dataset,
    options: Bm25Options | None = None,
    progress: ProgressCallback = ignore,
    clock: Clock = time.perf_counter,
) -> EvalEstimate:
    """Estimate `hybench.evaluation.bm25.baseline.evaluate_bm25`; nothing is written.

    Raises:
        UsageError: a split, setting or language is not in the set, or no query is judged.
        StateError: a run of that name has other parameters.
    """
    options = options or Bm25Options()
    check_parameters(Run(runs / options.name), options)
    load = _Load(dataset, Scope.of(dataset, options.evaluation))
    pools = {search.passage_langs: load.pools[number] for number, search in load.used.items()}
    texts = sample_texts(dataset, sorted(set().union(*pools)), WORDS_SAMPLE)
    passages = sum(pools.values())
    _, few = _word_seconds(load, options, texts[::2], progress, clock)
    indexing, many = _word_seconds(load, options, texts, progress, clock)
    # A search has a part that grows with its pool, and one that does not.
    growth = max(0.0, many - few) / max(1, len(texts) // 2)
    fixed = max(0.0, many - growth * len(texts))
    seconds = indexing * passages / len(texts)
    seconds += sum(load.asked[one] * (fixed + growth * load.pools[one]) for one in load.used)
    return load.estimate(passages, 0, 0, seconds)


@dataclass(frozen=True)
class _Load:
    """The work of an evaluation; "by number" means by the number of the plan's search."""

    dataset: Dataset
    scope: Scope

    @cached_property
    def used(self) -> dict[int, Search]:
        """The searches in which any query counts, by number."""
        return {number: self.scope.plan.searches[number] for number in self.scope.plan.used}

    @cached_property
    def asked(self) -> dict[int, int]:
        """Queries that count, by number."""
        counts = self.scope.plan.judged.group_by("search").agg(pl.col("query").n_unique())
        return dict(counts.iter_rows())

    @cached_property
    def pools(self) -> dict[int, int]:
        """Passages, by number."""
        sizes = self.dataset.info.counts["passages"]
        return {
            number: sum(sizes[language] for language in search.passage_langs)
            for number, search in self.used.items()
        }

    @cached_property
    def hits(self) -> dict[int, int]:
        """Hits per query, by number."""
        hits = self.scope.depths.hits
        return {number: hits[search.setting] for number, search in self.used.items()}

    @cached_property
    def queries(self) -> dict[str, int]:
        """The split's queries, by language, whether they count or not."""
        sizes = self.dataset.info.counts["splits"][self.scope.split]
        return {search.query_lang: sizes[search.query_lang] for search in self.used.values()}

    @property
    def largest(self) -> str:
        """The language with the most queries."""
        return max(self.queries, key=self.queries.__getitem__)

    @property
    def hits_of_a_language(self) -> int:
        """Hits of a query in all its searches."""
        own = (one for one, search in self.used.items() if search.query_lang == self.largest)
        return sum(self.hits[one] for one in own)

    def query_texts(self, hits: int) -> list[str]:
        """The texts of one batch of queries with this many hits each; at most all."""
        queries = self.dataset.queries(self.largest, self.scope.split)
        return queries["text"].head(queries_at_once(hits)).to_list()

    def wanted(self, queries: int, rows: int) -> Wanted | None:
        """Rows to rank in a part of a pool, as many per query as are judged; None without ranks."""
        if not self.scope.depths.ranks:
            return None
        judged = self.scope.plan.judged.select("query", "passage_lang", "passage_id").unique()
        each = round(judged.height / judged["query"].n_unique())
        at = np.repeat(np.arange(queries), each)
        return Wanted(at, np.arange(len(at)) % rows)

    def estimate(
        self, passages: int, current: int, disk_bytes: int, seconds: float
    ) -> EvalEstimate:
        """The estimate, given the work of indexing and the seconds of everything."""
        kept = (min(self.scope.kept[self.used[one].setting], self.pools[one]) for one in self.used)
        rows = sum(self.asked[one] * hits for one, hits in zip(self.used, kept, strict=True))
        values = self.scope.plan.total * len(self.scope.metrics)
        return EvalEstimate(
            passages=passages,
            current=current,
            queries=sum(self.queries.values()),
            languages=len(self.queries),
            settings=self.scope.settings,
            searches=self.scope.plan.total,
            disk_bytes=disk_bytes + rows * _RANKING_BYTES + values * _VALUE_BYTES,
            seconds=seconds,
        )


def _exact_seconds(
    load: _Load, queries: Floats, sample: Floats, device: str, clock: Clock
) -> float:
    """Seconds of products, once per query and passage, and of hits in every search."""
    pool = Pool([_part(sample)], device)
    wanted = load.wanted(len(queries), len(sample))
    search = partial(pool.search_parts, queries, [0], wanted=wanted)
    products = timed(search, clock) / len(queries)
    hits = {
        k: max(0.0, timed(partial(search, k=k), clock) / len(queries) - products)
        for k in set(load.hits.values())
    }
    seconds = sum(load.asked[one] * hits[load.hits[one]] for one in load.used)
    sizes = load.dataset.info.counts["passages"]
    for language in load.queries:
        own = [one for one, search in load.used.items() if search.query_lang == language]
        met = {passage_lang for one in own for passage_lang in load.used[one].passage_langs}
        asked = load.scope.plan.of(own).judged["query"].n_unique()
        seconds += asked * products * sum(sizes[each] for each in met) / len(sample)
    return seconds


def _graph_seconds(load: _Load, queries: Floats, sample: Floats, clock: Clock) -> float:
    """Seconds of querying the graphs of every search; they grow with log(graph size)."""
    graph = Graph.build(sample, load.scope.indexing.graph)
    order = _part(sample).order
    lookups = {
        k: timed(partial(graph.search, queries, k, sample, order), clock) / len(queries)
        for k in set(load.hits.values())
    }
    sizes = load.dataset.info.counts["passages"]
    return sum(
        load.asked[one]
        * lookups[load.hits[one]]
        * sum(math.log(sizes[each] + 1) for each in search.passage_langs)
        / math.log(len(sample) + 1)
        for one, search in load.used.items()
    )


def _word_seconds(
    load: _Load,
    options: Bm25Options,
    texts: list[str],
    progress: ProgressCallback,
    clock: Clock,
) -> tuple[float, float]:
    """Seconds of indexing texts with BM25, and of searching them with a query."""

    def tell(done: int) -> None:
        progress(Progress("index a sample", done, len(texts), "passages"))

    tokenise = tokeniser(options.tokens)
    passages = pl.Series(texts, dtype=pl.String)
    begun = clock()
    postings = build_postings(passages, tokenise, options.k1, options.b, tell)
    indexing = clock() - begun
    k = max(load.hits.values())
    queries = [*map(tokenise, load.query_texts(k))]
    order = np.arange(len(texts), dtype=np.uint32)
    wanted = load.wanted(len(queries), len(texts))
    search = partial(search_postings, postings, order, queries, k, wanted)
    return indexing, timed(search, clock) / len(queries)


def _part(sample: Floats) -> Part:
    return Part("", sample, np.arange(len(sample), dtype=np.uint32))
