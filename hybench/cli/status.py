"""``hybench status [RUN…]``."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from hybench.cli.options import Format, Json, Output, RunsDir, SheetFormat, chosen_format, option
from hybench.cli.output import check_output
from hybench.cli.state import console
from hybench.errors import UsageError
from hybench.runs.named import compare_command, named_runs
from hybench.values.checks import within
from hybench.values.weights import set_names
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, evaluating

if TYPE_CHECKING:
    from hybench.alerts.settings import AlertSettings
    from hybench.runs.status import RunStatus, StatusBoard

_MOST_HAPPENED = 10
"""Lines on what has happened that stay below the table."""


def status(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN", help="Runs, by name or folder; all by default."),
    ] = None,
    watch: Annotated[bool, option("--watch", "-w", help="Update the table until Ctrl-C.")] = False,
    every: Annotated[float, option(help="Seconds between updates.")] = 2.0,
    format_: Format = None,
    json: Json = False,
    output: Output = None,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Show runs' progress: state, steps, time left, loss, dev score."""
    from hybench.alerts.settings import alert_settings
    from hybench.runs.status import StatusBoard
    from hybench.runs.status_document import status_document, status_sheet

    check_output(output)
    shape = chosen_format(format_, json, None if watch else output, get_args(SheetFormat))
    _check(shape, watch, every, output)
    paths = named_runs(runs, runs_dir)
    board = StatusBoard(paths or [runs_dir])
    if watch:
        _watch(board, every, shape, alert_settings(Path.cwd()))
    found = board.look()
    if shape != "table" or output is not None:
        console.output(status_document(found, shape), output)
    else:
        console.show(status_sheet(found))
        console.talk(f"Next: {_next(found, runs_dir)}")


def _check(shape: str, watch: bool, every: float, output: Path | None) -> None:
    within("--every", every, 0.1, 3600)
    if watch and (output is not None or shape not in {"table", "json"}):
        raise UsageError(
            "--watch shows a table, or with --json a line of JSON per update.",
            "Omit --output and --format, or omit --watch.",
        )


def _watch(board: StatusBoard, every: float, shape: str, settings: AlertSettings) -> None:
    """Show updates until Ctrl-C: a table drawn over the last one, or lines if not on a terminal.

    What happens to runs meanwhile is told as ``[alerts]`` says.
    """
    from hybench.alerts.teller import Teller
    from hybench.runs.status_document import json_line, status_sheet

    told: dict[Path, str] = {}
    happened: deque[str] = deque(maxlen=_MOST_HAPPENED)
    teller = Teller(settings, happened.append)
    drawn = console.width is not None and os.environ.get("TERM") != "dumb"
    while True:
        found = board.look()
        for alert in teller.look(found):
            happened.append(alert.text)
            if settings.desktop:
                console.notify(f"hybench: {alert.text}")
        if shape == "json":
            console.output(json_line(found), None)
        elif drawn:
            console.clear()
            console.show(status_sheet(found, tuple(happened)))
        else:
            while happened:
                console.talk(happened.popleft())
            lines = {one.path: _line(one) for one in found}
            new = [line for path, line in lines.items() if told.get(path) != line]
            console.data("".join(f"{line}\n" for line in new))
            told = lines
        time.sleep(every)


def _line(one: RunStatus) -> str:
    """One run in one line, without what changes when nothing happens."""
    from hybench.runs.status_document import status_fields

    step, rate, left, loss, score, _ = status_fields(one)
    told = f"{one.name}: {one.state}, step {step}, {rate} steps/s, {left} left, loss {loss}"
    return f"{told}, dev score {score}" + (f": {one.reason}" if one.reason else "")


def _next(found: Sequence[RunStatus], runs_dir: Path) -> str:
    """What to do next: resume an interrupted run, wait, evaluate, or compare."""
    from hybench.runs.run import Run, list_results
    from hybench.runs.status import AT_WORK

    stopped = [one for one in found if one.state == "interrupted"]
    if stopped:
        path = stopped[0].path
        return command("train", "--resume", "--name", path.name, runs_dir=path.parent)
    if any(one.state in AT_WORK for one in found):
        return command("status", "--watch", runs_dir=runs_dir)
    folders = [one.path.parent for one in found]
    usual = runs_dir.resolve() in {folder.resolve() for folder in folders}
    folder = runs_dir if usual else folders[0]
    runs = [Run(one.path) for one in found if one.path.parent.resolve() == folder.resolve()]
    if any(map(list_results, runs)):
        return compare_command(folder, runs)
    trained = [run for run in runs if run.model_files.is_file()]
    if not trained:
        return "hybench train --help"
    data = next(iter(set_names(trained[0].read_config().get("data", []))), "SET")
    return evaluating(trained[0].path, str(data), DATA_DIR)
