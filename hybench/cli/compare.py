"""``hybench compare RUNS…``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import hybench
from hybench.cli.options import (
    Baseline,
    ComparedRuns,
    GroupSeeds,
    Json,
    Languages,
    MetricName,
    Output,
    ResultsData,
    RunsDir,
    Setting,
    chosen_format,
    option,
    split_list,
)
from hybench.cli.output import check_output
from hybench.cli.state import console
from hybench.wording.commands import RUNS_DIR

if TYPE_CHECKING:
    from hybench.api.comparing import MeansAlone
    from hybench.runs.run import Run

CompareFormat = Literal["table", "json", "md", "csv", "latex", "html"]
Dial = Literal["alpha", "share", "steps", "examples"]


def compare(
    runs: ComparedRuns,
    data: ResultsData = None,
    setting: Annotated[Setting | None, option(help="All by default.")] = None,
    metric: MetricName = None,
    baseline: Baseline = None,
    group_seeds: GroupSeeds = False,
    draws: Annotated[int, option(help="Random sign assignments of the tests.")] = 10_000,
    seed: Annotated[int, option(help="Seed of their signs.")] = 0,
    published: Annotated[
        list[str] | None,
        option(help="System listed by hybench published, to show next to the runs; repeatable."),
    ] = None,
    delta: Annotated[
        float | None,
        option(help="Differences smaller than this do not matter; in points, 1 by default."),
    ] = None,
    group: Annotated[
        list[str] | None, option(help="NAME=LANG,LANG: a row of its own; repeatable.")
    ] = None,
    scripts: Annotated[bool, option("--scripts", help="Add a row for each script.")] = False,
    curve: Annotated[
        Dial | None, option(help="Show scores against it, instead of the table.")
    ] = None,
    where: Annotated[
        list[str] | None,
        option(help="FIELD=VALUE: only runs whose config has it, such as steps=600; repeatable."),
    ] = None,
    hypotheses: Annotated[
        bool, option("--hypotheses", help="Show only the hypotheses of the runs' study.")
    ] = False,
    languages: Languages = None,
    format_: Annotated[
        CompareFormat | None,
        option("--format", help="Output format; by default that of the ending of -o."),
    ] = None,
    json: Json = False,
    output: Output = None,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Compare runs by language, with paired tests."""
    from hybench.api.comparing import MeansAlone, choose_runs
    from hybench.comparison.conditions import read_conditions
    from hybench.comparison.language_groups import read_groups

    check_output(output)
    shape = chosen_format(format_, json, output, get_args(CompareFormat))
    options = hybench.CompareOptions(
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
    found, left_out = choose_runs(runs, read_conditions(where or ()), runs_dir)
    for problem in left_out:
        console.warn(problem)
    if curve is not None and shape != "html":
        _curves(found, options, shape, output)
        return
    if hypotheses:
        _hypotheses(found, options, shape, output)
        return
    result = hybench.compare(found, options)
    if isinstance(result, MeansAlone):
        _means(result, shape, output)
        return
    if shape != "table" or output is not None:
        console.output(result.document("md" if shape == "table" else shape), output)
        return
    console.show(*result.sheets())
    console.talk("Next: add -o report.html for a report to send, -o table.csv for every number")


def _curves(
    runs: list[Run], options: hybench.CompareOptions, shape: str, output: Path | None
) -> None:
    from hybench.api.comparing import draw_curves
    from hybench.comparison.curve_documents import curve_sheets, render_curves

    found = draw_curves(runs, options)
    if shape != "table" or output is not None:
        console.output(render_curves(found, "md" if shape == "table" else shape), output)
    else:
        console.show(*curve_sheets(found))
        console.talk("Next: add -o curve.csv to keep every point of it")


def _means(means: MeansAlone, shape: str, output: Path | None) -> None:
    """Show imported means, when no other run was named."""
    from hybench.cli.published import show_scores
    from hybench.errors import UsageError

    if shape in {"latex", "html"}:
        raise UsageError(
            f"--format {shape}: these runs have only imported means, so there is nothing to test.",
            "Add a run that was evaluated, or choose csv, json or md.",
        )
    if show_scores(means.rows, means.sheets(), shape, output):
        console.talk("Next: add runs that were evaluated on the same set")


def _hypotheses(
    runs: list[Run], options: hybench.CompareOptions, shape: str, output: Path | None
) -> None:
    """Show only a study's hypotheses."""
    from hybench.api.comparing import hypotheses_of
    from hybench.comparison.hypothesis_documents import hypothesis_sheet
    from hybench.errors import UsageError
    from hybench.report.export import hypotheses_document

    named = hypotheses_of(runs, options)
    if named is None:
        raise UsageError(
            "--hypotheses: these runs do not belong to a study with hypotheses.",
            "Name the folder of the study's runs; a study file lists hypotheses as [[hypothesis]].",
        )
    if shape != "table" or output is not None:
        console.output(hypotheses_document(named, "md" if shape == "table" else shape), output)
    else:
        console.show(hypothesis_sheet(named))
