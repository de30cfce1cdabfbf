"""Reads runs and judgements in TREC's formats, and evaluates runs while reading.

Columns are separated by white space as in C: blank, tab, line ends. A block of lines with one
blank, or one tab, between columns is read by Polars; any other line by line, which accepts the same
input and reports the line of an error. Numbers are decimal and ASCII, see `hybench.data.numbers`; a
score may be infinite, and is never NaN.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from hybench.concurrency.prefetch import prefetched
from hybench.data.lines import read_blocks
from hybench.data.numbers import read_number, read_relevance
from hybench.errors import DataError
from hybench.metrics.measure import parse_metric
from hybench.metrics.ranks import PAIR
from hybench.metrics.scoring import evaluate_hits, evaluate_run
from hybench.wording.amounts import counted

Block = tuple[int, bytes]
"""The number of the first line, and whole lines."""

_CACHED = 2**18
"""Bytes checked at a time, which fit a core's cache."""


@dataclass(frozen=True)
class _Format:
    """The columns of a format.

    Attributes:
        columns: of a line.
        value: the column that is read in addition to the ids.
        dtype: of that column.
        parse: converts it, or raises ValueError.
    """

    columns: tuple[str, ...]
    value: str
    dtype: pl.DataType
    parse: Callable[[str], float]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        return {"query_id": pl.String(), "passage_id": pl.String(), self.value: self.dtype}


_RUN = _Format(
    ("query_id", "iteration", "passage_id", "rank", "score", "tag"),
    "score",
    pl.Float64(),
    read_number,
)
_QRELS = _Format(
    ("query_id", "iteration", "passage_id", "relevance"), "relevance", pl.Int32(), read_relevance
)


def _single_white(block: bytes) -> int | None:
    """Number of blanks and control characters, None if two are adjacent."""
    text = np.frombuffer(block, np.uint8)
    count = 0
    for start in range(0, len(text), _CACHED):
        white = text[start : start + _CACHED + 1] <= ord(" ")
        if (white[1:] & white[:-1]).any():
            return None
        count += int(np.count_nonzero(white[:_CACHED]))
    return count


def _read_regular(block: bytes, form: _Format) -> pl.DataFrame | None:
    """The rows of a block, or None if its lines are not regular enough for Polars."""
    end = block.find(b"\n")
    if block[:end].endswith(b"\r"):
        block = block.replace(b"\r\n", b"\n")
    if not block.endswith(b"\n"):
        block += b"\n"
    white = _single_white(block)
    if white is None or block.startswith(codecs.BOM_UTF8):
        return None
    try:
        rows = pl.read_csv(
            block,
            has_header=False,
            separator="\t" if b"\t" in block[:end] else " ",
            quote_char=None,
            schema={name: form.schema.get(name, pl.String()) for name in form.columns},
            # The last column is read as a check: if it is there, so are all before it.
            columns=sorted({*map(form.columns.index, form.schema), len(form.columns) - 1}),
        )
    except pl.exceptions.PolarsError:
        return None
    # A line with too many columns is not an error for Polars.
    if white != len(form.columns) * rows.height:
        return None
    if sum(rows.null_count().row(0)) or math.isnan(rows[form.value].sum()):
        return None
    return rows.select(list(form.schema))


def _read_lines(path: Path, block: Block, form: _Format) -> Iterator[tuple[int, str, str, float]]:
    """Number, query, passage and value of each line that is not empty."""
    first, lines = block
    for number, line in enumerate(lines.split(b"\n"), first):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != len(form.columns):
            raise DataError(
                f"{path}, line {number}: {counted(len(fields), 'columns')}, not "
                f"{len(form.columns)}.",
                "Lines must have TREC's columns, separated by white space.",
            )
        text = fields[form.columns.index(form.value)]
        try:
            query_id, passage_id = fields[0].decode(), fields[2].decode()
        except UnicodeDecodeError as error:
            raise DataError(f"{path}, line {number}: not UTF-8.", "Convert it.") from error
        try:
            yield number, query_id, passage_id, form.parse(text.decode())
        except ValueError as error:
            shown = text[:80].decode(errors="replace")
            raise DataError(
                f"{path}, line {number}: {shown!r} is not a {form.value}.", "Correct the line."
            ) from error


def _read_block(block: Block, path: Path, form: _Format) -> pl.DataFrame:
    rows = _read_regular(block[1], form)
    if rows is None:
        lines = (line[1:] for line in _read_lines(path, block, form))
        rows = pl.DataFrame(list(lines), schema=form.schema, orient="row")
    return rows


def _frames(path: Path, form: _Format) -> Iterator[pl.DataFrame]:
    return prefetched(partial(_read_block, path=path, form=form), read_blocks(path))


def _read(path: Path, form: _Format) -> pl.DataFrame:
    rows = pl.concat([pl.DataFrame(schema=form.schema), *_frames(path, form)])
    hashes = rows.select(PAIR).hash_rows().sort()
    if (hashes[1:] == hashes[:-1]).any():
        _refuse_twice(path, form, rows.filter(rows.select(PAIR).is_duplicated()))
    return rows


def _refuse_twice(path: Path, form: _Format, rows: pl.DataFrame) -> None:
    """Raise an error for the first repeated line."""
    twice, seen = set(rows.select(PAIR).rows()), set()
    for block in read_blocks(path) if twice else ():
        for number, *pair, _ in _read_lines(path, block, form):
            if tuple(pair) in seen:
                raise DataError(
                    f"{path}, line {number}: {pair[1]!r} occurs twice for query {pair[0]!r}.",
                    "Remove one of the two.",
                )
            seen |= twice & {tuple(pair)}


def read_run(path: Path) -> pl.DataFrame:
    """Read a run file: query_id, passage_id, score (Float64), in the file's order.

    The column rank is not read: as in trec_eval, scores determine the ranking. Files may be
    compressed with gzip.

    Raises:
        DataError: the file cannot be read, or a line is malformed; the message gives its number.
    """
    return _read(path, _RUN)


def read_qrels(path: Path) -> pl.DataFrame:
    """Read a file of judgements: query_id, passage_id, relevance (Int32), in the file's order.

    Raises:
        DataError: as `read_run`.
    """
    return _read(path, _QRELS)


def evaluate_trec(run: Path, qrels: Path, metrics: Sequence[str]) -> pl.DataFrame:
    """Values of metrics by judged query, as ``trec_eval -c`` gives them for the files.

    If each query's hits are contiguous, as usual, memory does not grow with the run.

    Args:
        run: a run file, hits in any order.
        qrels: a file of judgements.
        metrics: names for `hybench.metrics.measure.parse_metric`.

    Returns:
        query_id, metric, value (Float64), for every query of `qrels`.

    Raises:
        UsageError: a metric is unknown.
        DataError: as `read_run`.
    """
    for name in metrics:
        parse_metric(name)
    judgements = read_qrels(qrels)
    values = evaluate_hits(_frames(run, _RUN), judgements, metrics, unique=True)
    return evaluate_run(read_run(run), judgements, metrics) if values is None else values
