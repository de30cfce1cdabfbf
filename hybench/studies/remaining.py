"""What is left of a study, from the cells that are done: how many, and about how long they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from hybench.files.locks import is_held
from hybench.runs.events import read_events
from hybench.studies.run import LOCK, LOG
from hybench.studies.status import CellStatus, StudyStatus, study_status

_AT_WORK = {"training", "evaluating"}


@dataclass(frozen=True)
class Remaining:
    """The work that a study has left.

    Attributes:
        study: its name.
        cells: all of its cells and trials.
        left: those that are not done.
        failed: of those.
        at_work: cells that are worked on now.
        seconds: of work left, one cell at a time; None before any cell is done.
        failures: names of the cells that failed, and why.
        trials: trainings of trials among all of its cells.
        trials_left: those of them that are not done.
        trial_seconds: of work left in these, as `seconds`.
    """

    study: str
    cells: int
    left: int
    failed: int
    at_work: int
    seconds: float | None
    failures: tuple[tuple[str, str], ...] = ()
    trials: int = 0
    trials_left: int = 0
    trial_seconds: float | None = None

    @property
    def progress(self) -> str:
        """How far it is, in few words: ``watched 3 of 12, 1 at work``; while it tunes its arms,
        which comes first, how many of its trials are done.
        """
        said = f"{self.study} {self.cells - self.left} of {self.cells}"
        if self.trials_left:
            said = f"{self.study} tuning {self.trials - self.trials_left} of {self.trials}"
        said += f", {self.failed} failed" if self.failed else ""
        return said + (f", {self.at_work} at work" if self.at_work else "")

    @property
    def until(self) -> float | None:
        """Seconds until it is done with as many cells at a time as now; None if not known."""
        return None if self.seconds is None else self.seconds / max(1, self.at_work)


def remaining_work(folder: Path, now: float) -> Remaining:
    """The work that is left of the study whose runs are in `folder`.

    A cell takes as long as those of its arm that are done did on average, or as all that are done
    if none of its arm is; of one at work, what it has taken since it was begun is taken off.

    Args:
        folder: of the study's runs.
        now: seconds since 1970.

    Raises:
        UsageError, DataError: as of `study_status`.
    """
    status = study_status(folder)
    begun = {
        str(event.get("cell")): float(event["time"])
        for event in read_events(folder / LOG).events
        if event["event"] == "cell_begun"
    }
    return remaining_of(status, begun, now, held=is_held(folder / LOCK))


def remaining_of(
    status: StudyStatus, begun: dict[str, float], now: float, *, held: bool
) -> Remaining:
    """The work that is left of a study.

    Args:
        status: of its cells.
        begun: when its cells were begun last, in seconds since 1970.
        now: likewise.
        held: whether a process works on the study.
    """
    every = (*status.cells, *status.trials)
    left = [cell for cell in every if cell.state != "done"]
    of_cells, of_trials = (_seconds(each, begun, now) for each in (status.cells, status.trials))
    seconds = None if of_cells is None or of_trials is None else of_cells + of_trials
    return Remaining(
        status.name,
        len(every),
        len(left),
        sum(cell.state == "failed" for cell in left),
        sum(cell.state in _AT_WORK for cell in left) if held else 0,
        seconds,
        tuple((cell.name, cell.reason) for cell in left if cell.state == "failed"),
        len(status.trials),
        sum(cell.state != "done" for cell in status.trials),
        of_trials,
    )


def _seconds(cells: Sequence[CellStatus], begun: dict[str, float], now: float) -> float | None:
    """Seconds of work in the cells that are not done; None where no cell says how long one takes.

    Args:
        cells: of one kind.
        begun: when they were begun last.
        now: likewise.
    """
    done = [cell for cell in cells if cell.state == "done" and cell.seconds > 0]
    total = 0.0
    for cell in cells:
        if cell.state == "done":
            continue
        alike = [each.seconds for each in done if each.arm == cell.arm]
        usual = alike or [each.seconds for each in done]
        if not usual:
            return None
        spent = now - begun[cell.name] if cell.state in _AT_WORK and cell.name in begun else 0.0
        total += max(0.0, fmean(usual) - max(0.0, spent))
    return total
