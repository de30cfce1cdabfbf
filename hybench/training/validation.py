"""Scores on dev queries during training, which choose the checkpoint, the same for every arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression
from hybench.encoders.encoder import Encoder
from hybench.encoders.token_cache import cached_tokens
from hybench.encoders.tokens import Tokens
from hybench.sampling import generator

METRIC = "nDCG@10"

_MOST_QUERIES = 200
_MOST_OTHERS = 1000
"""A language's validation pool has the judged passages and up to this many others."""

_RANDOM_PAIRS = 512

Scores = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Validation:
    """The result of one validation on one set.

    Attributes:
        scores: nDCG@10 by setting and query language, NaN for a language without judged queries.
        cosine: mean cosine of 512 random pairs of different passages, the same pairs every time;
            near 1 the encoder has collapsed. NaN if there is only one passage.
    """

    scores: Scores
    cosine: float


@dataclass(frozen=True)
class _Pool:
    """One language of a validation set; passages in its rows, judgements by row."""

    queries: Tokens
    passages: Tokens
    query_ids: tuple[str, ...]
    rows: dict[str, int]


@dataclass(frozen=True)
class ValidationSet:
    """Dev queries of one data set with a fixed sample of its passages, tokenised.

    Attributes:
        name: the data set's name.
        pools: by language.
        judged: relevant passages by query language, a list per query of (passage language, row).
        settings: which of mono and multi are scored; of a set that has neither, cross.
    """

    name: str
    pools: dict[str, _Pool]
    judged: dict[str, list[list[tuple[str, int]]]]
    settings: tuple[str, ...]


def validation_set(
    dataset: Dataset,
    encoder: Encoder,
    languages: Sequence[str] = (),
    split: str = "dev",
    cache: Path | None = None,
) -> ValidationSet:
    """Read and tokenise the dev queries of a set and their pools.

    Args:
        dataset: a set with a dev split.
        encoder: tokenises; its weights are not used here.
        languages: validate on these; empty for all.
        split: the split of the queries.
        cache: see `cached_tokens`.
    """
    chosen = [
        language
        for language in sorted(dataset.info.counts["splits"][split])
        if (not languages or language in languages)
        and language in dataset.table_languages("passages")
    ]
    queries = {
        language: dataset.queries(language, split).sort("query_id").head(_MOST_QUERIES)
        for language in chosen
    }
    relevant = pl.concat(
        dataset.qrels(language)
        .filter(pl.col("relevance") > 0, pl.col("passage_lang").is_in(chosen))
        .join(queries[language].select("query_id"), on="query_id", how="semi")
        .with_columns(query_lang=pl.lit(language))
        for language in chosen
    )
    pools = {
        language: _pool(
            dataset,
            encoder,
            language,
            queries[language],
            relevant.filter(pl.col("passage_lang") == language)["passage_id"],
            cache,
        )
        for language in chosen
    }
    judged: dict[str, list[list[tuple[str, int]]]] = {}
    for language in chosen:
        by_query: dict[str, list[tuple[str, int]]] = {}
        rows = relevant.filter(pl.col("query_lang") == language)
        for query_id, passage_lang, passage_id in rows.select(
            "query_id", "passage_lang", "passage_id"
        ).iter_rows():
            row = pools[passage_lang].rows[passage_id]
            by_query.setdefault(query_id, []).append((passage_lang, row))
        judged[language] = [by_query.get(item, []) for item in pools[language].query_ids]
    of = dataset.info.settings
    settings: tuple[str, ...] = tuple(item for item in ("mono", "multi") if item in of)
    if not settings and "cross" in of:
        settings = ("cross",)  # translations to be found, as in bitext retrieval
    return ValidationSet(dataset.name, pools, judged, settings)


