"""Parallel sentences as the tables of a set: training pairs, and bitext retrieval.

The sentences of a language are a frame with these columns, in the order of the source; all
languages have the same rows, and ``text`` is null where a language lacks the sentence:

- ``key``: the sentence's id, the same in its translations;
- ``source_id``: likewise, in the namespace of `hybench.data.schema.TABLES`;
- ``document`` and ``place``: a whole number that differs between neighbouring documents, and the
  sentence's place in its document, from 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from hybench.data.schema import TABLES
from hybench.data.writer import DatasetWriter

BITEXT_METRICS = ("R@1", "R@10")
"""R@1 is what MTEB's bitext mining calls accuracy: the share of sentences whose nearest neighbour
among the sentences of the other language is their translation."""


def next_sentences(sentences: pl.DataFrame, stride: int) -> pl.DataFrame:
    """Pairs of a sentence and the next one in its document: the query and the passage.

    With a stride of 2 no sentence is query in one pair and passage in another. With a stride of 1
    some are: both name their source in one namespace, so that the sampler keeps such pairs out of
    one batch.

    Args:
        sentences: of one language, see above.
        stride: step from one pair to the next, in sentences.
    """
    follows = pl.col("document") == pl.col("document").shift(-1)
    following = pl.col("source_id").shift(-1), pl.col("text").shift(-1).alias("passage")
    pairs = sentences.select(
        pair_id="key",
        query_source_id="source_id",
        source_id=following[0],
        query="text",
        passage=following[1],
        chosen=follows & (pl.col("place") % stride == 0),
    )
    there = pl.col("query").is_not_null() & pl.col("passage").is_not_null()
    return pairs.filter(pl.col("chosen") & there).select(*TABLES["pairs"])


def overlapping(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The frames, each with the last row of the one before it: no pair is lost between them."""
    last: pl.DataFrame | None = None
    for frame in frames:
        yield frame if last is None else pl.concat([last, frame])
        last = frame.tail(1) if frame.height or last is None else last


def same_sentences(sentences: pl.DataFrame) -> pl.DataFrame:
    """Pairs of a sentence and itself: across languages, of a sentence and its translation.

    Args:
        sentences: of one language, see above.
    """
    text = pl.col("text")
    return sentences.filter(text.is_not_null()).select(
        "source_id", pair_id="key", query_source_id="source_id", query=text, passage=text
    )


def write_bitext(writer: DatasetWriter, sentences: Mapping[str, pl.DataFrame]) -> None:
    """Write sentences as queries and passages: what answers one is its translations.

    In its own language a sentence is not judged: it would find itself.

    Args:
        writer: of the set.
        sentences: by language; columns key, source_id, text and split.
    """
    there = {code: rows.filter(pl.col("text").is_not_null()) for code, rows in sentences.items()}
    for language, own in there.items():
        key = pl.col("key")
        passages = own.select("text", "source_id", passage_id=key, title=pl.lit(""))
        queries = own.select("text", "source_id", "split", query_id=key)
        judged = [
            own.select(query_id=key, passage_lang=pl.lit(code), passage_id=key)
            .filter(pl.col("query_id").is_in(others["key"].implode()))
            .with_columns(relevance=pl.lit(1, pl.Int32))
            for code, others in there.items()
            if code != language
        ]
        writer.write("passages", language, passages)
        writer.write("queries", language, queries)
        writer.write("qrels", language, judged)
