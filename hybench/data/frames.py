"""Your own data as frames in memory: the source for Python, as `sources.jsonl` is for files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import polars as pl

from hybench.concurrency.progress import ProgressCallback
from hybench.data.manifest import DatasetInfo
from hybench.data.schema import SPLITS, TABLES, judged_settings
from hybench.data.writer import DatasetWriter
from hybench.errors import DataError, UsageError
from hybench.values.languages import read_language

LANGUAGE = "language"
"""The column with the language of a row; of a judgement, its query's."""

_OPTIONAL: dict[str, dict[str, pl.Expr]] = {
    "passages": {"title": pl.lit(""), "source_id": pl.col("passage_id")},
    "queries": {
        "source_id": pl.concat_str(pl.lit("q"), LANGUAGE, "query_id", separator=":"),
        "split": pl.lit("test"),
    },
    "qrels": {"passage_lang": pl.col(LANGUAGE), "relevance": pl.lit(1)},
    "pairs": {
        "query_source_id": pl.lit("q:") + pl.col("pair_id"),
        "source_id": pl.lit("p:") + pl.col("pair_id"),
    },
}
"""Defaults of optional columns, by table."""


@dataclass(frozen=True, eq=False)
class Frames:
    """Tables in memory as a source.

    A table is a Polars frame, or what `polars.DataFrame` accepts: a pandas frame, a mapping of
    columns, a list of dictionaries. Its columns are those of `hybench.data.schema.TABLES` and
    ``language``; these are optional:

    - passages: ``title`` (empty), ``source_id`` (the passage_id);
    - queries: ``source_id`` (its own: give translations a common one), ``split`` (test);
    - qrels: ``passage_lang`` (the query's language), ``relevance`` (1);
    - pairs: ``query_source_id`` and ``source_id`` (the pair_id).

    Attributes:
        name: of the set.
        passages: the pool of every language; None if the set is for training only.
        queries: with qrels, what to evaluate.
        qrels: judgements; ``language`` is the query's.
        pairs: for training; pairs with the same pair_id are translations.
        metrics: what to report, the primary one first.
        depth: how many hits of a ranking count.
        licence: of the texts.
    """

    name: str
    passages: Any = None
    queries: Any = None
    qrels: Any = None
    pairs: Any = None
    metrics: tuple[str, ...] = ("nDCG@10", "R@100")
    depth: int | None = 1000
    licence: str = "not stated"
    _tables: dict[str, pl.DataFrame] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Read the tables.

        Raises:
            UsageError: a table is not a frame, or none is given.
            DataError: a column or value is missing or of another type.
        """
        for table in TABLES:
            given = getattr(self, table)
            if given is not None:
                self._tables[table] = _read(table, given)
        if not self._tables:
            raise UsageError(
                f"{self.name} has no tables.", f"Give at least one of: {' '.join(TABLES)}."
            )

    def describe(self, progress: ProgressCallback) -> DatasetInfo:  # noqa: ARG002
        """See `hybench.data.preparation.Source`."""
        judged = "qrels" in self._tables
        languages = {code for frame in self._tables.values() for code in frame[LANGUAGE].unique()}
        return DatasetInfo(
            name=self.name,
            source="frames",
            revision="in memory",
            licence=self.licence,
            languages=tuple(sorted(languages)),
            settings=self._settings(),
            metrics=self.metrics if judged else (),
            depth=self.depth,
            inputs={table: _digest(frame) for table, frame in self._tables.items()},
        )

    def _settings(self) -> tuple[str, ...]:
        judgements = self._tables.get("qrels")
        if judgements is None:
            return ()
        return judged_settings(judgements.rename({LANGUAGE: "query_lang"}))

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:  # noqa: ARG002
        """See `hybench.data.preparation.Source`."""
        for table, frame in self._tables.items():
            for (language,), rows in sorted(frame.partition_by(LANGUAGE, as_dict=True).items()):
                writer.write(table, str(language), rows.select(*TABLES[table]))


def _read(table: str, given: Any) -> pl.DataFrame:
    """A table with the columns of its schema and stored language codes.

    Raises:
        UsageError: it cannot be converted to a frame.
        DataError: a column or value is wrong.
    """
    try:
        frame = given if isinstance(given, pl.DataFrame) else pl.DataFrame(given)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise UsageError(
            f"{table} is a {type(given).__name__}, which cannot be converted to a frame.",
            "Give a Polars or pandas frame, or a mapping of columns.",
        ) from error
    schema = {LANGUAGE: pl.String(), **TABLES[table]}
    missing = [name for name in schema if name not in {*frame.columns, *_OPTIONAL[table]}]
    if missing:
        raise DataError(
            f"{table} has no column {', '.join(missing)}.",
            f"It has: {', '.join(frame.columns)}. Rename them.",
        )
    frame = _with_codes(table, frame)
    for name in schema.keys() & {*frame.columns}:
        frame = _typed(table, frame, name, schema[name])
    defaults = {
        name: value for name, value in _OPTIONAL[table].items() if name not in frame.columns
    }
    frame = frame.with_columns(**defaults).select(*schema)
    if table == "queries":
        _check_splits(frame["split"])
    return frame


def _typed(table: str, frame: pl.DataFrame, name: str, kind: pl.DataType) -> pl.DataFrame:
    """The frame with a column cast to its schema's type; a whole number may stand for a string.

    Raises:
        DataError: a value is missing or of another type.
    """
    column = frame[name]
    fits = column.dtype.is_integer() or (
        column.dtype.is_numeric() if kind.is_integer() else column.dtype == pl.String
    )
    cast = column.cast(kind, strict=False) if fits else None
    if cast is None or cast.null_count() or (kind.is_integer() and (cast != column).any()):
        row = "" if cast is None else f" in row {cast.is_null().arg_max()}"
        wanted = "whole numbers" if kind.is_integer() else "texts"
        raise DataError(
            f"{table}: {name} is not {wanted} throughout (it is {column.dtype}){row}.",
            f"Give {wanted} without nulls.",
        )
    return frame.with_columns(cast)


def _with_codes(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with stored language codes.

    Raises:
        DataError: a value is not a code.
    """
    for name in {LANGUAGE, "passage_lang"} & {*frame.columns}:
        codes = {}
        for written in frame[name].unique():
            try:
                codes[written] = read_language(str(written))
            except ValueError as error:
                raise DataError(f"{table}: {name}: {error}.", "Write a code such as sw.") from error
        frame = frame.with_columns(
            pl.col(name).replace_strict(codes, return_dtype=pl.String) if codes else pl.col(name)
        )
    return frame


def _check_splits(splits: Iterable[str]) -> None:
    unknown = sorted({*splits} - {*SPLITS})
    if unknown:
        raise DataError(f"queries: there is no split {unknown[0]!r}.", f"Use {' '.join(SPLITS)}.")


def _digest(frame: pl.DataFrame) -> str:
    """SHA-256 of a frame's values."""
    return sha256(frame.write_csv().encode()).hexdigest()
