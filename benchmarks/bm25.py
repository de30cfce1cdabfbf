"""BM25 search compared with bm25s: `python -m benchmarks.bm25`."""

from __future__ import annotations

import hashlib
import os
import time
from typing import Any

from benchmarks.harness import Check, Options, Report, Side, Timing, Work, main, measure, speedup
from benchmarks.text import texts

K = 1000
K1, B = 0.9, 0.4
CHECKED = 100
"""Queries whose hits are compared with sorting all passages."""

NOTES = (
    "Words have the frequencies of Zipf's law, in queries as in passages.",
    "hybench goes from texts to hits in trec_eval's order, in one thread;",
    "bm25s from numbers of tokens to hits, in a thread per core.",
    "First query: the imports, and the first answer once the index is there. Index: from texts.",
    f"Compared are the bits of all scores and, for {CHECKED} queries, the passages with those that",
    "sorting all scores of bm25s gives.",
)


def corpus(passages: int) -> list[str]:
    """Passages of about 80 words."""
    return list(texts(passages, 80, seed=0))


def questions(count: int) -> list[str]:
    """Queries of 5 to 12 words from the passages' distribution."""
    drawn = texts(count, 60, seed=1)
    return [" ".join(text.split()[: 5 + number % 8]) for number, text in enumerate(drawn)]


def digest(array: Any) -> str:
    """Sha256 of an array's bytes."""
    return hashlib.sha256(array.tobytes()).hexdigest()


def hybench_side(passages: int, queries: int) -> Work:
    """Texts of queries to hits in trec_eval's order."""
    begun = time.perf_counter()
    import numpy as np
    import polars as pl

    from hybench.evaluation.bm25.postings import build_postings, search_postings
    from hybench.evaluation.bm25.tokens import auto_tokens
    from hybench.indexes.exact.keys import id_order

    imported = time.perf_counter() - begun
    asked, found = questions(queries), pl.Series(corpus(passages))
    begun = time.perf_counter()
    postings = build_postings(found, auto_tokens, K1, B, lambda _: None)
    indexed = time.perf_counter() - begun
    order = id_order(pl.Series([str(row) for row in range(passages)]))
    begun = time.perf_counter()
    search_postings(postings, order, [auto_tokens(asked[0])], K)
    first = imported + time.perf_counter() - begun

    def work() -> dict[str, Any]:
        tokens = [auto_tokens(text) for text in asked]
        hits, _ = search_postings(postings, order, tokens, K)
        return {
            "scores": digest(np.nan_to_num(hits.scores)),
            "rows": digest(hits.rows[:CHECKED]),
            "index": indexed,
            "first": first,
        }

    return work


def bm25s_side(backend: str, passages: int, queries: int) -> Work:
    """Numbers of queries' tokens to hits, without reading the texts."""
    begun = time.perf_counter()
    import bm25s

    imported = time.perf_counter() - begun
    asked, found = questions(queries), corpus(passages)
    begun = time.perf_counter()
    tokenized = bm25s.tokenize(found, stopwords=None, show_progress=False)
    index = bm25s.BM25(k1=K1, b=B, method="lucene", backend=backend)
    index.index(tokenized, show_progress=False)
    indexed = time.perf_counter() - begun
    numbers = tokenized.vocab
    tokens = [[numbers[word] for word in text.split() if word in numbers] for text in asked]

    def search(group: list[list[int]]) -> Any:
        return index.retrieve(group, k=K, n_threads=os.cpu_count() or 1, show_progress=False)

    begun = time.perf_counter()
    search(tokens[:1])
    first = imported + time.perf_counter() - begun
    rows = digest(_all_sorted(index, tokens[:CHECKED]))

    def work() -> dict[str, Any]:
        scores = digest(search(tokens).scores)
        return {"scores": scores, "rows": rows, "index": indexed, "first": first}

    return work


def _all_sorted(index: Any, tokens: list[list[int]]) -> Any:
    """int64 [queries, K]: the best rows by all of bm25s' scores, ties by id; -1 if it is 0."""
    import numpy as np

    best = []
    for query in tokens:
        scores = index.get_scores_from_ids(query)
        ids = np.array([str(row) for row in range(len(scores))])
        rows = np.lexsort([ids, scores])[::-1][:K]
        best.append(np.where(scores[rows] > 0, rows, -1))
    return np.array(best, np.int64)


def benchmark(options: Options) -> Report:
    """Search the same passages with the same queries."""
    passages, queries = (5_000, 100) if options.quick else (100_000, 2_000)
    sizes = (passages, queries)
    sides = [
        Side("hybench", hybench_side, sizes),
        Side("bm25s, numba", bm25s_side, ("numba", *sizes)),
        Side("bm25s, numpy", bm25s_side, ("numpy", *sizes), rounds=2),
    ]
    timings = measure(sides, options.rounds)
    return Report(
        title=f"BM25: {queries:,} queries of 5 to 12 words in {passages:,} passages, k = {K:,}",
        timings=timings,
        checks=[
            speedup(timings, "hybench", "bm25s, numba", 1.0, "search"),
            _same(timings, "scores"),
            _same(timings, "rows"),
        ],
        unit="queries",
        amount=queries,
        notes=NOTES,
        columns={
            name: {
                "first query s": f"{timing.result['first']:.2f}",
                "index s": f"{timing.result['index']:.1f}",
            }
            for name, timing in timings.items()
        },
    )


def _same(timings: dict[str, Timing], what: str) -> Check:
    """Whether all sides returned the same."""
    different = len({timing.result[what] for timing in timings.values()})
    return Check(f"different {what} among the sides", different, "≤", 1)


if __name__ == "__main__":
    main("bm25", benchmark, packages=("bm25s", "numba"))
