"""``hybench bitext RUN --data SET``."""

from __future__ import annotations

import json as json_text
from typing import Annotated, get_args

import hybench
from hybench.cli.options import (
    DataDir,
    DataSet,
    Device,
    Format,
    Json,
    Languages,
    Output,
    RunName,
    RunsDir,
    SheetFormat,
    chosen_format,
    option,
    split_list,
)
from hybench.cli.output import check_output
from hybench.cli.state import console
from hybench.wording.commands import DATA_DIR, RUNS_DIR


def bitext(
    run_name: RunName,
    data: DataSet,
    split: Annotated[
        str | None, option(help="Split that is mined: test where there is one, else dev.")
    ] = None,
    threshold_split: Annotated[
        str, option(help="Split on which the threshold has the highest F1.")
    ] = "dev",
    neighbours: Annotated[int, option(help="Nearest neighbours of the margin.")] = 4,
    languages: Languages = None,
    device: Device = "auto",
    format_: Format = None,
    json: Json = False,
    output: Output = None,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Find translations by margin, and score them by F1.

    The queries of every two languages of a parallel set are paired; nothing is written.
    """
    from hybench.wording.text_table import sheet_markdown

    check_output(output)
    shape = chosen_format(format_, json, output, get_args(SheetFormat))
    options = hybench.BitextOptions(split, threshold_split, split_list(languages), neighbours)
    with console.progress() as progress:
        found = hybench.mine_bitext(
            run_name,
            data,
            options,
            device=device,
            data_dir=data_dir,
            runs_dir=runs_dir,
            progress=progress,
        )
    if shape == "json":
        document = json_text.dumps(found.to_frame().to_dicts(), ensure_ascii=False, indent=2)
        console.output(document + "\n", output)
    elif shape == "csv":
        console.output(found.to_frame().write_csv(), output)
    elif shape == "md" or output is not None:
        console.output("\n".join(map(sheet_markdown, found.sheets())), output)
    else:
        console.show(*found.sheets())
