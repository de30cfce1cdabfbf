"""``hybench compare RUNS…``."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import typer

from hybench.cli.options import (
    Json,
    Languages,
    Output,
    RunsDir,
    Setting,
    chosen_format,
    option,
    split_list,
)
from hybench.cli.output import check_output
from hybench.cli.state import console
from hybench.runs.named import named_runs
from hybench.wording.commands import RUNS_DIR

CompareFormat = Literal["table", "json", "md", "csv", "latex", "html"]
Dial = Literal["alpha", "share", "steps", "examples"]


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUNS", help="Runs, by name or folder; a folder of runs means all in it."
        ),
    ],
    data: Annotated[
        str | None, option("--data", help="Data set; SET@dev for another split.")
    ] = None,
    setting: Annotated[Setting | None, option(help="All by default.")] = None,
    metric: Annotated[
        str | None, option(help="Metric, such as nDCG@10; the set's own by default.")
    ] = None,
    baseline: Annotated[
        str | None,
        option(help="Run to measure differences from; the monolingual (X-X) one by default."),
    ] = None,
    group_seeds: Annotated[
        bool, option("--group-seeds", help="Take runs that differ only by seed together.")
    ] = False,
    draws: Annotated[int, option(help="Random sign assignments of the tests.")] = 10_000,
    seed: Annotated[int, option(help="Seed of their signs.")] = 0,
    published: Annotated[
        list[str] | None,
        option(help="System of hybench published to show beside the runs; repeatable."),
    ] = None,
    delta: Annotated[
        float | None,
        option(help="Differences smaller than this do not matter; in points, 1 by default."),
    ] = None,
    group: Annotated[
        list[str] | None, option(help="NAME=LANG,LANG: a row of its own; repeatable.")
    ] = None,
    scripts: Annotated[bool, option("--scripts", help="A row for each script too.")] = False,
    curve: Annotated[
        Dial | None, option(help="Show scores against it, instead of the table.")
    ] = None,
    where: Annotated[
        list[str] | None,
        option(help="FIELD=VALUE: only runs whose config has it, such as steps=600; repeatable."),
    ] = None,
    hypotheses: Annotated[
        bool, option("--hypotheses", help="Show what the runs' study named alone.")
    ] = False,
    languages: Languages = None,
    format_: Annotated[
        CompareFormat | None,
        option("--format", help="What to write; else what -o ends in."),
    ] = None,
    json: Json = False,
    output: Output = None,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Runs beside each other by language, with paired tests."""
    from hybench.comparison.conditions import read_conditions, runs_where
    from hybench.comparison.gather import CompareOptions
    from hybench.comparison.language_groups import read_groups
    from hybench.comparison.selection import readable_runs
    from hybench.report.export import Compared, CurvesAlone, MeansAlone, export_of
    from hybench.runs.run import find_runs

    check_output(output)
    shape = chosen_format(format_, json, output, get_args(CompareFormat))
    options = CompareOptions(
        data=data,
        setting=setting,
        metric=metric,
        baseline=baseline,
        group_seeds=group_seeds,
        languages=split_list(languages) or (),
        draws=draws,
        seed=seed,
        published=split_list(published) or (),
        delta=delta,
        groups=read_groups(group or ()),
        scripts=scripts,
        curve=curve,
    )
    paths = named_runs(runs, runs_dir)
    found, problems = readable_runs(find_runs(paths))
    for problem in problems:
        console.warn(problem)
    found = runs_where(found, read_conditions(where or ()))
    result = export_of(found, options, shape, hypotheses=hypotheses)
    if shape != "table" or output is not None:
        console.output(result.document("md" if shape == "table" else shape), output)
        return
    console.show(*result.sheets())
    next_step = {
        Compared: "add -o report.html for a report to send, -o table.csv for every number",
        CurvesAlone: "add -o curve.csv to keep every point of it",
        MeansAlone: "name runs beside these that were evaluated on the same set",
    }.get(type(result))
    if next_step is not None:
        console.talk(f"Next: {next_step}")
