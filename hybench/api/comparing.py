"""``hybench.compare``: runs beside each other by language, with paired tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.api.naming import FolderName, RunsName, the_folder, the_options, the_runs
from hybench.api.shown import Shown
from hybench.comparison.gather import CompareOptions
from hybench.errors import UsageError
from hybench.values.checks import one_of
from hybench.wording.commands import RUNS_DIR
from hybench.wording.text_table import Sheet

if TYPE_CHECKING:
    import polars as pl

    from hybench.comparison.curves import Curve
    from hybench.comparison.gather import Gathered
    from hybench.comparison.hypotheses import Hypotheses
    from hybench.comparison.model import Comparison
    from hybench.importing.published import Published
    from hybench.report.export import Compared
    from hybench.runs.run import Run

_WORDS = frozenset(
    {
        *("dataset", "split", "setting", "metric", "kind", "language", "run", "baseline"),
        *("outcome", "letters", "source", "start", "seen"),
    }
)
_WHOLE = frozenset(
    {"n", "seeds", "best", "exact", "significant", "needed", "differing", "floor", "queries"}
)
"""Columns of the comparison's frame by type; the others are Float64."""


@dataclass(frozen=True, repr=False)
class RunsCompared(Shown):
    """Runs beside each other.

    Attributes:
        found: the comparisons, one per setting, and what the runs' study named.
        left_out: a sentence on each run that cannot be read.
    """

    found: Compared
    left_out: tuple[str, ...] = ()

    def to_frame(self) -> pl.DataFrame:
        """A row per table, row of it and run, with the columns of ``-o table.csv``.

        Numbers are in the metric's own unit, not ×100 (`hybench.comparison.render.CSV_COLUMNS`);
        null where there is nothing to say. Columns of words are String; counts, and what is 1 or 0,
        are Int64; all others Float64.
        """
        import polars as pl

        from hybench.comparison.render import CSV_COLUMNS, tidy_records

        schema = {
            name: pl.String if name in _WORDS else pl.Int64 if name in _WHOLE else pl.Float64
            for name in CSV_COLUMNS
        }

        records = tidy_records(self.found.comparisons, self.found.hypotheses)
        blank = [
            {name: None if record.get(name) == "" else record.get(name) for name in CSV_COLUMNS}
            for record in records
        ]
        return pl.DataFrame(blank, schema)

    def sheets(self) -> tuple[Sheet, ...]:
        """What a study named, and a table with its verdict per setting."""
        from hybench.comparison.hypothesis_documents import hypothesis_sheet
        from hybench.comparison.layout import sheets

        named = self.found.hypotheses
        first = () if named is None else (hypothesis_sheet(named),)
        return (*first, *sheets(self.found.comparisons))

    def document(self, shape: str) -> str:
        """The comparison as ``md``, ``csv``, ``json``, ``latex`` or ``html``.

        Raises:
            UsageError: the extra ``report`` is not installed, or there is no such format.
        """
        from hybench.report.export import DOCUMENTS, document

        one_of("shape", shape, DOCUMENTS)
        return document(self.found, shape)

    def save(self, path: str | Path) -> None:
        """Write the document that the file's suffix asks for: .md .csv .json .tex .html.

        Raises:
            UsageError: the suffix asks for none, there is no such folder, or the extra ``report``
                is not installed.
            StateError: the file cannot be written.
        """
        from hybench.report.export import write_document

        write_document(self.document, the_folder(path))


@dataclass(frozen=True, repr=False)
class MeansAlone(Shown):
    """Imported means without values per query: nothing can be tested.

    Attributes:
        rows: the means, and those published beside them.
    """

    rows: tuple[Published, ...]

    def to_frame(self) -> pl.DataFrame:
        """A row per value: dataset, split, setting, metric, system, language, value, source.

        All String but value, which is Float64 and in the metric's own unit.
        """
        import polars as pl

        from hybench.importing.published import RECORD, published_records

        schema = {name: pl.Float64 if name == "value" else pl.String for name in RECORD}
        return pl.DataFrame(published_records(self.rows), schema)

    def sheets(self) -> tuple[Sheet, ...]:
        """A table per data set, setting and metric."""
        from hybench.comparison.published_sheets import value_sheets

        return tuple(value_sheets(self.rows, "means alone, so no test"))

    def document(self, shape: str) -> str:
        """The means as ``md``, ``csv`` or ``json``.

        Raises:
            UsageError: it is ``latex`` or ``html``, which show tests, or there is no such format.
        """
        from hybench.importing.published import published_document

        if shape == "md":
            return repr(self)
        if shape in {"latex", "html"}:
            raise UsageError(
                f"{shape}: these runs have imported means alone, so there is nothing to test.",
                "Name a run as well that was evaluated, or take csv, json or md.",
            )
        return published_document(self.rows, shape)

    def save(self, path: str | Path) -> None:
        """Write the document that the file's suffix asks for: .md .csv .json.

        Raises:
            UsageError: the suffix asks for none of these, or there is no such folder.
            StateError: the file cannot be written.
        """
        from hybench.report.export import write_document

        write_document(self.document, the_folder(path))


