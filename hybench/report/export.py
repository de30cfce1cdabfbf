"""Export of a comparison as a document, for every front end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from hybench.comparison.curves import curves
from hybench.comparison.gather import CompareOptions
from hybench.comparison.hypotheses import Hypotheses
from hybench.comparison.hypothesis_tests import hypotheses_of, study_of
from hybench.comparison.model import Comparison
from hybench.comparison.render import FORMATS, render
from hybench.comparison.selection import evaluated_runs
from hybench.comparison.table import compare
from hybench.errors import UsageError
from hybench.files.atomic import writing_to
from hybench.report.run_notes import notes_sheet
from hybench.runs.run import Run
from hybench.wording.text_table import SUFFIXES, sheet_markdown

DOCUMENTS = (*FORMATS, "latex", "html")
"""Every format of a document."""

_MOST_NAMED = 6
"""At most so many arms are named in a report's title; more are counted."""


@dataclass(frozen=True)
class Compared:
    """A comparison of runs, with its hypotheses.

    Attributes:
        runs: those compared.
        options: of the comparison.
        comparisons: a table per setting.
        hypotheses: of the runs' study, with their outcomes; None if it has none.
    """

    runs: tuple[Run, ...]
    options: CompareOptions
    comparisons: tuple[Comparison, ...]
    hypotheses: Hypotheses | None


def named_hypotheses(runs: Sequence[Run], options: CompareOptions) -> Hypotheses | None:
    """The tested hypotheses of the runs' study; None without a study or hypotheses."""
    study = study_of(runs)
    return None if study is None else hypotheses_of(study, options, runs)


def compared(runs: Sequence[Run], options: CompareOptions) -> Compared:
    """Compare the runs with results; a note names the others.

    Raises:
        UsageError: a choice in the options does not exist here, or one must be made.
        StateError: no run has the results, or they were made on different texts.
        DataError: a config or results file is not what hybench writes.
    """
    hypotheses = named_hypotheses(runs, options)
    found, notes = evaluated_runs(runs, options)
    tables = [replace(each, notes=(*notes, *each.notes)) for each in compare(found, options)]
    return Compared(tuple(found), options, tuple(tables), hypotheses)


def document(found: Compared, shape: str) -> str:
    """The comparison in one of `DOCUMENTS`; Markdown and HTML have what was noted of the runs, too.

    Raises:
        DataError: of Markdown and HTML, as `notes_sheet`.
        UsageError: the extra ``report`` is not installed, or there is no such format.
    """
    if shape == "latex":
        from hybench.report.latex import latex_report

        return latex_report(found.comparisons, found.hypotheses)
    if shape != "html":
        text = render(found.comparisons, shape, found.hypotheses)
        noted = notes_sheet(found.runs) if shape == "md" else None
        return text if noted is None else f"{text}\n{sheet_markdown(noted)}"
    from hybench.report.page import html_report

    return html_report(
        list(found.runs),
        found.comparisons,
        curves(found.runs, found.options),
        hypotheses=found.hypotheses,
        title=_title(found.comparisons),
        date=date.today(),
    )


def hypotheses_document(named: Hypotheses, shape: str) -> str:
    """Only a study's hypotheses, in one of `DOCUMENTS`.

    Raises:
        UsageError: the format is HTML, whose page also has the tables, or there is no such format.
    """
    if shape == "html":
        raise UsageError("--hypotheses: a page of HTML always has the tables.", "Omit the flag.")
    if shape == "latex":
        from hybench.report.latex import latex_report

        return latex_report([], named)
    return render([], shape, named)


def format_of(path: Path) -> str:
    """The one of `DOCUMENTS` for a file's ending.

    Raises:
        UsageError: the ending is unknown, or there is no such folder.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"{path} has no known ending.", f"End it with one of: {' '.join(SUFFIXES)}."
        )
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Name an existing folder.")
    return SUFFIXES[suffix]


def write_document(text_in: Callable[[str], str], path: Path) -> None:
    """Write a document to a file in the format of its ending.

    Args:
        text_in: gives the text in one of `DOCUMENTS`.
        path: the file.

    Raises:
        UsageError: the ending is unknown, there is no such folder, or whatever `text_in` raises.
        StateError: the file cannot be written.
    """
    text = text_in(format_of(path))
    with writing_to(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _title(comparisons: Sequence[Comparison]) -> str:
    sets = dict.fromkeys(f"{each.dataset} ({each.split})" for each in comparisons)
    arms = dict.fromkeys(column.label for each in comparisons for column in each.columns)
    named = ", ".join(arms) if len(arms) <= _MOST_NAMED else f"{len(arms)} arms"
    return f"{', '.join(sets)}: {named}"
