"""Languages by runs: the fields of tab 2, and the sentence on the one under the cursor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hybench.tui.draw.table import GAP, Column, Field, Record, Table, rule
from hybench.tui.model.color_scale import BY_LANGUAGE, DifferenceScale
from hybench.values.languages import language_name

if TYPE_CHECKING:
    from hybench.comparison.model import Cell, Comparison, Row

NONE = "—"


_VALUES = 1
"""Columns that are equally wide."""

_NARROW, _WIDEST = 12, 16
"""Cells of such a column, at least and at most."""

_REST = 25
"""Cells of the other columns."""


def matrix_table(
    comparison: Comparison,
    *,
    difference: bool = False,
    sort: int | None = None,
    up: bool = False,
    by: str = BY_LANGUAGE,
    width: int = 0,
    colors: Sequence[int] = (),
) -> Table:
    """A comparison as a table whose colours show differences from the reference.

    Args:
        comparison: languages, then groups of them.
        difference: show each arm minus the reference.
        sort: the arm that languages are sorted by, the best first; None for by their codes.
        up: the worst first.
        by: of `SCALES`: what differences are measured by.
        width: cells; where they have room, the languages' names stand beside their codes.
        colors: numbers of the arms' colours.
    """
    from hybench.comparison.model import LANGUAGE, LOW, MEAN
    from hybench.comparison.published_columns import MARK

    rows = list(enumerate(comparison.rows))
    languages = [each for each in rows if each[1].kind == LANGUAGE]
    groups = [each for each in rows if each[1].kind != LANGUAGE]
    if sort is not None:
        languages.sort(key=lambda each: _value(each[1], sort, difference), reverse=not up)
    columns = [Column("lang", "left", most=18), Column("n")]
    values = len(comparison.columns) + len(comparison.published)
    most = max(_NARROW, min((width - _REST) // max(1, values) - GAP, _WIDEST))
    arrow = "↑" if up else "↓"
    columns += [
        Column(
            _heading(comparison, at) + f" {arrow}" * (at == sort),
            most=most,
            curve=colors[at] if at < len(colors) else None,
            alike=_VALUES,
        )
        for at in range(len(comparison.columns))
    ]
    columns += [
        Column(f"{each.label} {MARK}", most=most, alike=_VALUES) for each in comparison.published
    ]
    detectable = comparison.baseline is not None and comparison.tests > 0
    columns += [Column("detectable")] * detectable
    shades = DifferenceScale.of(comparison, by)
    records = [
        Record(
            row.label,
            _fields(comparison, place, row, shades, difference)
            + (Field(detectable_text(comparison, row) or NONE, "quiet"),) * detectable,
            pinned=row.kind in {MEAN, LOW},
        )
        for place, row in [*languages, *groups]
    ]
    told = _records(comparison, len(columns))
    records += [rule("told"), *told] if told else []
    if groups:
        records.insert(len(languages), rule("groups", pinned=True))
    return _named(Table(tuple(columns), records, frozen=2), comparison, width)


def _named(table: Table, comparison: Comparison, width: int) -> Table:
    """The table with the languages' names in a column of their own, where all of it has room."""
    names = {
        row.label: language_name(row.label)
        if len(row.languages) == 1
        else f"{len(row.languages)} languages"
        for row in comparison.rows
    }
    room = width - sum(table.widths) - GAP * len(table.columns)
    if room <= max(map(len, names.values()), default=0):
        return table
    columns = (table.columns[0], Column("language", "left", most=24), *table.columns[1:])
    records = [
        each
        if each.rule
        else replace(
            each, fields=(each.fields[0], Field(names.get(str(each.key), "")), *each.fields[1:])
        )
        for each in table.records
    ]
    return Table(columns, records, frozen=table.frozen + 1)


def detectable_text(comparison: Comparison, row: Row) -> str:
    """The difference that would be found in a row with 80 % power; empty if not known."""
    from hybench.comparison.layout import detectables
    from hybench.comparison.units import metric_style

    sizes = detectables(comparison, row)
    return metric_style(comparison.metric).text(max(sizes.values())) if sizes else ""


def _heading(comparison: Comparison, at: int) -> str:
    return arm_text(comparison, at) + (" =" if at == comparison.baseline else "")


def arm_text(comparison: Comparison, at: int) -> str:
    """An arm's label, and of how many seeds it is the mean."""
    column = comparison.columns[at]
    return f"{column.label} ({column.seeds})" if len(column.runs) > 1 else column.label


def _value(row: Row, at: int, difference: bool) -> float:
    cell = row.cells[at] if at < len(row.cells) else None
    if cell is None:
        return float("-inf")
    if difference:
        return cell.difference.value if cell.difference else 0.0
    return cell.value


