"""Languages by runs: the fields of tab 2, and the sentence on the one under the cursor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hybench.tui.draw.table import Column, Field, Record, Table
from hybench.tui.model.color_scale import ColorScale

if TYPE_CHECKING:
    from hybench.comparison.model import Cell, Comparison, Row

NONE = "—"


def matrix_table(
    comparison: Comparison, *, difference: bool = False, sort: int | None = None, up: bool = False
) -> Table:
    """A comparison as a table whose colours show how high a value is.

    Args:
        comparison: languages, then groups of them.
        difference: show each arm minus the reference.
        sort: the arm that languages are sorted by, the best first; None for by their codes.
        up: the worst first.
    """
    from hybench.comparison.model import LANGUAGE, LOW, MEAN
    from hybench.comparison.published_columns import MARK

    rows = list(enumerate(comparison.rows))
    languages = [each for each in rows if each[1].kind == LANGUAGE]
    groups = [each for each in rows if each[1].kind != LANGUAGE]
    if sort is not None:
        languages.sort(key=lambda each: _value(each[1], sort, difference), reverse=not up)
    columns = [Column("lang", "left", most=18), Column("n")]
    arrow = "↑" if up else "↓"
    columns += [
        Column(_heading(comparison, at) + f" {arrow}" * (at == sort), most=16)
        for at in range(len(comparison.columns))
    ]
    columns += [Column(f"{each.label} {MARK}", most=16) for each in comparison.published]
    detectable = comparison.baseline is not None and comparison.tests > 0
    columns += [Column("detectable")] * detectable
    shades = _shades(comparison, difference)
    records = [
        Record(
            row.label,
            _fields(comparison, place, row, shades, difference)
            + (Field(detectable_text(comparison, row) or NONE, "quiet"),) * detectable,
            pinned=row.kind in {MEAN, LOW},
        )
        for place, row in [*languages, *groups]
    ]
    records += _records(comparison, len(columns))
    return Table(tuple(columns), records, frozen=2)


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


def _shades(comparison: Comparison, difference: bool) -> ColorScale:
    from hybench.comparison.units import metric_style

    values = [
        _value(row, at, difference)
        for row in comparison.rows
        for at, cell in enumerate(row.cells)
        if cell is not None
    ]
    lower = metric_style(comparison.metric).lower_is_better
    return ColorScale.of(values, difference=difference, lower_is_better=lower)


def _fields(
    comparison: Comparison, place: int, row: Row, shades: ColorScale, difference: bool
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
                _tone(cell),
                shades.heat(value),
                difference,
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


def _tone(cell: Cell) -> str:
    if cell.difference is not None and cell.difference.significant:
        return cell.difference.outcome if cell.difference.outcome in {"better", "worse"} else ""
    return "best" if cell.best else ""


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
    shades = ColorScale.of(value for each in scores for value in (each or {}).values())
    columns = (Column("lang", "left", most=18), *(Column(name, most=16) for name in names))

    def field(value: float | None) -> Field:
        if value is None:
            return Field("…", "quiet")
        if math.isnan(value):
            return Field("NaN", "worse")
        return Field(f"{value * 100:.1f}", heat=shades.heat(value))

    records = [
        Record(
            language,
            (Field(language, "head"), *(field((each or {}).get(language)) for each in scores)),
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
        records.append(Record("AVG", (Field(label, "head"), *fields), pinned=True))
    return Table(columns, records, frozen=1)
