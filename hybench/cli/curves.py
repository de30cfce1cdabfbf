"""``hybench curves [RUN…]``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from hybench.cli.options import Languages, Output, RunsDir, option, split_list
from hybench.cli.output import check_output
from hybench.cli.state import console
from hybench.errors import UsageError
from hybench.runs.named import named_runs
from hybench.wording.commands import RUNS_DIR

Shape = Literal["svg", "csv", "md"]


def curves(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN", help="Runs or folders of runs; --runs-dir by default."),
    ] = None,
    show: Annotated[
        str,
        option(
            help="loss, score (dev), loss-by-batch, lr, gradient-norm, rate, memory; or languages, "
            "for dev scores by language."
        ),
    ] = "loss",
    axis: Annotated[str, option(help="step, seconds or examples.")] = "step",
    smooth: Annotated[
        float, option(help="What a moving average keeps at a step; 0 for none.")
    ] = 0.0,
    log: Annotated[bool, option("--log", help="Logarithmic scale.")] = False,
    group_by: Annotated[
        str, option(metavar="FIELD", help="Average runs by arm, by a config field, or not: run.")
    ] = "arm",
    data: Annotated[str, option(help="Dev set of --show languages.")] = "",
    setting: Annotated[str, option(help="Its setting: mono, cross, multi.")] = "",
    languages: Languages = None,
    format_: Annotated[
        Shape | None, option("--format", help="By default that of the ending of -o, or csv.")
    ] = None,
    output: Output = None,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Write curves of trainings to a file: SVG, CSV or Markdown."""
    from hybench.tui.model.curve_files import CurveChoice, curve_document

    check_output(output)
    shape = format_ or _shape(output)
    choice = CurveChoice(
        tuple(named_runs(runs, runs_dir) or [runs_dir]),
        show,
        axis,
        smooth,
        log,
        group_by,
        data,
        setting,
        tuple(split_list(languages) or ()),
    )
    console.output(curve_document(choice, shape), output)


def _shape(output: Path | None) -> str:
    """The format of a file's ending; CSV for stdout.

    Raises:
        UsageError: there is none of that ending.
    """
    from hybench.tui.model.curve_files import SHAPES

    if output is None or str(output) == "-":
        return "csv"
    shape = output.suffix.lower().removeprefix(".")
    if shape not in SHAPES:
        endings = " ".join(f".{each}" for each in SHAPES)
        raise UsageError(
            f"--output {output}: the format is unknown.", f"End it with {endings}, or add --format."
        )
    return shape
