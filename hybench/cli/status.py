"""``hybench status [RUN…]``."""

from __future__ import annotations

import json as json_text
import math
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from hybench.cli.options import Format, Json, Output, RunsDir, SheetFormat, chosen_format, option
from hybench.cli.output import check_output
from hybench.cli.state import console
from hybench.errors import UsageError
from hybench.runs.named import compare_command, named_runs
from hybench.values.checks import within
from hybench.values.weights import set_names
from hybench.wording.amounts import count, counted, number
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, evaluating

if TYPE_CHECKING:
    from hybench.alerts.settings import AlertSettings
    from hybench.runs.status import RunStatus, StatusBoard
    from hybench.wording.text_table import Sheet

_TONES = {"running": "best", "failed": "worse", "stalled": "worse", "gone": "quiet"}

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
    from hybench.wording.text_table import sheet_markdown

    check_output(output)
    shape = chosen_format(format_, json, None if watch else output, get_args(SheetFormat))
    _check(shape, watch, every, output)
    paths = named_runs(runs, runs_dir)
    board = StatusBoard(paths or [runs_dir])
    if watch:
        _watch(board, every, shape, alert_settings(Path.cwd()))
    found = board.look()
    if shape == "json":
        console.output(_document(found) + "\n", output)
    elif shape == "csv":
        console.output(_csv(found), output)
    elif shape == "md" or output is not None:
        console.output(sheet_markdown(status_sheet(found)), output)
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
            console.output(_document(found), None)
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


def status_sheet(found: Sequence[RunStatus], happened: Sequence[str] = ()) -> Sheet:
    """A line per run, with the reasons why runs stopped below, and what has happened meanwhile."""
    from hybench.wording.text_table import Entry, Line, Sheet

    header = ("run", "state", "step", "steps/s", "left", "loss", "dev score", "last event")
    lines = []
    for one in found:
        state = Entry(one.state, _TONES.get(one.state, ""))
        lines.append(Line((Entry(one.name), state, *map(Entry, _fields(one)))))
    notes = [f"{one.name}: {one.reason}" for one in found if one.reason]
    notes += [
        f"{one.name}: its log has {counted(one.torn, 'lines')} that cannot be read."
        for one in found
        if one.torn
    ]
    return Sheet("runs", header, 2, tuple(lines), notes=(*notes, *happened))


def _fields(one: RunStatus) -> Iterator[str]:
    """Steps, rate, time left, loss, score and age, as text."""
    from hybench.wording.amounts import duration
    from hybench.wording.text_table import NOT_RUN

    yield NOT_RUN if one.steps is None else f"{count(one.step)}/{count(one.steps)}"
    yield NOT_RUN if one.steps_per_second is None else f"{one.steps_per_second:.3g}"
    yield NOT_RUN if one.seconds_left is None else duration(one.seconds_left)
    yield NOT_RUN if one.loss is None else number(one.loss)
    yield NOT_RUN if one.score is None else number(one.score)
    yield NOT_RUN if one.age is None else f"{duration(one.age)} ago"


def _line(one: RunStatus) -> str:
    """One run in one line, without what changes when nothing happens."""
    step, rate, left, loss, score, _ = _fields(one)
    told = f"{one.name}: {one.state}, step {step}, {rate} steps/s, {left} left, loss {loss}"
    return f"{told}, dev score {score}" + (f": {one.reason}" if one.reason else "")


def _plain(one: RunStatus) -> dict[str, Any]:
    """Its fields as JSON values; NaN and infinity are null."""
    value = asdict(one) | {"path": str(one.path)}
    return {
        name: None if isinstance(each, float) and not math.isfinite(each) else each
        for name, each in value.items()
    }


def _document(found: Sequence[RunStatus]) -> str:
    runs = [_plain(one) for one in found]
    return json_text.dumps({"format": 1, "runs": runs}, ensure_ascii=False, allow_nan=False)


def _csv(found: Sequence[RunStatus]) -> str:
    import csv
    import io

    text = io.StringIO()
    rows = [asdict(one) for one in found]
    for row in rows:
        del row["alarms"]
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


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
