"""``hybench.prepare``: a data set from one of the sources, or from frames of your own."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any

from hybench.api.naming import FolderName, the_folder
from hybench.api.shown import Shown
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.data.preparation import Prepared, Source
from hybench.data.preparation import prepare as prepare_source
from hybench.data.schema import TABLES
from hybench.data.sources import SOURCES
from hybench.errors import UsageError
from hybench.wording.commands import DATA_DIR
from hybench.wording.text_table import Entry, Line, Sheet

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, repr=False)
class PreparedSet(Shown):
    """A set that was prepared, or stood there already.

    Attributes:
        prepared: the set, and what was found on the way.
    """

    prepared: Prepared

    @property
    def dataset(self) -> Dataset:
        """The set, opened; the other verbs take it."""
        return self.prepared.dataset

    def to_frame(self) -> pl.DataFrame:
        """Rows by table and language: table, language (String), rows (Int64)."""
        import polars as pl

        counts = self.dataset.info.counts
        rows = [
            (table, language, number)
            for table in TABLES
            for language, number in sorted(counts.get(table, {}).items())
        ]
        schema = {"table": pl.String, "language": pl.String, "rows": pl.Int64}
        return pl.DataFrame(rows, schema, orient="row")

    def sheets(self) -> tuple[Sheet, ...]:
        """Rows by language (lines) and table."""
        info = self.dataset.info
        tables = [table for table in TABLES if table in info.counts]
        lines = tuple(
            Line(
                (
                    Entry(code),
                    *(Entry(f"{info.counts[table].get(code, 0):,}") for table in tables),
                )
            )
            for code in info.languages
        )
        settings = f", evaluated {' '.join(info.settings)}" if info.settings else ""
        return (Sheet(f"{info.name} · {info.source}{settings}", ("lang", *tables), 1, lines),)


def prepare(
    source: str | Source,
    *,
    name: str | None = None,
    force: bool = False,
    data_dir: FolderName = DATA_DIR,
    progress: ProgressCallback = ignore,
    **options: Any,
) -> PreparedSet:
    """Prepare a set: whole and checked, or not at all; an unchanged one is left alone.

    Args:
        source: a name of `hybench.data.sources.SOURCES`, such as ``atlas``, ``miracl``; or a
            source, such as `hybench.Frames` of your own data.
        name: the set's name; None for the source's own.
        force: write again what is there, and replace a set that was made otherwise.
        data_dir: folder of the sets.
        progress: called as the work goes on.
        options: of the source that is named: the fields of its class.

    Raises:
        UsageError: there is no such source or option, or one makes no sense.
        StateError: another set of that name stands there, or another process prepares it.
        DataError: an input is missing or is not what it says it is.
    """
    made = _source(source, options) if isinstance(source, str) else source
    if not callable(getattr(made, "describe", None)):
        raise UsageError(f"{made!r} is not a source.", f"Give one, or a name: {' '.join(SOURCES)}.")
    if options and not isinstance(source, str):
        raise UsageError(
            f"{type(source).__name__} is given with options: {', '.join(options)}.",
            "Give them to the source itself.",
        )
    return PreparedSet(prepare_source(made, the_folder(data_dir), name, force, progress))


def _source(name: str, options: dict[str, Any]) -> Source:
    """The source of that name with these options.

    Raises:
        UsageError: there is none, or an option is not its own.
    """
    kind = SOURCES[name].options
    known = [*signature(kind).parameters]
    unknown = [option for option in options if option not in known]
    if unknown:
        raise UsageError(
            f"The source {name} has no option {', '.join(unknown)}.", f"It has: {', '.join(known)}."
        )
    return kind(**options)