def _pool(
    dataset: Dataset,
    encoder: Encoder,
    language: str,
    queries: pl.DataFrame,
    needed: pl.Series,
    cache: Path | None,
) -> _Pool:
    ids = dataset.scan("passages", language).select("passage_id").with_row_index("row").collect()
    is_needed = ids["passage_id"].is_in(needed.implode()).to_numpy()
    others = np.flatnonzero(~is_needed)
    # The sample depends only on the set, so that all arms are measured on the same passages.
    random = generator(0, "validation", language)
    others = random.choice(others, size=min(_MOST_OTHERS, len(others)), replace=False)
    rows = np.sort(np.concatenate([np.flatnonzero(is_needed), others]))
    passages = (
        dataset.scan("passages", language)
        .with_row_index("row")
        .filter(pl.col("row").is_in(rows.tolist()))
        .select("row", "passage_id", passage=passage_text_expression())
        .collect()
        .sort("row")
    )
    return _Pool(
        cached_tokens(encoder, queries["text"].to_list(), "query", cache),
        cached_tokens(encoder, passages["passage"].to_list(), "passage", cache),
        tuple(queries["query_id"]),
        {passage_id: row for row, passage_id in enumerate(passages["passage_id"])},
    )


def validate(encoder: Encoder, held_out: ValidationSet) -> Validation:
    """Score an encoder on the validation pools."""
    queries = {lang: encoder.encode_tokens(pool.queries) for lang, pool in held_out.pools.items()}
    passages = {lang: encoder.encode_tokens(pool.passages) for lang, pool in held_out.pools.items()}
    everything = np.concatenate(list(passages.values()))
    sizes = [len(vectors) for vectors in passages.values()]
    starts = dict(zip(passages, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
    scores: Scores = {setting: {} for setting in held_out.settings}
    for language, judged in held_out.judged.items():
        by_pool = {
            pool: _mean_ndcg(
                queries[language],
                passages[pool],
                [[row for lang, row in items if lang == pool] for items in judged],
            )
            for pool in held_out.pools
            if ("mono" if pool == language else "cross") in scores
        }
        if "mono" in scores:
            scores["mono"][language] = by_pool.pop(language)
        if "cross" in scores:
            known = [value for value in by_pool.values() if not np.isnan(value)]
            scores["cross"][language] = float(np.mean(known)) if known else float("nan")
        if "multi" in scores:
            pooled = [[starts[lang] + row for lang, row in items] for items in judged]
            scores["multi"][language] = _mean_ndcg(queries[language], everything, pooled)
    return Validation(scores, _mean_cosine(everything))


def _mean_cosine(vectors: NDArray[np.float32]) -> float:
    """Mean cosine of random pairs of different rows of float32 [n, d], L2-normalised."""
    if len(vectors) < 2:
        return float("nan")
    random = generator(0, "mean-cosine")
    rows = random.integers(len(vectors), size=_RANDOM_PAIRS)
    others = (rows + random.integers(1, len(vectors), size=_RANDOM_PAIRS)) % len(vectors)
    return float((vectors[rows] * vectors[others]).sum(1).mean())


def _mean_ndcg(
    queries: NDArray[np.float32], passages: NDArray[np.float32], relevant: list[list[int]]
) -> float:
    """Mean nDCG@10 with binary relevance; ties count against the relevant passage.

    Queries without a relevant passage in the pool are omitted.
    """
    scores = queries @ passages.T
    values = []
    for row, rows in enumerate(relevant):
        if not rows:
            continue
        own = scores[row, rows]
        # Ties with passages that are not relevant are lost: a collapsed model must not look good.
        better = (scores[row][None, :] >= own[:, None]).sum(1) - (own[None, :] >= own[:, None]).sum(
            1
        )
        ranks = 1 + better + np.argsort(np.argsort(-own, kind="stable"), kind="stable")
        gained = (1 / np.log2(ranks[ranks <= 10] + 1)).sum()
        ideal = (1 / np.log2(np.arange(2, 2 + min(10, len(rows))))).sum()
        values.append(gained / ideal)
    return float(np.mean(values)) if values else float("nan")


def selection_score(scores: Sequence[Scores]) -> float:
    """The score that chooses the checkpoint.

    The mean over languages, then over settings, then over validation sets.
    """
    means = [
        float(np.mean([np.nanmean(list(by_language.values())) for by_language in item.values()]))
        for item in scores
    ]
    return float(np.mean(means))


def language_scores(scores: Sequence[Scores]) -> dict[str, float]:
    """The mean over validation sets and settings of each query language that has scores."""
    values: dict[str, list[float]] = {}
    for by_language in (by_language for item in scores for by_language in item.values()):
        for language, value in by_language.items():
            if not np.isnan(value):
                values.setdefault(language, []).append(value)
    return {language: float(np.mean(each)) for language, each in values.items()}
