"""A table in the order of one of its columns, as a click on a heading asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hybench.tui.draw.table import Table

_NUMBER = re.compile(r"[+−-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[+−-]?\d+)?")
_SIZES = {"k": 1e3, "M": 1e6, "G": 1e9}
_ARROWS = {True: "▾", False: "▴"}


@dataclass(frozen=True)
class Order:
    """How a table is sorted.

    Attributes:
        label: the heading of the column, without an arrow.
        down: whether the largest number, or the last word, comes first.
    """

    label: str
    down: bool


def next_order(table: Table, column: int, order: Order | None) -> Order | None:
    """What a further click on a heading asks for: numbers down and words up first, then the other
    way, then the order that the table had. A column without a heading, or of signs alone, sorts
    nothing.
    """
    label, texts = plain_label(table.columns[column].label), _texts(table, column)
    if not label or not any(_reader(texts)(text) for text in texts):
        return order
    first = any(_number(text) is not None for text in texts)
    if order is None or order.label != label:
        return Order(label, first)
    return None if order.down != first else Order(label, not first)


def plain_label(label: str) -> str:
    """A heading without the arrow of a sorted table."""
    return label.rstrip("".join(_ARROWS.values())).rstrip()


def sorted_table(table: Table, order: Order | None) -> Table:
    """The rows in that order; pinned rows and those below a line stay where they are, and so does
    all of a table without such a column. Fields without a value come last.
    """
    labels = [column.label for column in table.columns]
    if order is None or order.label not in labels:
        return table
    at = labels.index(order.label)
    records, end = list(table.records), _end(table)
    read = _reader(_texts(table, at))
    values = [(read(record.fields[at].text), record) for record in records[:end]]
    known = [(value, record) for value, record in values if value is not None]
    known.sort(key=lambda each: each[0], reverse=order.down)
    rest = [record for value, record in values if value is None]
    heading = replace(table.columns[at], label=f"{order.label} {_ARROWS[order.down]}")
    columns = (*table.columns[:at], heading, *table.columns[at + 1 :])
    return Table(columns, [*(record for _, record in known), *rest, *records[end:]], table.frozen)


def _texts(table: Table, column: int) -> list[str]:
    return [record.fields[column].text for record in table.records[: _end(table)]]


def _end(table: Table) -> int:
    """How many rows are above those that stay where they are."""
    stays = (at for at, record in enumerate(table.records) if record.rule or record.pinned)
    return next(stays, len(table.records))


def _reader(texts: Sequence[str]) -> Callable[[str], tuple[float, str] | None]:
    """What a field's place depends on: its number where any of the fields has one, or its words."""
    if any(_number(text) is not None for text in texts):
        return lambda text: None if (found := _number(text)) is None else (found, "")
    return lambda text: (0.0, text.strip().casefold()) if any(map(str.isalnum, text)) else None


def _number(text: str) -> float | None:
    """The number that a field begins with: ``40.1▲*``, ``−1.2``, ``8.2k``; None for a word."""
    text = text.strip().lstrip("<[")
    found = _NUMBER.match(text)
    if found is None:
        return None
    size = _SIZES.get(text[found.end() : found.end() + 1], 1.0)
    return float(found[0].replace("−", "-").replace(",", "")) * size
