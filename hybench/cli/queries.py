"""``hybench queries RUNS…``."""

from __future__ import annotations

from typing import Annotated, get_args

import hybench
from hybench.cli.options import (
    Baseline,
    ComparedRuns,
    DataDir,
    Format,
    GroupSeeds,
    Json,
    MetricName,
    Output,
    ResultsData,
    RunsDir,
    Setting,
    SheetFormat,
    chosen_format,
    option,
)
from hybench.cli.output import check_output
from hybench.cli.state import console
from hybench.wording.commands import DATA_DIR, RUNS_DIR

SHOWN = 20
"""Queries or ranks of a table on stdout, by default."""


def queries(
    runs: ComparedRuns,
    data: ResultsData = None,
    setting: Annotated[Setting | None, option(help="The first with results by default.")] = None,
    metric: MetricName = None,
    baseline: Baseline = None,
    group_seeds: GroupSeeds = False,
    filter_: Annotated[
        str,
        option(
            "--filter", help="Words, and lang:yo (query), in:en (passages), d<-20 (difference)."
        ),
    ] = "",
    best_first: Annotated[
        bool, option("--best-first", help="The best queries first, not the worst.")
    ] = False,
    query: Annotated[
        str | None,
        option(
            "--query",
            metavar="LANG:ID",
            help="Show the rankings of this query instead; in the setting cross LANG:IN:ID.",
        ),
    ] = None,
    most: Annotated[
        int, option("-k", min=1, help="Queries, or ranks, of a table on stdout.")
    ] = SHOWN,
    format_: Format = None,
    json: Json = False,
    output: Output = None,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Show where two arms differ, query by query."""
    from hybench.api.detailing import list_queries, rank_query
    from hybench.comparison.query_list_documents import QUERY_FORMATS, query_sheets
    from hybench.comparison.ranking_documents import RANKING_FORMATS, ranking_sheets

    check_output(output)
    shape = chosen_format(format_, json, output, get_args(SheetFormat))
    document = shape != "table" or output is not None
    shape = "md" if shape == "table" else shape
    options = hybench.CompareOptions(
        data=data, setting=setting, metric=metric, baseline=baseline, group_seeds=group_seeds
    )
    if query is not None:
        pairs = rank_query(runs, query, options, data_dir=data_dir, runs_dir=runs_dir)
        if document:
            console.output(RANKING_FORMATS[shape](pairs), output)
        else:
            console.show(*ranking_sheets(pairs, most))
        return
    lists = list_queries(
        runs,
        options,
        filter_=filter_,
        best_first=best_first,
        data_dir=data_dir,
        runs_dir=runs_dir,
    )
    if document:
        console.output(QUERY_FORMATS[shape](lists), output)
        return
    console.show(*query_sheets(lists, most))
    console.talk("Next: add --query LANG:ID for both rankings, -o queries.csv for all queries")
