"""``hybench maps RUNS…``."""

from __future__ import annotations

from typing import Annotated, get_args

import hybench
from hybench.cli.options import (
    ComparedRuns,
    Format,
    GroupSeeds,
    Json,
    Languages,
    MetricName,
    Output,
    ResultsData,
    RunsDir,
    SheetFormat,
    chosen_format,
    option,
    split_list,
)
from hybench.cli.output import check_output
from hybench.cli.state import console
from hybench.wording.commands import RUNS_DIR


def maps(
    runs: ComparedRuns,
    data: ResultsData = None,
    metric: MetricName = None,
    baseline: Annotated[
        str | None, option(help="Run or arm: show the differences of the others from it.")
    ] = None,
    group_seeds: GroupSeeds = False,
    languages: Languages = None,
    format_: Format = None,
    json: Json = False,
    output: Output = None,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Show scores by query language and passage language, arm by arm."""
    from hybench.api.detailing import map_languages
    from hybench.comparison.language_map_documents import MAP_FORMATS, map_sheets

    check_output(output)
    shape = chosen_format(format_, json, output, get_args(SheetFormat))
    options = hybench.CompareOptions(
        data=data,
        metric=metric,
        baseline=baseline,
        group_seeds=group_seeds,
        languages=split_list(languages) or (),
    )
    found = map_languages(runs, options, runs_dir=runs_dir)
    if shape != "table" or output is not None:
        console.output(MAP_FORMATS["md" if shape == "table" else shape](found), output)
        return
    console.show(*map_sheets(found))
    console.talk("Next: add --baseline RUN for differences, -o maps.csv for every number")
