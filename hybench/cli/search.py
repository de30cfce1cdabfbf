"""``hybench search TEXT``."""

from __future__ import annotations

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
        list[str],
        option(
            "--run",
            help="Run whose model and index are used, by name or by its folder; repeatable.",
        ),
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
    from hybench.api.searching import judged
    from hybench.comparison.hit_documents import HIT_FORMATS

    check_output(output)
    shape = chosen_format(format_, json, output, get_args(SheetFormat))
    found = [
        hybench.search(
            text,
            name,
            data,
            languages=split_list(languages) or (),
            query_language=query_language,
            k=k,
            memory=memory_of(memory),
            device=device,
            data_dir=data_dir,
            runs_dir=runs_dir,
        )
        for name in run
    ]
    if shape == "table" and output is None:
        console.show(*(sheet for hits in found for sheet in hits.sheets()))
        return
    document = HIT_FORMATS["md" if shape == "table" else shape]
    console.output(document(judged(found, data, data_dir)), output)
