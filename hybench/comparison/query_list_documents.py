"""Lists of queries as sheets and documents.

**json**: ``{"format": 1, "lists": [...]}``, each with its ``queries``. **csv**: one line per list
and query with the columns of `CSV_COLUMNS`. **md**: the sheets that the terminal shows. In json and
csv numbers are in the metric's own unit, not ×100.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

from hybench.comparison.query_lists import QueryList
from hybench.comparison.units import MetricStyle, metric_style
from hybench.wording.amounts import counted
from hybench.wording.text_table import Entry, Line, Sheet, sheet_markdown

JSON_FORMAT = 1

CSV_COLUMNS = (
    "dataset", "split", "setting", "metric", "arm", "baseline", "query_lang", "corpus_lang",
    "query_id", "value", "baseline_value", "difference", "text",
)  # fmt: skip
"""Without a baseline, the last but one are empty."""


def query_sheets(lists: Sequence[QueryList], most: int | None = None) -> tuple[Sheet, ...]:
    """A sheet per list.

    Args:
        lists: what to show.
        most: queries of each; None for all.
    """
    return tuple(_sheet(each, most) for each in lists)


def _sheet(found: QueryList, most: int | None) -> Sheet:
    style = metric_style(found.metric)
    factor = f" ×{style.factor:g}" if style.factor != 1 else ""
    against = f" against {found.baseline}" if found.baseline else ""
    shown = found.frame if most is None else found.frame.head(most)
    notes = [found.note] if found.note else []
    if shown.height < found.frame.height:
        notes.append(f"The first {shown.height:,} of {found.frame.height:,} queries.")
    values = (found.baseline, found.arm) if found.baseline else (found.arm,)
    return Sheet(
        f"{found.arm}{against} · {found.dataset} ({found.split}) · {found.setting} · "
        f"{found.metric}{factor}",
        ("lang", "in", "id", "query", *values, *(["Δ"] if found.baseline else [])),
        4,
        tuple(_line(row, style, found) for row in shown.iter_rows(named=True)),
        counted(found.frame.height, "queries"),
        tuple(notes),
    )


def _line(row: dict[str, Any], style: MetricStyle, found: QueryList) -> Line:
    here = row["corpus_lang"] if row["corpus_lang"] != row["query_lang"] else ""
    words = [
        Entry(row["query_lang"]),
        Entry(here),
        Entry(row["query_id"]),
        Entry(row["text"] or ""),
    ]
    value = Entry(style.text(row["right"]))
    if not found.baseline:
        return Line((*words, value))
    delta = Entry(style.text(row["delta"], signed=True))
    return Line((*words, Entry(style.text(row["left"])), value, delta))


def _records(found: QueryList) -> list[dict[str, Any]]:
    return [
        {
            "query_lang": row["query_lang"],
            "corpus_lang": row["corpus_lang"],
            "query_id": row["query_id"],
            "value": row["right"],
            "baseline_value": row["left"],
            "difference": row["delta"] if found.baseline else None,
            "text": row["text"] or "",
        }
        for row in found.frame.iter_rows(named=True)
    ]


def _place(found: QueryList) -> dict[str, Any]:
    return {
        "dataset": found.dataset,
        "split": found.split,
        "setting": found.setting,
        "metric": found.metric,
        "arm": found.arm,
        "baseline": found.baseline or None,
    }


def _json(lists: Sequence[QueryList]) -> str:
    plain = [{**_place(each), "queries": _records(each)} for each in lists]
    value = {"format": JSON_FORMAT, "lists": plain}
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _csv(lists: Sequence[QueryList]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for each in lists:
        place = _place(each)
        writer.writerows({**place, **record} for record in _records(each))
    return text.getvalue()


def _markdown(lists: Sequence[QueryList]) -> str:
    return "\n".join(map(sheet_markdown, query_sheets(lists)))


QUERY_FORMATS: dict[str, Callable[[Sequence[QueryList]], str]] = {
    "md": _markdown,
    "csv": _csv,
    "json": _json,
}
"""The formats of lists of queries."""
