"""``hybench published``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

from hybench.cli.options import Format, Json, Output, SheetFormat, chosen_format, option, split_list
from hybench.cli.output import check_output
from hybench.cli.state import console

if TYPE_CHECKING:
    from hybench.importing.published import Published
    from hybench.wording.text_table import Sheet


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
    """Show published scores of other systems, with their sources."""
    from hybench.comparison.published_sheets import summary_sheet, value_sheets
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
        sheets: the same as tables for people.
        shape: the format.
        output: where to; None prints.

    Returns:
        Whether tables were shown.
    """
    from hybench.importing.published import published_document
    from hybench.wording.text_table import sheet_markdown

    if shape in {"json", "csv"}:
        console.output(published_document(rows, shape), output)
    elif shape == "md" or output is not None:
        console.output("\n".join(map(sheet_markdown, sheets)), output)
    else:
        console.show(*sheets)
        return True
    return False