def _fields(
    comparison: Comparison, place: int, row: Row, shades: DifferenceScale, difference: bool
) -> tuple[Field, ...]:
    from hybench.comparison.training_marks import row_marks
    from hybench.comparison.units import metric_style

    style = metric_style(comparison.metric)
    seen = row_marks(comparison)
    fields = [Field(row.label + seen[place].row, "head"), Field(f"{row.sources:,}", "quiet")]
    for at, cell in enumerate(row.cells):
        arm = [each.cells[at] for each in comparison.rows]
        letters = max(len(each.letters) if each else 0 for each in arm)
        width = max(len(each.cells[at]) for each in seen)
        if cell is None:
            fields.append(Field(NONE + " " * (2 + width + letters), "quiet"))
            continue
        value = _value(row, at, difference)
        base = difference and at == comparison.baseline
        text = style.text(value, signed=difference) if not base else "="
        fields.append(
            Field(
                text
                + _mark(cell, style.lower_is_better, f"{seen[place].cells[at]:<{width}}", letters),
                "best" if cell.best else "",
                shades.heat(cell),
                diverging=True,
            )
        )
    base_cell = None if comparison.baseline is None else row.cells[comparison.baseline]
    for column in comparison.published:
        number = column.values[place]
        if number is not None and difference:
            number = None if base_cell is None else number - base_cell.value
        text = NONE if number is None else style.text(number, signed=difference)
        fields.append(Field(text))
    return tuple(fields)


def _mark(cell: Cell, lower: bool, seen: str, letters: int) -> str:
    """▲ or ▼, *, the mark `seen`, and `letters` letters, or blanks, so that numbers are aligned."""
    mark = " "
    if cell.difference is not None and cell.difference.significant:
        mark = "▲" if (cell.difference.value > 0) != lower else "▼"
    return mark + ("*" if cell.best else " ") + seen + f"{cell.letters:<{letters}}"


def _records(comparison: Comparison, width: int) -> list[Record]:
    """Languages won, neither and lost; language bias; what training showed; and costs."""
    from hybench.comparison.budgets import budget_lines
    from hybench.comparison.costs import cost_lines
    from hybench.comparison.units import metric_style

    found: list[tuple[str, list[str]]] = []
    if any(comparison.records):
        texts = [
            f"{each.wins}/{each.ties}/{each.losses}" if each else "" for each in comparison.records
        ]
        found.append(("W/T/L", texts))
    for bias in comparison.bias:
        style = metric_style(bias.metric)
        values = [NONE if value is None else style.text(value) for value in bias.values]
        found.append((bias.metric, values))
    told = (*budget_lines(comparison.budgets), *cost_lines(comparison.costs))
    found += [(name, list(texts)) for name, texts in told]
    return [
        Record(
            label,
            tuple(
                Field(text, "quiet" if at < 1 else "")
                for at, text in enumerate([label, "", *texts, *[""] * (width - 2 - len(texts))])
            ),
        )
        for label, texts in found
    ]


def describe_field(comparison: Comparison, label: object, column: int) -> str:
    """The sentence on an arm in a row, or on the row if there is none."""
    from hybench.comparison.training_marks import WORDS
    from hybench.comparison.units import metric_style
    from hybench.comparison.verdict import verdicts

    places = [at for at, row in enumerate(comparison.rows) if row.label == label]
    if not places:
        return ""
    row = comparison.rows[places[0]]
    for verdict in verdicts(comparison):
        if (verdict.row, verdict.column) == (places[0], column):
            return verdict.sentence
    if column >= len(row.cells) + len(comparison.published):
        size = detectable_text(comparison, row)
        return f"{row.label}: differences of {size} would be found with 80 % power." if size else ""
    if column >= len(row.cells):
        sources = comparison.published[column - len(row.cells)].sources
        return f"Published: {', '.join(sources)}."
    cell, arm = row.cells[column], comparison.columns[column].label
    if cell is None:
        return f"{arm} was not run on {row.label}."
    value = metric_style(comparison.metric).text(cell.value)
    why = f", the reference ({comparison.baseline_why})" if column == comparison.baseline else ""
    seen = f" It was {WORDS[cell.seen]}." if cell.seen in WORDS else ""
    return f"{arm} on {row.label}: {comparison.metric} {value}, {row.queries:,} queries{why}.{seen}"


def live_table(names: Sequence[str], scores: Sequence[Mapping[str, float] | None]) -> Table:
    """The last validation of runs, language by language.

    Args:
        names: of the runs.
        scores: nDCG@10 by language, None where a run has none yet.
    """
    languages = sorted({language for each in scores for language in each or ()})
    columns = (
        Column("lang", "left", most=18),
        *(Column(name, most=16, alike=_VALUES) for name in names),
    )
    known = [each or {} for each in scores]
    best = {
        language: max((each.get(language, -math.inf) for each in known), default=-math.inf)
        for language in languages
    }

    def field(value: float | None, highest: float = math.nan) -> Field:
        if value is None:
            return Field("…", "quiet")
        if math.isnan(value):
            return Field("NaN", "worse")
        return Field(f"{value * 100:.1f}", "best" if value == highest else "")

    records = [
        Record(
            language,
            (
                Field(language, "head"),
                *(field((each or {}).get(language), best[language]) for each in scores),
            ),
        )
        for language in languages
    ]
    if languages:
        means = [sum(each.values()) / len(each) if each else None for each in scores]
        label = f"AVG {len(languages)}"
        partial = [bool(each) and len(each or ()) < len(languages) for each in scores]
        fields = [
            Field(f"{len(each or ())}/{len(languages)} {mean * 100:.1f}")
            if some and mean is not None
            else field(mean)
            for each, mean, some in zip(scores, means, partial, strict=True)
        ]
        records.append(rule("mean", pinned=True))
        records.append(Record("AVG", (Field(label, "head"), *fields), pinned=True))
    return Table(columns, records, frozen=1)
