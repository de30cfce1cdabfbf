"""The passages that negatives are searched in, and what each of them answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hybench.data.dataset import Dataset
from hybench.data.schema import TABLES, passage_text_expression
from hybench.indexes.exact.keys import Orders, id_order
from hybench.negatives.answers import (
    CODES,
    Answers,
    id_code,
    passage_codes,
    query_code,
    read_answers,
    text_code,
)
from hybench.negatives.ragged import Ragged


@dataclass(frozen=True)
class LanguagePool:
    """The passages of one language, each text once.

    Attributes:
        language: its code.
        passages: n rows: passage_id, source_id, text, the digests of `CODES`, and ``row``: its row
            in the set's table of passages, -1 for a passage that only pairs have.
        order: uint32 [n], the places of the passages' ids.
    """

    language: str
    passages: pl.DataFrame
    order: Orders

    def __len__(self) -> int:
        return self.passages.height

    @property
    def codes(self) -> NDArray[np.uint64]:
        """uint64 [n, 3], the digests of the passages."""
        return self.passages.select(CODES).to_numpy()


@dataclass(frozen=True)
class Passages:
    """The passages of all languages, one language after the other.

    Attributes:
        pools: by language.
        starts: the first row of each language among all rows.
        answers: what answers the queries.
        keys: the keys that each passage answers.
        held_out: bool [rows], whether a passage is relevant to a dev or test query, or has the text
            of one, or is its translation.
    """

    pools: Mapping[str, LanguagePool]
    starts: Mapping[str, int]
    answers: Answers
    keys: Ragged
    held_out: NDArray[np.bool_]


def read_passages(dataset: Dataset, languages: Sequence[str], kind: str) -> Passages:
    """Read the passages that negatives of a set can be.

    Args:
        dataset: the set.
        languages: codes of the passages' languages.
        kind: ``corpus`` or ``pairs``: see `MineOptions.passages`.
    """
    pools = {language: read_pool(dataset, language, kind) for language in languages}
    judged, held_out = _judged(dataset)
    answers = read_answers(dataset, judged)
    codes = np.concatenate([pool.codes for pool in pools.values()])
    sizes = [len(pool) for pool in pools.values()]
    starts = dict(zip(pools, np.cumsum([0, *sizes]).tolist(), strict=False))
    tested = np.asarray(np.isin(codes, held_out).any(axis=1), np.bool_)
    return Passages(pools, starts, answers, answers.of_passages(codes), tested)


def read_pool(dataset: Dataset, language: str, kind: str) -> LanguagePool:
    """Read the passages of a language that negatives of a set can be; see `read_passages`."""
    corpus = pl.DataFrame(schema=TABLES["passages"])
    if kind == "corpus":
        corpus = dataset.passages(language)
    frames = [
        corpus.with_row_index("row").select(
            "passage_id",
            "source_id",
            passage_text_expression().alias("text"),
            pl.col("row").cast(pl.Int64),
        ),
        dataset.pairs(language).select(
            "source_id", passage_id="pair_id", text="passage", row=pl.lit(-1, pl.Int64)
        ),
    ]
    columns = ("passage_id", "source_id", "text", "row")
    every = pl.concat(frame.select(columns) for frame in frames)
    once = every.with_columns(passage_codes(language)).unique(
        CODES[2], keep="first", maintain_order=True
    )
    # A pair may have the id of a passage: no two ids are equal here.
    mark = pl.when(pl.col("row") < 0).then(pl.lit("\t")).otherwise(pl.lit(""))
    ids = once.select(pl.concat_str("passage_id", mark)).to_series()
    return LanguagePool(language, once, id_order(ids))


def _judged(dataset: Dataset) -> tuple[list[pl.DataFrame], NDArray[np.uint64]]:
    """What judgements say: answers of training queries, and digests of what others are tested on.

    Returns:
        Frames of key and code (`read_answers`), and digests, uint64.
    """
    answers: list[pl.DataFrame] = []
    tested: list[pl.Series] = []
    relevant = [
        dataset.qrels(language)
        .filter(pl.col("relevance") > 0)
        .join(_queries(dataset, language), on="query_id")
        for language in dataset.table_languages("qrels")
    ]
    every = pl.concat(relevant) if relevant else pl.DataFrame(schema={"passage_lang": pl.String})
    for (language,), rows in every.group_by("passage_lang", maintain_order=True):
        passages = (
            dataset.scan("passages", str(language))
            .join(rows.select("passage_id").unique().lazy(), on="passage_id", how="semi")
            .select("passage_id", "source_id", text=passage_text_expression())
            .collect()
            .with_columns(passage_codes(str(language)))
        )
        found = rows.join(passages, on="passage_id")
        training = found.filter(pl.col("split") == "train")
        answers += [
            training.select(key=key, code=code) for key in ("source", "named", "query")
            for code in CODES
        ]  # fmt: skip
        tested += [found.filter(pl.col("split") != "train")[code] for code in CODES]
    codes = [each.to_numpy() for each in tested]
    return answers, np.unique(np.concatenate([np.empty(0, np.uint64), *codes]))


def _queries(dataset: Dataset, language: str) -> pl.DataFrame:
    """Queries with their split, and the digests by which pairs may name them."""
    named = pl.format("q:{}:{}", pl.lit(language), "query_id")
    return dataset.queries(language).select(
        "query_id",
        "split",
        source=id_code("source_id"),
        named=named.hash(0),
        query=query_code("text"),
    )


def positives(
    dataset: Dataset, languages: Sequence[str], pools: Mapping[str, LanguagePool]
) -> pl.DataFrame:
    """The rows of the pairs' passages: pair_id, language and place (in its language's pool)."""
    frames = []
    for language in languages:
        pairs = dataset.pairs(language).select("pair_id", code=text_code("passage"))
        place = pools[language].passages.select(code=CODES[2]).with_row_index("place")
        rows = pairs.join(place, on="code", maintain_order="left")
        frames.append(
            rows.select(
                "pair_id", pl.lit(language).alias("language"), pl.col("place").cast(pl.Int64)
            )
        )
    return pl.concat(frames)
