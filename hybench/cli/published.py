"""``hybench published``."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, get_args

from hybench.cli.options import Format, Json, Output, SheetFormat, chosen_format, option, split_list
from hybench.cli.output import check_output
from hybench.cli.state import console

if TYPE_CHECKING:
    from hybench.importing.published import Published
    from hybench.wording.text_table import Sheet

_FEW = 3
"""Languages that a summary names; of more, it says how many."""


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
    from hybench.report.published import scores_document, value_sheets

    check_output(output)
    shape = chosen_format(format_, json, output, get_args(SheetFormat))
    systems, codes = split_list(system) or (), split_list(languages) or ()
    rows = select(published_table(), dataset, systems, codes, metric)
    asked = dataset or systems or codes or metric
    sheets = value_sheets(rows, "published") if asked else [summary_sheet(rows)]
    if shape != "table" or output is not None:
        console.output(scores_document(rows, sheets, shape), output)
        return
    console.show(*sheets)
    console.talk("Next: hybench compare RUNS --published SYSTEM")


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
