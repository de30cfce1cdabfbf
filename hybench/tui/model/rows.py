"""Tables and curves as rows of text, for the clipboard and for files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from hybench.tui.draw.sorting import plain_label
from hybench.tui.draw.table import Column, Record, Table
from hybench.tui.draw.text import short
from hybench.tui.draw.traces import Trace, View, value_at
from hybench.wording.error_messages import one_line

Rows = list[tuple[str, ...]]
"""Texts by row and column; the headings come first."""


def table_rows(table: Table) -> Rows:
    """The rows of a table in their order, without pictures and without lines between rows."""
    kept = [at for at, column in enumerate(table.columns) if not column.picture]
    rows = [tuple(plain_label(table.columns[at].label) for at in kept)]
    rows += [
        tuple(field_text(record, at) for at in kept) for record in table.records if not record.rule
    ]
    return rows


def field_text(record: Record, column: int) -> str:
    """A field in one line, without the blanks that align it."""
    return one_line(record.fields[column].text).strip()


def main_column(columns: Sequence[Column], frozen: int) -> int:
    """The column that says what a row is: that of a long text, or else the first with a heading."""
    texts = [at for at, each in enumerate(columns) if each.align == "left" and each.label]
    return max(texts, key=lambda at: (columns[at].most, -at), default=frozen)


def curve_rows(curves: Sequence[tuple[str, Trace]], axis: str) -> Rows:
    """Curves as they are drawn, a row for each place on the axis that an arm has a value at.

    Args:
        curves: what each shows, and the curve.
        axis: what x is: step, seconds or examples.
    """
    rows: Rows = [("chart", "run", axis, "value", "low", "high", "runs")]
    for chart, trace in curves:
        curve = trace.curve
        values = curve.mean if trace.smoothed is None else trace.smoothed
        counts = [1] * len(values) if trace.counts is None else trace.counts.astype(int).tolist()
        columns = (curve.x, values, curve.low, curve.high)
        rows += [
            (chart, trace.label, *(f"{value:.8g}" for value in numbers), str(count))
            for *numbers, count in zip(*(each.tolist() for each in columns), counts, strict=True)
        ]
    return rows


def read_out(title: str, traces: Sequence[Trace], view: View) -> str:
    """The values of a chart at the cursor, or at the curves' ends."""
    place = "" if view.cursor is None else f" at {view.axis} {short(view.cursor, 6)}"
    values = [
        f"{trace.label} {short(value_at(trace, view.cursor), view.digits)}".strip()
        for trace in traces
    ]
    return f"{title}{place}: {', '.join(values)}" if values else ""


def tab_separated(rows: Rows) -> str:
    """Rows as spreadsheets take them from the clipboard."""
    return "\n".join("\t".join(row) for row in rows)


def comma_separated(rows: Rows) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def markdown(rows: Rows, title: str) -> str:
    """Rows as a table in Markdown, below what they are."""
    from hybench.wording.text_table import Entry, Line, Sheet, sheet_markdown

    lines = tuple(Line(tuple(map(Entry, row))) for row in rows[1:])
    return sheet_markdown(Sheet(title, rows[0], 1, lines))
