"""How far a study is, from the folders of its runs and the log of its cells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from hybench.errors import UsageError
from hybench.runs import Run, read_events
from hybench.status import RunStatus, RunWatch, is_held
from hybench.storage import read_json
from hybench.study.run import LOCK, LOG, STUDY_FILE


@dataclass(frozen=True)
class CellStatus:
    """Where a cell is.

    Attributes:
        name: of its run.
        arm: the arm's name.
        state: ``waiting``, ``training``, ``evaluating``, ``done``, ``failed`` or ``interrupted``.
        reason: why it failed, and what to do.
        seconds: that it took, over all times that it was worked on.
        run: of its training; None before it was begun.
    """

    name: str
    arm: str
    state: str
    reason: str = ""
    seconds: float = 0.0
    run: RunStatus | None = None


@dataclass(frozen=True)
class StudyStatus:
    """Where a study is.

    Attributes:
        name: its name.
        cells: its cells, in their order.
        unequal: what its arms do not hold equal.
    """

    name: str
    cells: tuple[CellStatus, ...]
    unequal: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Cells by state."""
        return dict(Counter(cell.state for cell in self.cells))


def study_status(folder: Path) -> StudyStatus:
    """Where the study is whose runs are in `folder`.

    Raises:
        UsageError: it is no study's.
        DataError: what the study is cannot be read.
    """
    file = folder / STUDY_FILE
    if not file.is_file():
        raise UsageError(f"{folder} is no study's folder.", "Begin one: hybench study run FILE.")
    study = read_json(file)
    held = is_held(folder / LOCK)
    told: dict[str, str] = {}
    reasons: dict[str, str] = {}
    seconds: Counter[str] = Counter()
    for event in read_events(folder / LOG).events:
        name = str(event.get("cell"))
        told[name] = event["event"].removeprefix("cell_")
        reasons[name] = " ".join(str(event.get(key, "")) for key in ("reason", "do")).strip()
        spent = event.get("seconds")
        seconds[name] += sum(spent.values()) if isinstance(spent, dict) else 0
    cells = [
        _cell(folder, name, str(values["arm"]), told.get(name, ""), reasons.get(name, ""), spent)
        if held or told.get(name) != "begun"
        else CellStatus(name, str(values["arm"]), "interrupted", seconds=spent)
        for name, values in study["cells"].items()
        for spent in [round(float(seconds[name]), 1)]
    ]
    return StudyStatus(str(study["name"]), tuple(cells), tuple(study.get("unequal", ())))


def _cell(folder: Path, name: str, arm: str, told: str, reason: str, seconds: float) -> CellStatus:
    run = Run(folder / name)
    status = RunWatch(run).look() if run.config_file.is_file() else None
    if told in {"done", "failed", "interrupted"}:
        state = told
    elif status is None:
        state = "waiting"
    elif status.state in {"running", "stalled"}:
        state = "training" if status.step < (status.steps or 0) else "evaluating"
    else:
        state = {"done": "evaluating", "failed": "failed"}.get(status.state, "interrupted")
    reason = reason if state == "failed" else ""
    return CellStatus(name, arm, state, reason, seconds, status)
