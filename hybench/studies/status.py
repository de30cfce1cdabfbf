"""The status of a study, from the folders of its runs and the log of its cells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from hybench.errors import UsageError
from hybench.files.documents import read_json
from hybench.files.locks import is_held
from hybench.runs.events import read_events
from hybench.runs.run import STUDY, Run, list_results
from hybench.runs.status import AT_WORK, ELSEWHERE, RunStatus, RunWatch
from hybench.studies.run import LOCK, LOG


@dataclass(frozen=True)
class CellStatus:
    """The status of a cell.

    Attributes:
        name: of its run.
        arm: the arm's name.
        state: ``waiting``, ``training``, ``evaluating``, ``done``, ``failed`` or ``interrupted``.
        reason: why it failed, and what to do.
        seconds: of work, over all attempts.
        run: of its training, in the stage that it is at; None before its start.
        stage: which one that is, such as ``1 of 2``; empty without stages.
    """

    name: str
    arm: str
    state: str
    reason: str = ""
    seconds: float = 0.0
    run: RunStatus | None = None
    stage: str = ""


@dataclass(frozen=True)
class StudyStatus:
    """The status of a study.

    Attributes:
        name: its name.
        cells: its cells, in their order.
        unequal: what differs between its arms' budgets.
        trials: of its tuning, a cell for each of their trainings.
    """

    name: str
    cells: tuple[CellStatus, ...]
    unequal: tuple[str, ...]
    trials: tuple[CellStatus, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of cells by state."""
        return dict(Counter(cell.state for cell in self.cells))


def study_status(folder: Path) -> StudyStatus:
    """The status of the study whose runs are in `folder`.

    Raises:
        UsageError: it is not a study's folder.
        DataError: the study's description cannot be read.
    """
    file = folder / STUDY
    if not file.is_file():
        raise UsageError(f"{folder} is not a study's folder.", "Start one: hybench study run FILE.")
    study = read_json(file)
    held = is_held(folder / LOCK)
    last: dict[str, str] = {}
    reasons: dict[str, str] = {}
    seconds: Counter[str] = Counter()
    for event in read_events(folder / LOG).events:
        name = str(event.get("cell"))
        last[name] = event["event"].removeprefix("cell_")
        reasons[name] = " ".join(str(event.get(key, "")) for key in ("reason", "do")).strip()
        spent = event.get("seconds")
        seconds[name] += sum(spent.values()) if isinstance(spent, dict) else 0
    stages = study.get("stages", {})
    data = set(map(str, study.get("data", ())))

    def status_of(name: str, arm: str) -> CellStatus:
        runs = stages.get(name, [name])
        begun = [at for at, each in enumerate(runs) if Run(folder / each).config_file.is_file()]
        at = max(begun, default=0)
        run = Run(folder / runs[at])
        status = RunWatch(run).look() if begun else None
        state = _state(last.get(name, ""), status, held)
        if state == "evaluating" and name not in last and data and data <= set(list_results(run)):
            state = "done"  # before the study, or in a copy of its folder: it is skipped
        if at + 1 < len(runs) and state == "evaluating":
            state = "training"  # the next stage is about to begin
        stage = f"{at + 1} of {len(runs)}" if len(runs) > 1 else ""
        reason = reasons.get(name, "") if state == "failed" else ""
        return CellStatus(name, arm, state, reason, round(float(seconds[name]), 1), status, stage)

    cells = {name: str(values["arm"]) for name, values in study["cells"].items()}
    trials = study.get("tuning", {}).get("runs", {})
    return StudyStatus(
        str(study["name"]),
        tuple(status_of(name, arm) for name, arm in cells.items()),
        tuple(study.get("unequal", ())),
        tuple(status_of(name, str(arm)) for name, arm in trials.items()),
    )


def _state(last: str, status: RunStatus | None, held: bool) -> str:
    """The state of a cell, from its last entry in the log and from its run.

    Args:
        last: the entry: how it ended, ``begun``, or None.
        status: of its training; None before its start.
        held: whether a process works on the study.
    """
    if last == "begun" and not held and not (status and status.state == ELSEWHERE):
        return "interrupted"
    if last in {"done", "failed", "interrupted"}:
        return last
    if status is None:
        return "waiting"
    if status.state in AT_WORK:
        return "training" if status.step < (status.steps or 0) else "evaluating"
    return {"done": "evaluating", "failed": "failed"}.get(status.state, "interrupted")
