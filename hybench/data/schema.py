"""The tables of a prepared data set.

A set is a folder ``data/<set>/`` with one Parquet file per table and language and
``dataset.json``, written last: a folder without it is not a data set.
"""

from __future__ import annotations

from typing import Literal, get_args

import polars as pl

from hybench.files.tables import Schema

Setting = Literal["mono", "cross", "multi"]
SETTINGS: tuple[str, ...] = get_args(Setting)

SPLITS = ("train", "dev", "test")

SPLIT_NAMES = {
    **{split: split for split in SPLITS},
    **dict.fromkeys(("validation", "valid", "val"), "dev"),
}
"""What upstream calls a split, and its name here."""

TABLES: dict[str, Schema] = {
    "passages": {
        "passage_id": pl.String(),
        "title": pl.String(),
        "text": pl.String(),
        "source_id": pl.String(),
    },
    "queries": {
        "query_id": pl.String(),
        "text": pl.String(),
        "source_id": pl.String(),
        "split": pl.String(),
    },
    "qrels": {
        "query_id": pl.String(),
        "passage_lang": pl.String(),
        "passage_id": pl.String(),
        "relevance": pl.Int32(),
    },
    "pairs": {
        "pair_id": pl.String(),
        "query_source_id": pl.String(),
        "source_id": pl.String(),
        "query": pl.String(),
        "passage": pl.String(),
    },
}
"""Column types of each table; a file holds the rows of one language.

- ``passages``: the whole pool of the language, for every split. ``source_id`` is the same for
  translations of one passage, else the passage_id.
- ``queries``: ``source_id`` is the same for translations of one query; ``split`` is train, dev or
  test.
- ``qrels``: by the query's language; all judged rows, relevance 0 included.
- ``pairs``: training only. ``pair_id`` is the same in all languages; ``query_source_id`` and
  ``source_id`` name the query and the passage independent of language, in one namespace: two
  pairs that share either, or a text, are never in one batch. ``passage`` is title and text
  together.
"""


def passage_text(title: str, text: str) -> str:
    """The text of a passage that an encoder reads: title and text."""
    return f"{title} {text}" if title else text


def passage_text_expression() -> pl.Expr:
    """`passage_text` as a Polars expression over the columns title and text."""
    joined = pl.concat_str(pl.col("title"), pl.lit(" "), pl.col("text"))
    return pl.when(pl.col("title") == "").then(pl.col("text")).otherwise(joined)


def judged_settings(judgements: pl.DataFrame) -> tuple[str, ...]:
    """The `SETTINGS` with relevant passages; multi if a query has some in several languages.

    Args:
        judgements: columns query_lang, query_id, passage_lang and relevance.
    """
    relevant = judgements.filter(pl.col("relevance") > 0)
    own = relevant["query_lang"] == relevant["passage_lang"]
    several = relevant.group_by("query_lang", "query_id").agg(pl.col("passage_lang").n_unique())
    there = {
        "mono": own.any(),
        "cross": not own.all(),
        "multi": (several["passage_lang"] > 1).any(),
    }
    return tuple(setting for setting in SETTINGS if there[setting])
