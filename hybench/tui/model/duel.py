"""One arm against the reference: the fields of tab 4, what differs in their configs, the export."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from hybench.errors import UsageError
from hybench.tui.draw.table import Column, Field, Record, Table

if TYPE_CHECKING:
    from hybench.compare.comparison import Comparison, Difference
    from hybench.tui.model.scores import Scores

NONE = "—"
FOREST = {132: 61, 108: 37, 96: 25, 78: 17, 0: 0}
"""Cells of the picture of an interval, where the terminal has so many."""

SUFFIXES = {".md": "md", ".json": "json", ".csv": "csv", ".tex": "latex", ".html": "html"}
"""What a file's name says of its format."""


def duel_table(comparison: Comparison, arm: int, width: int) -> Table:
    """Differences with their intervals, drawn too where `width` cells are enough, and what they
    come to.
    """
    from hybench.compare.layout import p_text
    from hybench.compare.units import metric_style

    base = comparison.baseline or 0
    style = metric_style(comparison.metric)
    found = [_difference(comparison, at, arm) for at in range(len(comparison.rows))]
    ends = [
        abs(end)
        for each in found
        if each
        for end in (each.low, each.value, each.high)
        if end is not None
    ]
    reach = max(ends, default=0.0) or 1.0
    room = next(cells for least, cells in FOREST.items() if width >= least)
    records: list[Record] = []
    for row, difference in zip(comparison.rows, found, strict=True):
        cells = [row.cells[base], row.cells[arm]]
        values = [Field(NONE if cell is None else style.text(cell.value)) for cell in cells]
        if difference is None:
            rest = [Field(NONE, "quiet")] * 4 + [Field("")]
        else:
            outcome = difference.outcome
            tone = outcome if outcome in {"better", "worse"} else "quiet"
            rest = [
                Field(style.text(difference.value, signed=True), tone),
                Field(style.interval(difference.low, difference.high)),
                Field(p_text(difference)),
                Field(outcome, tone),
                Field(forest(difference, reach, room), tone),
            ]
        head = [Field(row.label, "head"), Field(f"{row.sources:,}", "quiet")]
        ruled = row.kind != "language" and bool(records) and not records[-1].ruled
        records.append(Record(row.label, (*head, *values, *rest), ruled))
    columns = (
        Column("lang", "left", most=18),
        Column("n"),
        Column(comparison.columns[base].label, most=12),
        Column(comparison.columns[arm].label, most=12),
        Column("diff"),
        Column("95 % interval"),
        Column("p Holm"),
        Column("outcome", "left"),
        Column(f"-{style.text(reach)} to +{style.text(reach)}", "left", width=room),
    )
    shown = len(columns) - (not room)
    cut = [replace(each, fields=each.fields[:shown]) for each in records]
    return Table(columns[:shown], cut, frozen=1)


def _difference(comparison: Comparison, row: int, arm: int) -> Difference | None:
    cell = comparison.rows[row].cells[arm]
    return None if cell is None else cell.difference


def forest(difference: Difference, reach: float, width: int) -> str:
    """A difference in its interval, where it has one, zero in the middle."""

    if not width:
        return ""

    def place(number: float) -> int:
        return round((number + reach) / (2 * reach) * (width - 1))

    cells = [" "] * width
    cells[width // 2] = "│"
    if difference.low is not None and difference.high is not None:
        low, high = place(difference.low), place(difference.high)
        cells[low : high + 1] = "─" * (high - low + 1)
    cells[place(difference.value)] = "●"
    return "".join(cells)


def duel_verdict(comparison: Comparison, arm: int) -> list[str]:
    """What the averages come to, in sentences."""
    from hybench.compare.verdict import verdicts

    said = [each for each in verdicts(comparison) if each.column == arm]
    averages = [each.sentence for each in said if comparison.rows[each.row].kind != "language"]
    return averages or [each.sentence for each in said[:1]]


def config_differences(scores: Scores, arm: int, base: int) -> list[str]:
    """Fields that the two arms' configs do not share: ``alpha 1.0 → 0.5``.

    Raises:
        DataError: a config is not TOML.
    """

    left, right = (scores.arms[at][0].read_config() for at in (base, arm))
    names = sorted({*left, *right} - {"name"})
    return [
        f"{name} {_plain(left.get(name))} → {_plain(right.get(name))}"
        for name in names
        if left.get(name) != right.get(name)
    ]


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "+".join(map(str, value)) or "none"
    return NONE if value is None else str(value) or "none"


def export_command(scores: Scores, path: Path) -> str:
    """The command that writes what `export` writes."""
    request = scores.request
    runs = [quote(str(run.path)) for runs in scores.arms for run in runs]
    parts = ["hybench compare", *runs, "--data", scores.key, "--metric", scores.comparison.metric]
    parts += ["--baseline", quote(request.reference)] if request.reference else []
    parts += ["--group-seeds"] if request.group_seeds else []
    parts += ["--published", quote(request.published)] if request.published else []
    return " ".join([*parts, "--format", _shape(path), "-o", quote(str(path))])


def _shape(path: Path) -> str:
    if path.suffix not in SUFFIXES:
        raise UsageError(
            f"{path} has no known ending.", f"End it with one of: {' '.join(SUFFIXES)}."
        )
    return SUFFIXES[path.suffix]


def export(scores: Scores, path: Path) -> None:
    """Write all tables to a file; its ending says as what.

    Raises:
        UsageError: the ending is not known, there is no such folder, or the extra ``report`` is not
            installed.
        StateError: the file cannot be written.
    """
    from hybench.storage import replacing_file

    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Name one that is there.")
    text = _document(scores, _shape(path))
    with replacing_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _document(scores: Scores, shape: str) -> str:
    from hybench.compare.render import render
    from hybench.compare.table import compare

    runs = [run for runs in scores.arms for run in runs]
    comparisons = compare(runs, scores.options)
    if shape == "latex":
        from hybench.report.latex import latex_report

        return latex_report(comparisons)
    if shape != "html":
        return render(comparisons, shape)
    from hybench.compare.curves import curves
    from hybench.report.page import html_report

    first = comparisons[0]
    title = f"{first.dataset} ({first.split}): {len(scores.arms)} arms"
    found = curves(runs, scores.options)
    return html_report(runs, comparisons, found, title=title, date=date.today())
