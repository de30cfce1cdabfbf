"""What is shown or written of runs: decided here for every front end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from hybench.comparison.curve_documents import curve_sheets, render_curves
from hybench.comparison.curves import Curve, curves
from hybench.comparison.gather import CompareOptions
from hybench.comparison.hypotheses import Hypotheses
from hybench.comparison.hypothesis_documents import hypothesis_sheet
from hybench.comparison.hypothesis_tests import hypotheses_of, study_of
from hybench.comparison.imported_means import means_alone
from hybench.comparison.layout import sheets
from hybench.comparison.model import Comparison
from hybench.comparison.render import FORMATS, render
from hybench.comparison.selection import evaluated_runs
from hybench.comparison.table import compare
from hybench.errors import UsageError
from hybench.report.published import scores_document, value_sheets
from hybench.runs.run import Run
from hybench.wording.text_table import Sheet

if TYPE_CHECKING:
    from hybench.importing.published import Published

DOCUMENTS = (*FORMATS, "latex", "html")
"""Every format of a document."""

_MOST_NAMED = 6
"""So many arms stand in a report's title; more are counted."""


class Export(ABC):
    """Tables to show, or a document to write."""

    @abstractmethod
    def sheets(self) -> Sequence[Sheet]:
        """The tables that a terminal shows."""

    @abstractmethod
    def document(self, shape: str) -> str:
        """The text of a file in one of `DOCUMENTS`.

        Raises:
            UsageError: there is no such format of it, or the extra ``report`` is not installed.
        """


@dataclass(frozen=True)
class Compared(Export):
    """Runs beside each other.

    Attributes:
        runs: those compared.
        options: as asked for.
        comparisons: a table per setting.
        hypotheses: what the runs' study named, and what became of it; None where it named nothing.
    """

    runs: tuple[Run, ...]
    options: CompareOptions
    comparisons: tuple[Comparison, ...]
    hypotheses: Hypotheses | None

    def sheets(self) -> Sequence[Sheet]:
        """The study's hypotheses, then a table per setting."""
        first = () if self.hypotheses is None else (hypothesis_sheet(self.hypotheses),)
        return (*first, *sheets(self.comparisons))

    def document(self, shape: str) -> str:
        """All tables; a page of HTML has curves, maps and what the runs were made with too."""
        if shape == "latex":
            from hybench.report.latex import latex_report

            return latex_report(self.comparisons, self.hypotheses)
        if shape != "html":
            return render(self.comparisons, shape, self.hypotheses)
        from hybench.report.page import html_report

        return html_report(
            list(self.runs),
            self.comparisons,
            curves(self.runs, self.options),
            hypotheses=self.hypotheses,
            title=_title(self.comparisons),
            date=date.today(),
        )


@dataclass(frozen=True)
class CurvesAlone(Export):
    """Scores against a dial, instead of the tables."""

    curves: tuple[Curve, ...]

    def sheets(self) -> Sequence[Sheet]:
        """A table per curve."""
        return curve_sheets(self.curves)

    def document(self, shape: str) -> str:
        """Every point; not as LaTeX or HTML."""
        return render_curves(self.curves, shape)


@dataclass(frozen=True)
class MeansAlone(Export):
    """Imported means, beside which no run stands that could be tested."""

    rows: tuple[Published, ...]

    def sheets(self) -> Sequence[Sheet]:
        """A table per data set, setting and metric."""
        return value_sheets(self.rows, "means alone, so no test")

    def document(self, shape: str) -> str:
        """Every mean; not as LaTeX or HTML."""
        if shape in {"latex", "html"}:
            raise UsageError(
                f"--format {shape}: these runs have only imported means: there is nothing to test.",
                "Name a run beside them that was evaluated, or take csv, json or md.",
            )
        return scores_document(self.rows, self.sheets(), shape)


@dataclass(frozen=True)
class HypothesesAlone(Export):
    """What the runs' study named, without the tables."""

    hypotheses: Hypotheses

    def sheets(self) -> Sequence[Sheet]:
        """One table."""
        return (hypothesis_sheet(self.hypotheses),)

    def document(self, shape: str) -> str:
        """The hypotheses; not as HTML."""
        if shape == "latex":
            from hybench.report.latex import latex_report

            return latex_report([], self.hypotheses)
        if shape == "html":
            raise UsageError("--hypotheses: a page of HTML has the tables too.", "Omit the flag.")
        return render([], shape, self.hypotheses)


def export_of(
    runs: Sequence[Run], options: CompareOptions, shape: str, *, hypotheses: bool = False
) -> Export:
    """What there is to show of the runs.

    Args:
        runs: the runs.
        options: as asked for.
        shape: the format that it will have: a page of HTML has the curves beside the tables.
        hypotheses: show what the runs' study named alone.

    Raises:
        UsageError: a choice in the options does not exist here, or one must be made.
        StateError: no run has the results, or they were made on different texts.
        DataError: a config or results file is not what hybench writes.
    """
    if options.curve is not None and shape != "html":
        found, notes = evaluated_runs(runs, options)
        drawn = curves(found, options)
        return CurvesAlone(tuple(replace(each, notes=(*notes, *each.notes)) for each in drawn))
    if hypotheses:
        named = _named_hypotheses(runs, options)
        if named is None:
            raise UsageError(
                "--hypotheses: these runs are of no study that names any.",
                "Name the folder of its runs; a study file has them as [[hypothesis]].",
            )
        return HypothesesAlone(named)
    means = means_alone(runs, options)
    return compared(runs, options) if means is None else MeansAlone(means)


def compared(runs: Sequence[Run], options: CompareOptions) -> Compared:
    """Compare the runs that have results; a note names the others.

    Raises:
        UsageError: a choice in the options does not exist here, or one must be made.
        StateError: no run has the results, or they were made on different texts.
        DataError: a config or results file is not what hybench writes.
    """
    hypotheses = _named_hypotheses(runs, options)
    found, notes = evaluated_runs(runs, options)
    tables = [replace(each, notes=(*notes, *each.notes)) for each in compare(found, options)]
    return Compared(tuple(found), options, tuple(tables), hypotheses)


def _named_hypotheses(runs: Sequence[Run], options: CompareOptions) -> Hypotheses | None:
    """What the runs' study named, tested; None where they are of none that names any."""
    study = study_of(runs)
    return None if study is None else hypotheses_of(study, options, runs)


def _title(comparisons: Sequence[Comparison]) -> str:
    sets = dict.fromkeys(f"{each.dataset} ({each.split})" for each in comparisons)
    arms = dict.fromkeys(column.label for each in comparisons for column in each.columns)
    named = ", ".join(arms) if len(arms) <= _MOST_NAMED else f"{len(arms)} arms"
    return f"{', '.join(sets)}: {named}"
