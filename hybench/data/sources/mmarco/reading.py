"""Read mMARCO's files, in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.lines import block_lines, fail_line, read_blocks, read_lines
from hybench.errors import DataError

_GET_AGAIN = "Get the file again: it is not as mMARCO published it."


def passages(path: Path, language: str, progress: ProgressCallback) -> Iterator[pl.DataFrame]:
    """Yield the passages of a language, a frame per block of its file."""
    done = 0
    for number, block in read_blocks(path):
        frame = _texts(path, number, block, "passage_id")
        done += frame.height
        progress(Progress(f"read {language} passages", done, None, "passages"))
        yield frame.with_columns(title=pl.lit(""), source_id=pl.format("p:{}", "passage_id"))


def _texts(path: Path, number: int, block: bytes, key: str) -> pl.DataFrame:
    """Ids and texts of a block of lines."""
    rows = []
    for at, line in block_lines(path, number, block):
        id_, tab, text = line.partition("\t")
        if not tab:
            fail_line(path, at, "is not an id, a tab and a text", _GET_AGAIN)
        rows.append((id_, text.strip()))
    return pl.DataFrame(rows, {key: pl.String, "text": pl.String}, orient="row")


def read_queries(path: Path, wanted: pl.Series | None) -> pl.DataFrame:
    """query_id and text of a file's queries: all, or those that are wanted."""
    frames = []
    for number, block in read_blocks(path):
        frame = _texts(path, number, block, "query_id")
        there = pl.lit(value=True) if wanted is None else pl.col("query_id").is_in(wanted.implode())
        frames.append(frame.filter(there))
    return pl.concat(frames)


def read_qrels(path: Path) -> pl.DataFrame:
    """query_id, passage_id and relevance of the dev judgements."""
    rows = []
    for number, line in read_lines(path):
        columns = line.split()
        if len(columns) != 4 or columns[3] != "1":
            fail_line(path, number, "is not 'query 0 passage 1'", _GET_AGAIN)
        rows.append((columns[0], columns[2], 1))
    schema = {"query_id": pl.String, "passage_id": pl.String, "relevance": pl.Int32}
    return pl.DataFrame(rows, schema, orient="row")


def positives(path: Path, progress: ProgressCallback) -> pl.DataFrame:
    """The distinct queries and relevant passages of the triples, in their order."""
    names = ["query_id", "passage_id", "other"]
    found, done = pl.DataFrame(schema=dict.fromkeys(names[:2], pl.String)), 0
    for number, block in read_blocks(path):
        try:
            rows = pl.read_csv(
                block, separator="\t", has_header=False, new_columns=names, quote_char=None,
                schema_overrides=[pl.String] * 3, encoding="utf8",
            )  # fmt: skip
        except pl.exceptions.PolarsError:
            rows = pl.DataFrame()
        if rows.width != len(names) or rows.null_count().sum_horizontal().item():
            fail_line(path, number, "or one after it is not three ids", _GET_AGAIN)
        found = pl.concat([found, rows.select(names[:2])]).unique(maintain_order=True)
        done += rows.height
        progress(Progress("read triples", done, None, "triples"))
    return found


def drawn(relevant: pl.DataFrame, pairs: int | None) -> pl.DataFrame:
    """The first `pairs` rows by the digests of their queries' ids; None for all, as they are."""
    if pairs is None:
        return relevant
    digest = [sha256(id_.encode()).hexdigest() for id_ in relevant["query_id"]]
    ordered = relevant.with_columns(digest=pl.Series(digest)).sort("digest", maintain_order=True)
    return ordered.head(pairs).drop("digest")


def pairs(
    relevant: pl.DataFrame, queries: pl.DataFrame, passages: pl.DataFrame, path: Path
) -> pl.DataFrame:
    """The training pairs of a language.

    Raises:
        DataError: a query or passage of the triples is not among the language's.
    """
    pairs = (
        relevant.join(queries.rename({"text": "query"}), "query_id", "left", maintain_order="left")
        .join(
            passages.select("passage_id", passage="text"),
            "passage_id",
            "left",
            maintain_order="left",
        )
        .with_columns(
            pair_id=pl.format("{}:{}", "query_id", "passage_id"),
            query_source_id=pl.format("q:{}", "query_id"),
            source_id=pl.format("p:{}", "passage_id"),
        )
    )
    lost = pairs.filter(pl.col("query").is_null() | pl.col("passage").is_null())
    if lost.height:
        raise DataError(
            f"{path}, or its queries, lack passage {lost['passage_id'][0]!r} or query "
            f"{lost['query_id'][0]!r} of the triples.",
            "A file was cut short: get it again.",
        )
    return pairs
