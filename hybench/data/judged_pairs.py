"""Training pairs from judgements: a query of the train split and each of its relevant passages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from hybench.data.schema import TABLES, passage_text_expression


class KeptPassages:
    """Passages that training needs, collected while a corpus is streamed.

    Args:
        wanted: the ids of these passages, strings.
    """

    def __init__(self, wanted: pl.Series) -> None:
        self._wanted = wanted
        self.frame = pl.DataFrame(schema=TABLES["passages"])
        """The collected passages; complete once `passing` is exhausted."""

    def passing(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Yield the frames of passages unchanged, and collect the wanted passages."""
        kept = [self.frame]
        for frame in frames:
            found = frame.filter(pl.col("passage_id").is_in(self._wanted.implode()))
            if found.height:
                kept.append(_copied(found.select(*TABLES["passages"])))
            yield frame
        self.frame = pl.concat(kept)


def _copied(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in memory of their own: filtered ones would keep all the texts they came from."""
    return pl.DataFrame(frame.to_dict(as_series=False), frame.schema)


def judged_pairs(
    language: str, relevant: pl.DataFrame, queries: pl.DataFrame, passages: pl.DataFrame
) -> pl.DataFrame:
    """The table of pairs of a language: every query with each of its relevant passages.

    Args:
        language: the code of the queries and passages.
        relevant: columns query_id and passage_id.
        queries: the table of queries.
        passages: a table of passages that has at least those of `relevant`.
    """
    code = pl.lit(language)
    query, passage = pl.col("query_id"), pl.col("passage_id")
    texts = passages.select("passage_id", passage=passage_text_expression())
    return (
        relevant.join(queries.select("query_id", query="text"), on="query_id", how="left")
        .join(texts, on="passage_id", how="left", maintain_order="left")
        .select(
            "query",
            "passage",
            pair_id=pl.concat_str(code, query, passage, separator=":"),
            query_source_id=pl.concat_str(pl.lit("q"), code, query, separator=":"),
            source_id=pl.concat_str(code, passage, separator=":"),
        )
    )
