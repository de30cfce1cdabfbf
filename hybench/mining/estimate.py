"""The cost of a mining: texts, and time extrapolated from a sample of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from hybench.data.dataset import Dataset
from hybench.evaluation.bm25.baseline import Bm25Options
from hybench.indexes.encoding import TextEncoder, encode_checked
from hybench.indexes.estimate import Clock, timed
from hybench.indexes.exact.keys import Floats, id_order
from hybench.indexes.exact.results import Wanted
from hybench.indexes.exact.search import Part, Pool
from hybench.mining.mine import searched_languages
from hybench.mining.miners import Bm25Miner
from hybench.mining.options import MineOptions
from hybench.mining.pool import LanguagePool, read_pool

SAMPLE = 1000
"""Passages, and as many queries, that are encoded to estimate the time of all."""


@dataclass(frozen=True)
class MineEstimate:
    """The result of `estimate_mining`.

    Attributes:
        languages: of the queries.
        queries: to search for.
        passages: that they are searched in, each counted once.
        seconds: of encoding, indexing and searching; of a teacher, too.
    """

    languages: tuple[str, ...]
    queries: int
    passages: int
    seconds: float


def estimate_mining(
    dataset: Dataset,
    languages: tuple[str, ...],
    options: MineOptions,
    miner: TextEncoder | Bm25Options,
    teacher: TextEncoder | None = None,
    clock: Clock = time.perf_counter,
) -> MineEstimate:
    """Estimate what a mining would take; nothing is written.

    Args:
        dataset: the set.
        languages: of the queries, at least one.
        options: what would be mined.
        miner: the model, or BM25's parameters.
        teacher: that would score the negatives; None for none.
        clock: seconds.

    Raises:
        DataError: a model gives NaN or infinity.
    """
    pools = {code: read_pool(dataset, code, options.passages) for code in languages}
    pairs = {code: dataset.info.counts["pairs"][code] for code in languages}
    queries, passages = sum(pairs.values()), sum(map(len, pools.values()))
    share = min(1.0, SAMPLE / passages)
    samples = {code: _head(pool, share) for code, pool in pools.items()}
    texts = {code: pool.passages["text"].to_list() for code, pool in samples.items()}
    size = sum(map(len, texts.values()))
    first = languages[0]
    asked = dataset.pairs(first)["query"].head(SAMPLE).to_list()
    # Each query meets the passages of the languages that it is searched in.
    meetings = sum(
        pairs[code] * len(pools[other])
        for code in languages
        for other in searched_languages(code, languages, options.negatives)
    )
    if isinstance(miner, Bm25Options):
        starts = {code: place for place, code in enumerate(samples)}
        ranking = Bm25Miner(miner, samples, starts)

        def search() -> object:
            return ranking.search(asked, first, languages, options.depth, Wanted.none())

        begun = clock()
        search()
        built = clock() - begun
        once = timed(search, clock)
        sets = {searched_languages(code, languages, options.negatives) for code in languages}
        indexed = sum(len(pools[code]) for each in sets for code in each)
        seconds = max(0.0, built - once) * indexed / size
    else:
        seconds, vectors = _encoding(miner, texts, first, asked, (passages, queries), clock)
        numbers = pl.Series([str(number) for number in range(size)])
        pool = Pool([Part("sample", vectors[0], id_order(numbers))])
        once = timed(lambda: pool.search(vectors[1], options.depth), clock)
    seconds += once * meetings / (len(asked) * size)
    if teacher is not None:
        scored = queries * (1 + options.count)
        seconds += _encoding(teacher, texts, first, asked, (scored, queries), clock)[0]
    return MineEstimate(languages, queries, passages, seconds)


def _head(pool: LanguagePool, share: float) -> LanguagePool:
    """A share of a pool's passages, at least one."""
    kept = pool.passages.head(max(1, round(share * len(pool))))
    return LanguagePool(pool.language, kept, id_order(kept["passage_id"]))


def _encoding(
    encoder: TextEncoder,
    texts: Mapping[str, Sequence[str]],
    asked_in: str,
    asked: Sequence[str],
    total: tuple[int, int],
    clock: Clock,
) -> tuple[float, tuple[Floats, Floats]]:
    """Seconds to encode so many passages and queries in all, and the vectors of samples of them.

    Args:
        encoder: the model.
        texts: some passages, by language.
        asked_in: language of the queries.
        asked: some queries.
        total: how many passages and queries there are.
        clock: seconds.
    """
    begun = clock()
    parts = [encode_checked(encoder, some, "passage", code) for code, some in texts.items()]
    passages = np.concatenate(parts)
    seconds = (clock() - begun) * total[0] / len(passages)
    begun = clock()
    queries = encode_checked(encoder, asked, "query", asked_in)
    return seconds + (clock() - begun) * total[1] / len(queries), (passages, queries)
