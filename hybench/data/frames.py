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
from hybench.metrics.measure import parse_metric
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

_MAY_BE_NULL = frozenset({"title", "source_id", "query_source_id"})
"""Columns of `_OPTIONAL` whose nulls become the same; a null split or judgement is a mistake."""


@dataclass(frozen=True, eq=False, repr=False)
class Frames:
    """Tables in memory as a source.

    A table is a Polars frame, lazy or not, or what `polars.DataFrame` accepts: a pandas frame, a
    mapping of columns, a list of dictionaries. Its columns are those of
    `hybench.data.schema.TABLES` and ``language``; these are optional:

    - passages: ``title`` (empty), ``source_id`` (the passage_id);
    - queries: ``source_id`` (its own: give translations a common one), ``split`` (test);
    - qrels: ``passage_lang`` (the query's language), ``relevance`` (1);
    - pairs: ``query_source_id`` and ``source_id`` (the pair_id).

    A row whose title or source id is null gets the same. No other value may be null.

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
    _tables: dict[str, pl.DataFrame] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Read the tables.

        Raises:
            UsageError: a table is not a frame, none is given, or a metric, the depth, the name or
                the licence is not valid.
            DataError: a column or value is missing or of another type.
        """
        self._check_words()
        for table in TABLES:
            given = getattr(self, table)
            if given is not None:
                self._tables[table] = _read(table, given)
        if not self._tables:
            raise UsageError(
                f"{self.name} has no tables.", f"Give at least one of: {' '.join(TABLES)}."
            )

    def __repr__(self) -> str:
        """The name and the tables' sizes; the rows may be many."""
        sizes = (f"{table}={frame.height} rows" for table, frame in self._tables.items())
        return f"Frames({', '.join((repr(self.name), *sizes))})"

    def _check_words(self) -> None:
        for name in ("name", "licence"):
            if not isinstance(getattr(self, name), str):
                raise UsageError(f"Frames: {name} is {getattr(self, name)!r}.", "Give a text.")
        metrics, depth = self.metrics, self.depth
        if not isinstance(metrics, (tuple, list)) or not metrics:
            raise UsageError(
                f"Frames: metrics is {metrics!r}.", "Give a tuple of names, such as ('nDCG@10',)."
            )
        object.__setattr__(self, "metrics", tuple(parse_metric(str(each)).name for each in metrics))
        if depth is not None and (type(depth) is not int or depth < 1):
            raise UsageError(
                f"Frames: depth is {depth!r}.", "Give a whole number of 1 or more, or None."
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
    frame = _as_frame(table, given)
    schema = {LANGUAGE: pl.String(), **TABLES[table]}
    missing = [name for name in schema if name not in {*frame.columns, *_OPTIONAL[table]}]
    if missing:
        raise DataError(
            f"{table} has no column {', '.join(missing)}.",
            f"It has: {', '.join(frame.columns) or 'none'}. Rename them.",
        )
    words = [
        name for name, kind in frame.schema.items() if isinstance(kind, pl.Categorical | pl.Enum)
    ]
    frame = _with_codes(table, frame.with_columns(pl.col(words).cast(pl.String)))
    for name in schema.keys() & {*frame.columns}:
        frame = _typed(table, frame, name, schema[name])
    given_or_default = {
        name: pl.col(name).fill_null(default) if name in frame.columns else default
        for name, default in _OPTIONAL[table].items()
    }
    frame = frame.with_columns(**given_or_default).select(*schema)
    if table == "queries":
        _check_splits(frame["split"])
    return frame


def _as_frame(table: str, given: Any) -> pl.DataFrame:
    """A table as a frame.

    Raises:
        UsageError: it cannot become one.
    """
    wanted = "Give a Polars or pandas frame, a mapping of columns, or a list of rows as mappings."
    if isinstance(given, str):
        raise UsageError(f"{table} is a text: {given[:80]!r}.", wanted)
    try:
        if isinstance(given, pl.LazyFrame):
            return given.collect()
        return given if isinstance(given, pl.DataFrame) else pl.DataFrame(given)
    except (TypeError, ValueError, pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(
            f"{table} is a {type(given).__name__} that cannot become a frame: {reason}.", wanted
        ) from error


def _typed(table: str, frame: pl.DataFrame, name: str, kind: pl.DataType) -> pl.DataFrame:
    """The frame with a column cast to its schema's type; a whole number may stand for a string.

    Raises:
        DataError: a value is missing or of another type.
    """
    column = frame[name]
    fits = column.dtype.is_integer() or (
        column.dtype.is_numeric() if kind.is_integer() else column.dtype in {pl.String, pl.Null}
    )
    cast = column.cast(kind, strict=False) if fits else None
    nulls = 0 if cast is None or name in _MAY_BE_NULL else cast.null_count()
    if cast is None or nulls or (kind.is_integer() and (cast != column).any()):
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
