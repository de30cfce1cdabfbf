"""``hybench study run FILE`` and ``hybench study status``."""

from __future__ import annotations

import json as json_text
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import hybench
from hybench.cli.interrupt import stop_on_interrupt
from hybench.cli.options import (
    DataDir,
    Engine,
    Json,
    RayAddress,
    ReportTo,
    RunsDir,
    option,
    split_list,
)
from hybench.cli.state import console
from hybench.errors import EXIT_INTERRUPTED
from hybench.runs.named import compare_command
from hybench.runs.run import BM25, LOGS
from hybench.wording.amounts import counted, duration
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, folder_word

if TYPE_CHECKING:
    from hybench.api.studying import Studied
    from hybench.concurrency.progress import ProgressCallback
    from hybench.studies.plan import Study
    from hybench.studies.worker import Ended, Message

app = typer.Typer(
    help="Run and resume grids of trainings on one budget.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_STOPPING = "Stopping: running cells end after their step, with a checkpoint; Ctrl-C again: now."


@app.command("run")
def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The study, a TOML file.")],
    jobs: Annotated[
        int, option(help="Cells at a time; 0: one, on Ray all that the cluster has room for.")
    ] = 0,
    threads: Annotated[
        int, option(help="Threads per cell; 0 divides the cores among the cells.")
    ] = 0,
    device: Annotated[
        list[str] | None, option("--device", help="auto, cpu, cuda; several are used in turn.")
    ] = None,
    engine: Engine = "local",
    address: RayAddress = "",
    allow_unequal: Annotated[
        bool,
        option(
            "--allow-unequal", help="Run it even if the arms' budgets differ; its tables say so."
        ),
    ] = False,
    report_to: ReportTo = None,
    dry_run: Annotated[
        bool, option("--dry-run", help="Show what is left to do, and its time and disk space.")
    ] = False,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Train and evaluate the remaining cells of a study.

    A cell that fails does not stop the others.
    """
    from hybench.studies.plan import read_study
    from hybench.studies.states import left_out

    study = read_study(file)
    for sentence in left_out(study, data_dir):
        console.talk(sentence)
    options = hybench.StudyOptions(
        jobs,
        split_list(device) or ("auto",),
        engine,
        address,
        threads,
        allow_unequal,
        tuple(report_to or ()),
    )
    folder = runs_dir / study.name
    if dry_run:
        left = _estimate(study, folder, data_dir, options)
        again = "the same command without --dry-run"
        console.talk(f"Next: {again if left else _comparing(folder, _cells(study))}")
        return
    _close(run_shown(study, folder, data_dir, options), study)


def run_shown(plan: Study, folder: Path, data_dir: Path, options: hybench.StudyOptions) -> Studied:
    """Run a study and show its progress: a bar of its cells, and a line for each that ends."""
    with stop_on_interrupt(_STOPPING) as stop, console.progress() as progress:
        cells = len(plan.trials) + len(plan.cells) + len(plan.derived) + plan.bm25
        board = _Board(cells, plan.name, progress)
        return hybench.study(
            plan, options, folder=folder, data_dir=data_dir, stop=stop, watch=board
        )


class _Board:
    """Shows the messages of a study's cells."""

    def __init__(self, cells: int, name: str, progress: ProgressCallback) -> None:
        self._cells, self._name, self._progress = cells, name, progress
        self._working: dict[str, str] = {}
        self._ended = 0

    def __call__(self, message: Message) -> None:
        """Take a message."""
        from hybench.concurrency.progress import Progress
        from hybench.studies.worker import Ended, Skipped

        if isinstance(message, Skipped):
            self._ended += 1
            return
        if isinstance(message, Ended):
            self._working.pop(message.name, None)
            self._ended += 1
            _tell(message)
        else:
            total = "" if message.total is None else f"/{message.total:,}"
            self._working[message.name] = f"{message.name}: {message.task} {message.done:,}{total}"
        detail = "; ".join(self._working.values())
        self._progress(Progress(self._name, self._ended, self._cells, "cells", detail))


def _tell(ended: Ended) -> None:
    if ended.state == "failed":
        console.error(f"{ended.name}: {ended.what}", ended.do)
        return
    spent = ", ".join(f"{stage} {duration(each)}" for stage, each in ended.seconds.items())
    console.talk(f"{ended.name}: {ended.state}" + (f" ({spent})" if spent else ""))


def _close(studied: Studied, study: Study) -> None:
    """Show the outcome of the study, and the next command."""
    outcome = studied.outcome
    done = sum(each.state == "done" for each in outcome.ended)
    before = f", {len(outcome.skipped)} done before" if outcome.skipped else ""
    console.talk(f"{study.name}: {counted(done, 'cells')} done{before}.")
    stop_unless_done(studied)
    console.talk(f"Next: {_comparing(studied.folder, _cells(study))}")


def _cells(study: Study) -> list[str]:
    derived = [cell.name for cell in study.derived]
    return [cell.name for cell in study.cells] + derived + [BM25] * study.bm25


def _comparing(folder: Path, cells: Sequence[str]) -> str:
    """The command that compares the finished cells of a study."""
    from hybench.runs.run import Run

    runs = [Run(folder / name) for name in cells]
    seeds = {run.read_config().get("seed") for run in runs if run.name != BM25}
    return compare_command(folder, runs, group_seeds=len(seeds) > 1)


def stop_unless_done(studied: Studied) -> None:
    """End the command where a study was stopped, or cells of it failed.

    Raises:
        SystemExit: with 130 or 1, after a message.
    """
    outcome = studied.outcome
    if outcome.interrupted:
        left = len(outcome.left) + sum(each.state == "interrupted" for each in outcome.ended)
        console.talk(f"Interrupted; {counted(left, 'cells')} left. Resume with the same command.")
        raise SystemExit(EXIT_INTERRUPTED)
    if outcome.failed:
        names = ", ".join(each.name for each in outcome.failed)
        console.error(
            f"{counted(len(outcome.failed), 'cells')} failed: {names}.",
            f"Their logs are in {studied.folder / LOGS}; the same command tries them again.",
        )
        raise SystemExit(1)


def _estimate(study: Study, folder: Path, data_dir: Path, options: hybench.StudyOptions) -> bool:
    """Show what is left of a study and what it would take; return whether anything is left."""
    from hybench.api.studying import plan_study

    with console.progress() as progress:
        plan = plan_study(study, options, folder=folder, data_dir=data_dir, progress=progress)
    left = [name for name, state in plan.states.items() if state != "done"]
    how = " at the pace of finished cells" if plan.measured else ", search not counted"
    console.data(
        f"{study.name}: {counted(len(plan.states), 'cells')} in {counted(len(study.arms), 'arms')} "
        f"({' '.join(study.arms)}), {len(left)} left; about {duration(plan.seconds)} of work one "
        f"at a time{how}; {plan.disk_bytes / 1e6:,.0f} MB on disk."
    )
    for sentence in plan.unequal:
        console.warn(f"unequal budgets: {sentence}")
    return bool(left)


@app.command("status")
def status(
    study: Annotated[
        Path, typer.Argument(metavar="STUDY", help="Study file, or the folder of its runs.")
    ],
    json: Json = False,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Show a study's progress: cells by arm, what failed and why."""
    from hybench.api.studying import look_at_study

    found = look_at_study(study, runs_dir=runs_dir)
    cells, counts, folder = found.status.cells, found.status.counts, found.folder
    if json:
        value = asdict(found.status) | {"counts": counts}
        console.output(json_text.dumps(value, ensure_ascii=False, default=str), None)
        return
    console.show(*found.sheets())
    if counts.get("done") == len(cells):
        console.talk(f"Next: {_comparing(folder, [cell.name for cell in cells])}")
    elif not {"training", "evaluating"} & set(counts):
        file = folder_word(study) if study.is_file() else "FILE"
        go_on = command("study", "run", file, runs_dir=folder.parent)
        console.talk(f"Next: {go_on}")
