"""Parquet tables, opened and written at exactly the given path.

Polars reads a path with ``*``, ``?`` or ``[`` in it as a pattern and expands a ``~``, and pyarrow
reads one with a colon as an address: a table is opened here and nowhere else (`pyproject.toml` bans
the others).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import pyarrow

Schema = Mapping[str, pl.DataType]


def _spelt(path: Path) -> Path:
    """The absolute path as a text for Polars, which reads only UTF-8.

    Raises:
        UnicodeEncodeError: it is not UTF-8.
    """
    str(path).encode("utf-8")
    return path.absolute()


def scan_table(path: Path) -> pl.LazyFrame:
    """The table in one file, lazily.

    Raises:
        OSError, polars.exceptions.PolarsError: it cannot be read, then or when it is collected.
    """
    return pl.scan_parquet(_spelt(path), glob=False, hive_partitioning=False)


def read_table(path: Path) -> pl.DataFrame:
    """The table in one file.

    Raises:
        OSError, polars.exceptions.PolarsError: it cannot be read.
    """
    return pl.read_parquet(_spelt(path), glob=False, hive_partitioning=False)


def table_chunks(path: Path, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
    """Some columns of the table in one file, in frames of at most `rows` rows."""
    import pyarrow.parquet

    with path.open("rb") as opened, pyarrow.parquet.ParquetFile(opened) as file:
        for batch in file.iter_batches(rows, columns=list(columns)):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)  # noqa: S101 - for the type checker
            yield frame


def table_columns(
    path: Path, columns: Sequence[str], first: int = 0, rows: int | None = None
) -> pl.DataFrame:
    """Some columns of a range of rows of the table in one file; the rest is not read.

    Args:
        path: the file.
        columns: their names.
        first: the first row.
        rows: how many; None for all that follow.
    """
    return scan_table(path).select(columns).slice(first, rows).collect()


def write_table(path: Path, frame: pl.DataFrame) -> None:
    """Write a table to one file."""
    frame.write_parquet(_spelt(path), compression="zstd")


class TableWriter:
    """Appends frames of one schema to a Parquet file, with one in memory at a time."""

    def __init__(self, path: Path, schema: Schema) -> None:
        import pyarrow.parquet

        self._schema = schema
        arrow = self._arrow(pl.DataFrame(schema=schema)).schema
        self._file = _spelt(path).open("wb")
        self._sink = pyarrow.parquet.ParquetWriter(self._file, arrow, compression="zstd")

    def _arrow(self, frame: pl.DataFrame) -> pyarrow.Table:
        # .cast before to_arrow: a column of nulls would otherwise lose its type.
        columns = [pl.col(name).cast(kind) for name, kind in self._schema.items()]
        arrow = frame.select(columns).to_arrow(compat_level=pl.CompatLevel.oldest())
        return arrow.combine_chunks()

    def write(self, frame: pl.DataFrame) -> None:
        """Append the schema's columns of `frame`."""
        if frame.height:
            self._sink.write_table(self._arrow(frame))

    def close(self) -> None:
        """Finish the file."""
        try:
            self._sink.close()
        finally:
            self._file.close()
