"""``hybench.study``: a grid of trainings, each evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.api.naming import FolderName, the_folder, the_options
from hybench.api.shown import Shown
from hybench.concurrency.progress import ProgressCallback, Stop, ignore
from hybench.studies.estimate import StudyEstimate, estimate_study
from hybench.studies.options import StudyOptions
from hybench.studies.plan import Study, read_study
from hybench.studies.run import StudyOutcome, run_study
from hybench.studies.states import CellState, cell_states
from hybench.studies.status import StudyStatus, study_status
from hybench.studies.worker import Message
from hybench.wording.amounts import counted, duration
from hybench.wording.commands import DATA_DIR, RUNS_DIR
from hybench.wording.text_table import Entry, Line, Sheet

if TYPE_CHECKING:
    import polars as pl

_STATES = ("done", "training", "evaluating", "interrupted", "failed", "waiting")
_TONES = {"done": "best", "failed": "worse", "waiting": "quiet"}


@dataclass(frozen=True, repr=False)
class Studied(Shown):
    """Where a study is.

    Attributes:
        folder: of its runs; `hybench.compare` takes it.
        status: its cells.
        outcome: what became of the cells that were worked on now.
    """

    folder: Path
    status: StudyStatus
    outcome: StudyOutcome = field(default_factory=StudyOutcome)

    def to_frame(self) -> pl.DataFrame:
        """A row per cell: cell, arm, state, seconds (Float64), reason (String, of a failure)."""
        import polars as pl

        schema = {
            "cell": pl.String, "arm": pl.String, "state": pl.String, "seconds": pl.Float64,
            "reason": pl.String,
        }  # fmt: skip
        rows = [
            (cell.name, cell.arm, cell.state, cell.seconds, cell.reason)
            for cell in self.status.cells
        ]
        return pl.DataFrame(rows, schema, orient="row")

    def sheets(self) -> tuple[Sheet, ...]:
        """A line by arm with its cells by state; below, the cells at work and those that failed."""
        cells = self.status.cells
        lines = [self._line(arm) for arm in dict.fromkeys(cell.arm for cell in cells)]
        notes = [f"{cell.name}: {cell.reason}" for cell in cells if cell.state == "failed"]
        notes += [
            f"{cell.name}: {f'stage {cell.stage}, ' if cell.stage else ''}"
            f"step {cell.run.step:,} of {cell.run.steps or 0:,}"
            for cell in cells
            if cell.state == "training" and cell.run is not None
        ]
        if self.status.trials:
            trials = self.status.trials
            over = sum(trial.state == "done" for trial in trials)
            told = f"tuning: {over} of {counted(len(trials), 'trainings')} of trials done"
            notes.append(f"{told}, {duration(sum(trial.seconds for trial in trials))}")
            notes += [f"{trial.name}: {trial.reason}" for trial in trials if trial.reason]
        notes += [f"Unequal budgets: {sentence}" for sentence in self.status.unequal]
        done = f"{self.status.counts.get('done', 0)} of {counted(len(cells), 'cells')} done"
        title = f"{self.status.name} · {done}"
        return (Sheet(title, ("arm", *_STATES, "time"), 1, tuple(lines), notes=tuple(notes)),)

    def _line(self, arm: str) -> Line:
        cells = [cell for cell in self.status.cells if cell.arm == arm]
        counts = [sum(cell.state == state for cell in cells) for state in _STATES]
        entries = [
            Entry(str(count) if count else "", _TONES.get(state, ""))
            for count, state in zip(counts, _STATES, strict=True)
        ]
        spent = sum(cell.seconds for cell in cells)
        return Line((Entry(arm), *entries, Entry(duration(spent) if spent else "")))


def study(
    plan: Study | str | Path,
    options: StudyOptions | None = None,
    *,
    folder: FolderName | None = None,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    stop: Stop | None = None,
    watch: Callable[[Message], None] = lambda _: None,
) -> Studied:
    """Train and evaluate what is left of a study; what fails does not stop the rest.

    Args:
        plan: a study file (TOML), or what `read_study` makes of one.
        options: how many cells at a time, on which devices, here or on Ray; None for the defaults.
        folder: of the study's runs; None for that of the study's name in `runs_dir`.
        data_dir: folder of the sets.
        runs_dir: folder of the runs.
        stop: once set, no cell is begun, and those at work end with a checkpoint.
        watch: called with what the cells report.

    Raises:
        UsageError: the file, a set or an engine is not there, a value in it is wrong, runs of those
            names have other configs, or the arms' budgets are not equal.
        StateError: another process works on the study.
    """
    chosen, named = the_options(options, StudyOptions), _read(plan)
    place = _place(named, folder, runs_dir)
    outcome = run_study(
        named, place, the_folder(data_dir), chosen, stop=stop or Stop(), watch=watch
    )
    return Studied(place, study_status(place), outcome)


def plan_study(
    plan: Study | str | Path,
    options: StudyOptions | None = None,
    *,
    folder: FolderName | None = None,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
) -> StudyEstimate:
    """What is left of a study, and what it would take; nothing is written.

    Arguments and errors are those of `study`.
    """
    chosen, named = the_options(options, StudyOptions), _read(plan)
    place = _place(named, folder, runs_dir)
    return estimate_study(named, place, the_folder(data_dir), chosen, progress)


def states_of_cells(
    plan: Study, folder: FolderName, data_dir: FolderName = DATA_DIR
) -> dict[str, CellState]:
    """How far each cell of a study is, by the name of its run.

    Raises:
        UsageError: a data set is not there.
    """
    return cell_states(plan, the_folder(folder), the_folder(data_dir))


def look_at_study(plan: str | Path, *, runs_dir: FolderName = RUNS_DIR) -> Studied:
    """Where a study is.

    Args:
        plan: the study's file, the folder of its runs, or that folder's name in `runs_dir`.
        runs_dir: folder of the runs.

    Raises:
        UsageError: there is no such study, or it was not begun.
        DataError: what the study is cannot be read.
    """
    path, root = the_folder(plan), the_folder(runs_dir)
    folder = root / read_study(path).name if path.is_file() else path
    if not folder.exists() and (root / path).is_dir():
        folder = root / path
    return Studied(folder, study_status(folder))


def _read(plan: Study | str | Path) -> Study:
    return plan if isinstance(plan, Study) else read_study(the_folder(plan))


def _place(plan: Study, folder: FolderName | None, runs_dir: FolderName) -> Path:
    return the_folder(runs_dir) / plan.name if folder is None else the_folder(folder)
