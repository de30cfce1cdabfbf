"""One arm against the reference: the fields of tab 4, and what differs in their configs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Any

from hybench.runs.derived import shown_config
from hybench.tui.draw.table import Column, Field, Record, Table

if TYPE_CHECKING:
    from hybench.comparison.model import Comparison, Difference
    from hybench.tui.model.scores import Scores

NONE = "—"
FOREST = (9, 121)
"""Cells of the picture of an interval, at least and at most."""

_WIDE = 96
"""Cells from which on the arms' names have room."""

_FAR = 3.0
"""An interval that reaches this many times as far as the median one is cut off."""


def comparison_table(
    comparison: Comparison, arm: int, width: int, colors: Sequence[int] = ()
) -> Table:
    """Differences with their intervals, drawn too where the columns leave room for it, and what
    they come to; while a study is not finished, nothing is tested and there are no such columns.

    Args:
        comparison: the table.
        arm: column of the arm.
        width: cells.
        colors: numbers of the arms' colours, by column.
    """
    from hybench.comparison.layout import p_text
    from hybench.comparison.model import LOW, MEAN
    from hybench.comparison.units import metric_style

    base = comparison.baseline or 0
    style, tested = metric_style(comparison.metric), not comparison.unfinished
    found = [_difference(comparison, at, arm) for at in range(len(comparison.rows))]
    records: list[Record] = []
    for row, difference in zip(comparison.rows, found, strict=True):
        cells = [row.cells[base], row.cells[arm]]
        values = [Field(NONE if cell is None else style.text(cell.value)) for cell in cells]
        if difference is None:
            rest = [Field(NONE, "quiet")] * (4 if tested else 2)
        else:
            outcome = difference.outcome if tested else ""
            tone = outcome if outcome in {"better", "worse"} else "quiet"
            rest = [
                Field(style.text(difference.value, signed=True), tone),
                Field(style.interval(difference.low, difference.high)),
            ]
            rest += [Field(p_text(difference)), Field(outcome, tone)] if tested else []
        head = [Field(row.label, "head"), Field(f"{row.sources:,}", "quiet")]
        fields = (*head, *values, *rest)
        records.append(Record(row.label, fields, pinned=row.kind in {MEAN, LOW}))
    most = 12 if width >= _WIDE else 8
    columns = (
        Column("lang", "left", most=18),
        Column("n"),
        *(
            Column(
                comparison.columns[at].label,
                most=most,
                curve=colors[at] if at < len(colors) else None,
                alike=1,
            )
            for at in (base, arm)
        ),
        Column("diff"),
        Column("95 % interval"),
        *([Column("p Holm", width=7), Column("outcome", "left", most=12)] if tested else ()),
    )
    table = Table(columns, records, frozen=1)
    room = min(width - sum(table.widths) - len(columns), FOREST[1])
    room -= 1 - room % 2  # zero has the middle
    if room < FOREST[0] or not any(found):
        return table
    reach = farthest([each for each in found if each])
    ends = f"-{style.text(reach)} to +{style.text(reach)}"
    title = ends if len(ends) <= room else f"±{style.text(reach)}"
    drawn = [
        replace(record, fields=(*record.fields, _drawn(difference, reach, room)))
        for record, difference in zip(records, found, strict=True)
    ]
    return Table((*columns, Column(title, "left", width=room, picture=True)), drawn, frozen=1)


def _drawn(difference: Difference | None, reach: float, room: int) -> Field:
    if difference is None:
        return Field("")
    tone = difference.outcome if difference.outcome in {"better", "worse"} else "quiet"
    return Field(forest(difference, reach, room), tone)


def farthest(found: Sequence[Difference]) -> float:
    """How far from zero the picture reaches: as far as any interval, except for a few far ones."""
    ends = [
        max(abs(end) for end in (each.low, each.value, each.high) if end is not None)
        for each in found
    ]
    usual = _FAR * median(ends)
    return max((end for end in ends if end <= usual), default=max(ends)) or 1.0


def _difference(comparison: Comparison, row: int, arm: int) -> Difference | None:
    cell = comparison.rows[row].cells[arm]
    return None if cell is None else cell.difference


def forest(difference: Difference, reach: float, width: int) -> str:
    """A difference in its interval, where it has one, zero in the middle; an arrow stands where it
    goes on beyond `reach`.
    """

    def place(number: float) -> int:
        share = (max(-reach, min(number, reach)) + reach) / (2 * reach)
        return round(share * (width - 1))

    cells = [" "] * width
    cells[width // 2] = "│"
    ends = [difference.value]
    if difference.low is not None and difference.high is not None:
        ends += [difference.low, difference.high]
        low, high = place(difference.low), place(difference.high)
        cells[low : high + 1] = "─" * (high - low + 1)
        if low <= width // 2 <= high:
            cells[width // 2] = "┼"
    cells[place(difference.value)] = "●"
    if min(ends) < -reach:
        cells[0] = "◂"
    if max(ends) > reach:
        cells[-1] = "▸"
    return "".join(cells)


def comparison_verdict(comparison: Comparison, arm: int) -> list[str]:
    """The verdicts on the averages, in sentences."""
    from hybench.comparison.verdict import verdicts

    said = [each for each in verdicts(comparison) if each.column == arm]
    averages = [each.sentence for each in said if comparison.rows[each.row].kind != "language"]
    return averages or [each.sentence for each in said[:1]]


def config_differences(scores: Scores, arm: int, base: int) -> list[str]:
    """Fields that the two arms' configs do not share: ``alpha 1.0 → 0.5``; of arms of two kinds,
    such as BM25 beside a trained one, their kinds alone.

    Raises:
        DataError: a config is not TOML.
    """

    left, right = (shown_config(scores.arms[at][0].read_config()) for at in (base, arm))
    kinds = [values.get("kind", "train") for values in (left, right)]
    if kinds[0] != kinds[1]:
        return [f"kind {kinds[0]} → {kinds[1]}"]
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
