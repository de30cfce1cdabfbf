"""MIRACL's files as the tables of a set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import polars as pl

from hybench.concurrency.prefetch import MOST_THREADS, read_ahead
from hybench.concurrency.processes import cores
from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.lines import (
    CONTROL,
    block_lines,
    fail_line,
    id_of,
    parse_object,
    read_blocks,
    read_lines,
    string_of,
)
from hybench.data.numbers import read_relevance
from hybench.data.schema import TABLES

_PASSAGE = pl.Schema({"docid": pl.String(), "title": pl.String(), "text": pl.String()})
_GET_AGAIN = "Get the file again: it is not as MIRACL published it."


def read_topics(path: Path, language: str, split: str) -> pl.DataFrame:
    """The queries of a split."""
    rows = []
    for number, line in read_lines(path):
        if not line:
            continue
        query_id, tab, text = line.partition("\t")
        if not (tab and query_id and text.strip()):
            fail_line(path, number, "is not an id, a tab and a query", _GET_AGAIN)
        rows.append((query_id, text, f"q:{language}:{query_id}", split))
    return pl.DataFrame(rows, TABLES["queries"], orient="row")


def read_qrels(path: Path, language: str, split: str) -> pl.DataFrame:
    """The judgements of a split, with a column for the split."""
    rows = []
    for number, line in read_lines(path):
        if not line:
            continue
        columns = line.split()
        if len(columns) != 4:
            fail_line(path, number, "is not 'query Q0 passage relevance'", _GET_AGAIN)
        try:
            relevance = read_relevance(columns[3])
        except ValueError as error:
            fail_line(path, number, str(error), _GET_AGAIN)
        rows.append((columns[0], language, columns[2], relevance, split))
    return pl.DataFrame(rows, {**TABLES["qrels"], "split": pl.String()}, orient="row")


def read_corpus(
    language: str, paths: list[Path], progress: ProgressCallback
) -> Iterator[pl.DataFrame]:
    """Yield the passages of a language, one frame per block of its files.

    Several files are unpacked and read at a time.
    """
    task, done = f"read {language} passages", 0
    files = [partial(_file_passages, path) for path in paths]
    with closing(read_ahead(files, min(MOST_THREADS, cores()))) as frames:
        for frame in frames:
            done += frame.height
            progress(Progress(task, done, None, "passages"))
            yield frame


def _file_passages(path: Path) -> Iterator[pl.DataFrame]:
    for number, block in read_blocks(path):
        yield _passages(path, number, block)


def _passages(path: Path, number: int, block: bytes) -> pl.DataFrame:
    """Read a block of JSON lines at once; line by line only to find a fault in it."""
    try:
        frame = pl.read_ndjson(block, schema=_PASSAGE)
        doubtful = pl.col("docid").str.contains(CONTROL.pattern) | pl.any_horizontal(
            pl.all().is_null()
        )
        whole = not frame.select(doubtful.any()).item()
    except (pl.exceptions.PolarsError, ValueError):
        whole = False
    if not whole:
        rows = [
            _read_passage(path, line_number, line)
            for line_number, line in block_lines(path, number, block)
            if line.strip()
        ]
        frame = pl.DataFrame(rows, _PASSAGE, orient="row")
    return frame.rename({"docid": "passage_id"}).with_columns(source_id=pl.col("passage_id"))


def _read_passage(path: Path, number: int, line: str) -> tuple[str, str, str]:
    try:
        record = parse_object(line)
        passage_id = id_of(record, "docid")
        return passage_id, string_of(record, "title", ""), string_of(record, "text")
    except ValueError as error:
        fail_line(path, number, str(error), _GET_AGAIN)
