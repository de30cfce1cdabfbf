"""``hybench search TEXT``."""

from __future__ import annotations

import json as json_text
from typing import Annotated, get_args

import typer

import hybench
from hybench.cli.options import (
    DataDir,
    DataSet,
    Device,
    Format,
    Json,
    Languages,
    Memory,
    Output,
    RunsDir,
    SheetFormat,
    chosen_format,
    memory_of,
    option,
    split_list,
)
from hybench.cli.output import check_output
from hybench.cli.state import console
from hybench.wording.commands import DATA_DIR, RUNS_DIR


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A query in any language.")],
    run: Annotated[
        str, option("--run", help="Run whose model and index are used, by name or by its folder.")
    ],
    data: DataSet,
    languages: Languages = None,
    query_language: Annotated[
        str | None,
        option(help="Code of the query's language, for a run whose vectors depend on it."),
    ] = None,
    k: Annotated[int, option("-k", help="Passages to show.")] = 10,
    memory: Memory = None,
    device: Device = "auto",
    format_: Format = None,
    json: Json = False,
    output: Output = None,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Search a data set for a text with a run's model.

    The search is exact, over the passages that the run has indexed; -l selects their languages.
    """
    from hybench.wording.text_table import sheet_markdown

    check_output(output)
    shape = chosen_format(format_, json, output, get_args(SheetFormat))
    hits = hybench.search(
        text,
        run,
        data,
        languages=split_list(languages) or (),
        query_language=query_language,
        k=k,
        memory=memory_of(memory),
        device=device,
        data_dir=data_dir,
        runs_dir=runs_dir,
    )
    frame = hits.to_frame()
    if shape == "json":
        document = json_text.dumps(frame.to_dicts(), ensure_ascii=False, indent=2)
        console.output(document + "\n", output)
    elif shape == "csv":
        console.output(frame.write_csv(), output)
    elif shape == "md" or output is not None:
        console.output("\n".join(map(sheet_markdown, hits.sheets())), output)
    else:
        console.show(*hits.sheets())
