"""Tables of means without values per query: published scores and imported runs."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from hybench.comparison.units import metric_style
from hybench.data.schema import SETTINGS
from hybench.importing.published import MEAN, Published
from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet

_FEW = 3
"""Most languages that a summary names; others are counted."""


def summary_sheet(rows: Sequence[Published]) -> Sheet:
    """The summary: a line per data set and system."""
    groups: dict[tuple[str, str], list[Published]] = {}
    for row in rows:
        groups.setdefault((row.dataset, row.system), []).append(row)
    lines = []
    for (dataset, system), of in sorted(groups.items()):
        metrics = " ".join(dict.fromkeys(row.metric for row in of))
        settings = " ".join(name for name in SETTINGS if name in {row.setting for row in of})
        languages = sorted({language for row in of for language in row.languages})
        told = " ".join(languages) if len(languages) <= _FEW else str(len(languages))
        sources = dict.fromkeys(shorten(row.source, 40, placeholder=" …") for row in of)
        fields = (dataset, system, settings, metrics, told or "mean alone", "; ".join(sources))
        lines.append(Line(tuple(map(Entry, fields))))
    header = ("data set", "system", "settings", "metrics", "languages", "source")
    note = (
        "Values and whole sources: hybench published --dataset, --system, --languages or --metric."
    )
    return Sheet("published scores", header, len(header), tuple(lines), notes=(note,))


def value_sheets(rows: Sequence[Published], what: str) -> list[Sheet]:
    """The values: a table per data set, setting and metric, a line per system and source.

    Args:
        rows: the values.
        what: their description, for the titles.
    """
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
