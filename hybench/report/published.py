"""Scores that others have published, or that were imported as means: their tables and files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet, sheet_markdown

if TYPE_CHECKING:
    from hybench.importing.published import Published

_COLUMNS = ("dataset", "split", "setting", "metric", "system", "language", "value", "source")


def scores_document(rows: Sequence[Published], sheets: Sequence[Sheet], shape: str) -> str:
    """Scores as JSON, CSV or Markdown.

    Args:
        rows: what JSON and CSV hold.
        sheets: what Markdown shows of it.
        shape: the format.
    """
    if shape == "json":
        scores = {"format": 1, "scores": _records(rows)}
        return json.dumps(scores, ensure_ascii=False, indent=2) + "\n"
    if shape == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_records(rows))
        return text.getvalue()
    return "\n".join(map(sheet_markdown, sheets))


def _records(rows: Sequence[Published]) -> list[dict[str, Any]]:
    """A record by value, whole and not ×100."""
    return [
        {name: getattr(row, name, None) for name in _COLUMNS}
        | {"language": language, "value": value}
        for row in rows
        for language, value in row.values.items()
    ]


def value_sheets(rows: Sequence[Published], what: str) -> list[Sheet]:
    """The values: a table by data set, setting and metric, a line by system and source.

    Args:
        rows: the values.
        what: what they are, for the titles.
    """
    from hybench.comparison.units import metric_style
    from hybench.importing.published import MEAN

    groups: dict[tuple[str, str, str, str], list[Published]] = {}
    for row in rows:
        groups.setdefault((row.dataset, row.split, row.setting, row.metric), []).append(row)
    sheets = []
    for (dataset, split, setting, metric), of in groups.items():
        style = metric_style(metric)
        columns = sorted({name for row in of for name in row.values}, key=lambda n: (n == MEAN, n))
        lines = []
        for row in of:
            values = [row.values.get(name) for name in columns]
            shown = [Entry(NOT_RUN if each is None else style.text(each)) for each in values]
            lines.append(Line((Entry(row.system), *shown)))
        factor = f" ×{style.factor:g}" if style.factor != 1 else ""
        title = f"{dataset} ({split}) · {setting} · {metric}{factor}, {what}"
        sources: dict[str, list[str]] = {}
        for row in of:
            sources.setdefault(row.source, []).append(row.system)
        notes = tuple(f"{', '.join(systems)}: {source}" for source, systems in sources.items())
        sheets.append(Sheet(title, ("system", *columns), 1, tuple(lines), notes=notes))
    return sheets