def compare(
    runs: RunsName | Sequence[RunsName],
    options: CompareOptions | None = None,
    *,
    where: Mapping[str, Sequence[str]] | None = None,
    runs_dir: FolderName = RUNS_DIR,
) -> RunsCompared | MeansAlone:
    """Compare runs on one data set: a table per setting, with paired tests and a verdict.

    Args:
        runs: runs, folders of runs, or what `hybench.study` gave; a note names those without
            results.
        options: what to compare; None for the defaults.
        where: values of config fields, as text; only runs whose configs have one of them are kept.
        runs_dir: folder of the runs.

    Returns:
        Tables; imported means alone where no run has values per query.

    Raises:
        UsageError: there is no such run, a choice in the options does not exist here, or one must
            be made.
        StateError: no run has the results, or they were made on different texts.
        DataError: a config or results file is not what hybench writes.
    """
    from hybench.comparison.imported_means import means_alone
    from hybench.report.export import compared

    options = the_options(options, CompareOptions)
    chosen, left_out = choose_runs(runs, where, runs_dir)
    means = means_alone(chosen, options)
    if means is not None:
        return MeansAlone(means)
    return RunsCompared(compared(chosen, options), tuple(left_out))


def compare_tables(
    runs: Sequence[Run], options: CompareOptions
) -> tuple[tuple[Comparison, ...], Gathered]:
    """The tables alone, of runs that are known to have results: what a view asks for again; and
    what was read for them.

    What the runs' study named is not tested. Arguments and errors are those of `compare`.
    """
    from hybench.comparison.table import compare_and_keep

    return compare_and_keep(runs, options)


def draw_curves(
    runs: RunsName | Sequence[RunsName],
    options: CompareOptions,
    *,
    where: Mapping[str, Sequence[str]] | None = None,
    runs_dir: FolderName = RUNS_DIR,
) -> tuple[Curve, ...]:
    """Scores against the dial ``options.curve``, or each that the runs turn.

    Arguments and errors are those of `compare`.
    """
    from hybench.comparison.curves import curves
    from hybench.comparison.selection import evaluated_runs

    chosen, notes = evaluated_runs(choose_runs(runs, where, runs_dir)[0], options)
    return tuple(replace(each, notes=(*notes, *each.notes)) for each in curves(chosen, options))


def hypotheses_of(
    runs: RunsName | Sequence[RunsName],
    options: CompareOptions | None = None,
    *,
    where: Mapping[str, Sequence[str]] | None = None,
    runs_dir: FolderName = RUNS_DIR,
) -> Hypotheses | None:
    """What the runs' study named, tested; None where they are of no study that names any.

    Arguments and errors are those of `compare`.
    """
    from hybench.report.export import named_hypotheses

    chosen = choose_runs(runs, where, runs_dir)[0]
    return named_hypotheses(chosen, the_options(options, CompareOptions))


def choose_runs(
    runs: RunsName | Sequence[RunsName],
    where: Mapping[str, Sequence[str]] | None = None,
    runs_dir: FolderName = RUNS_DIR,
) -> tuple[list[Run], list[str]]:
    """The runs that are named, can be read, and have the values asked for.

    Returns:
        The runs, and a sentence on each that cannot be read.

    Raises:
        UsageError: a run is not there, no config has a field or value, a field is given no list
            of values, or no run is left.
        DataError: a config cannot be read, and fewer than two others can.
    """
    from hybench.comparison.conditions import runs_where
    from hybench.comparison.selection import readable_runs

    conditions = {field: _values(field, values) for field, values in (where or {}).items()}
    found, left_out = readable_runs(the_runs(runs, runs_dir))
    return runs_where(found, conditions), left_out


def _values(field: str, values: Sequence[object]) -> tuple[str, ...]:
    """The values that a field may have, as text.

    Raises:
        UsageError: they are not several, or there is none.
    """
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        raise UsageError(f"where: {field} is {values!r}.", "Give a list of values, as text.")
    return tuple(map(str, values))
