"""``hybench compare RUNS…``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybench.cli.options import (
    RUNS_DIR,
    Format,
    Json,
    Languages,
    Output,
    RunsDir,
    named_path,
    option,
    split_list,
)
from hybench.cli.state import console
from hybench.errors import UsageError


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUNS…", help="Runs, by name or folder; a folder of runs means all in it."
        ),
    ],
    data: Annotated[
        str | None, option("--data", help="Data set; SET@dev for another split.")
    ] = None,
    setting: Annotated[str | None, option(help="mono, cross or multi; all by default.")] = None,
    metric: Annotated[
        str | None, option(help="Metric, such as nDCG@10; the set's own by default.")
    ] = None,
    baseline: Annotated[
        str | None, option(help="Run to measure differences from; the X-X arm by default.")
    ] = None,
    group_seeds: Annotated[
        bool, option("--group-seeds", help="Take runs that differ only by seed together.")
    ] = False,
    draws: Annotated[
        int, option(help="Random sign assignments, and bootstrap resamples.")
    ] = 10_000,
    seed: Annotated[int, option(help="Seed of both.")] = 0,
    languages: Languages = None,
    format_: Format = "table",
    json: Json = False,
    output: Output = None,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Runs beside each other, per language, with paired tests against a baseline."""
    from hybench.compare.gather import CompareOptions
    from hybench.compare.layout import sheets
    from hybench.compare.render import FORMATS, render, to_markdown
    from hybench.compare.table import compare as compare_runs
    from hybench.runs import find_runs

    shape = "json" if json else format_
    if shape not in {"table", *FORMATS}:
        raise UsageError(f"--format is {shape!r}.", f"Choose one of: table {' '.join(FORMATS)}.")
    options = CompareOptions(
        data=data,
        setting=setting,
        metric=metric,
        baseline=baseline,
        group_seeds=group_seeds,
        languages=split_list(languages) or (),
        draws=draws,
        seed=seed,
    )
    paths = [Path(run) if Path(run).exists() else named_path(run, runs_dir) for run in runs]
    comparisons = compare_runs(find_runs(paths), options)
    if shape != "table":
        console.output(render(comparisons, shape), output)
    elif output is not None:
        console.output(to_markdown(comparisons), output)
    else:
        console.show(*sheets(comparisons))
        console.talk("Next: add --format csv -o FILE to keep every number of it")
