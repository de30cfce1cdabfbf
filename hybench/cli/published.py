"""``hybench published``."""

from __future__ import annotations

import csv
import io
import json as json_text
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any, get_args

from hybench.cli.options import Format, Json, Output, SheetFormat, chosen_format, option, split_list
from hybench.cli.output import check_output
from hybench.cli.state import console

if TYPE_CHECKING:
    from hybench.importing.published import Published
    from hybench.wording.text_table import Sheet

_FEW = 3
"""Languages that a summary names; of more, it says how many."""

_COLUMNS = ("dataset", "split", "setting", "metric", "system", "language", "value", "source")


def published(
    dataset: Annotated[str | None, option(help="Data set: miracl, xquad-r, mlqa-r.")] = None,
    system: Annotated[list[str] | None, option(help="Part of a system's name; repeatable.")] = None,
    languages: Annotated[
        list[str] | None,
        option(
            "--languages", "-l", help="Language codes, or mean for published averages; repeatable."
        ),
    ] = None,
    metric: Annotated[str | None, option(help="Metric, such as nDCG@10 or ndcg_at_10.")] = None,
    format_: Format = None,
    json: Json = False,
    output: Output = None,
) -> None:
    """Scores that others have published, with their sources."""
    from hybench.importing.published import published_table, select

    check_output(output)
    shape = chosen_format(format_, json, output, get_args(SheetFormat))
    systems, codes = split_list(system) or (), split_list(languages) or ()
    rows = select(published_table(), dataset, systems, codes, metric)
    asked = dataset or systems or codes or metric
    sheets = value_sheets(rows, "published") if asked else [summary_sheet(rows)]
    if show_scores(rows, sheets, shape, output):
        console.talk("Next: hybench compare RUNS --published SYSTEM")


def show_scores(
    rows: Sequence[Published], sheets: Sequence[Sheet], shape: str, output: Path | None
) -> bool:
    """Write scores in any format but LaTeX and HTML.

    Args:
        rows: what JSON and CSV hold.
        sheets: what people read of it.
        shape: the format.
        output: where to; None prints.

    Returns:
        Whether tables were shown.
    """
    from hybench.wording.text_table import sheet_markdown

    if shape == "json":
        scores = list(_flat(rows))
        text = json_text.dumps({"format": 1, "scores": scores}, ensure_ascii=False, indent=2)
        console.output(text + "\n", output)
    elif shape == "csv":
        console.output(_csv(rows), output)
    elif shape == "md" or output is not None:
        console.output("\n".join(map(sheet_markdown, sheets)), output)
    else:
        console.show(*sheets)
        return True
    return False


def _flat(rows: Sequence[Published]) -> list[dict[str, Any]]:
    """A record by value, whole and not ×100."""
    return [
        {name: getattr(row, name, None) for name in _COLUMNS}
        | {"language": language, "value": value}
        for row in rows
        for language, value in row.values.items()
    ]


def _csv(rows: Sequence[Published]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_flat(rows))
    return text.getvalue()


def summary_sheet(rows: Sequence[Published]) -> Sheet:
    """What there is: a line by data set and system."""
    from hybench.data.schema import SETTINGS
    from hybench.wording.text_table import Entry, Line, Sheet

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
    """The values: a table by data set, setting and metric, a line by system and source.

    Args:
        rows: the values.
        what: what they are, for the titles.
    """
    from hybench.comparison.units import metric_style
    from hybench.importing.published import MEAN
    from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet

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
