"""The comparisons as sections of the page: their verdicts and their tables of scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hybench.comparison.answer import answer, short_answer
from hybench.comparison.layout import p_text, sheets
from hybench.comparison.model import Comparison, Row
from hybench.comparison.units import MetricStyle, metric_style
from hybench.comparison.verdict import caveats, headline
from hybench.report.verdicts import (
    OutcomeVerdicts,
    arm_verdicts,
    by_outcome,
    named,
    signed,
    where,
)
from hybench.report.view import Datum, Table, minus, sentence, setting_name
from hybench.wording.text_table import Line, Sheet

_LEAD = 2
"""Number of fields before the arms' in a line of a sheet: language and number of queries."""


@dataclass(frozen=True)
class Section:
    """One comparison on the page.

    Attributes:
        name: for ids.
        heading: the setting in words.
        where: data set, split and metric.
        baseline: the reference arm; empty if nothing is compared.
        short: hybrid batches against distillation on average, in a clause; empty without such arms.
        answer: the same in full.
        summed: the verdict on all arms at once, in paragraphs.
        caveats: of the whole verdict.
        arms: the verdict on each, grouped by outcome.
        table: the scores.
        caption: how to read them.
        notes: further caveats.
        sources: of published scores, by system.
    """

    name: str
    heading: str
    where: str
    baseline: str
    short: str
    answer: tuple[str, ...]
    summed: tuple[str, ...]
    caveats: tuple[str, ...]
    arms: tuple[OutcomeVerdicts, ...]
    table: Table
    caption: str
    notes: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]


def sections(comparisons: Sequence[Comparison]) -> tuple[Section, ...]:
    """The comparisons as sections; common captions and notes are in the last."""
    laid = zip(comparisons, sheets(comparisons), strict=True)
    return tuple(_section(f"c{at}", *each) for at, each in enumerate(laid))


def _section(name: str, comparison: Comparison, laid: Sheet) -> Section:
    base = comparison.baseline
    arms = arm_verdicts(name, comparison)
    paragraphs = tuple(map(sentence, headline(comparison)))
    full = tuple(sentence(text) for text in answer(comparison) if sentence(text) in paragraphs)
    doubts = tuple(map(sentence, caveats(comparison)))
    apart = (*full, *doubts)
    return Section(
        name=name,
        heading=setting_name(comparison.setting),
        where=where(comparison),
        baseline=comparison.columns[base].label if base is not None else "",
        short=sentence(short_answer(comparison)),
        answer=full,
        summed=tuple(
            text
            for text in paragraphs
            if text not in apart and not any(text.startswith(arm.lead) for arm in arms)
        ),
        caveats=doubts,
        arms=by_outcome(comparison, arms),
        table=_score_table(comparison, laid),
        caption=laid.caption,
        notes=laid.notes,
        sources=tuple((each.label, "; ".join(each.sources)) for each in comparison.published),
    )


def _score_table(comparison: Comparison, laid: Sheet) -> Table:
    """The terminal's sheet, with differences and intervals as details of its numbers."""
    style = metric_style(comparison.metric)
    header = [Datum(name) for name in laid.header]
    for at, column in enumerate(comparison.columns, start=_LEAD):
        header[at] = Datum(column.label, title=f"runs: {', '.join(column.runs)}")
    bodies: list[list[tuple[Datum, ...]]] = [[]]
    for at, line in enumerate(laid.lines):
        row = comparison.rows[at] if at < len(comparison.rows) else None
        if line.ruled:
            bodies.append([])
        bodies[-1].append(_data(line, row, style))
    caption = f"{laid.title}: scores by language"
    return Table(caption, tuple(header), tuple(map(tuple, bodies)))


def _data(line: Line, row: Row | None, style: MetricStyle) -> tuple[Datum, ...]:
    data = [Datum(minus(entry.text), entry.mark, entry.tone) for entry in line.entries]
    if row is None:
        return tuple(data)
    data[0] = replace(named(row), mark=line.entries[0].mark)
    for at, cell in enumerate(row.cells, start=_LEAD):
        if cell is not None and cell.difference is not None:
            entry = line.entries[at]
            detail = f"{signed(cell.difference, style)} p {p_text(cell.difference)}"
            data[at] = Datum(minus(entry.text), entry.mark, entry.tone, detail, detail)
    return tuple(data)
