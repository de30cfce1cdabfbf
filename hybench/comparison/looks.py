"""Looks at a study that is not finished: who looks again and again finds something by chance.

A test at .05 that is made anew as seeds come in, until it finds something, finds it in more than
5 % of the studies in which there is nothing (Armitage, McPherson and Rowe 1969, Repeated
Significance Tests on Accumulating Data, J. R. Statist. Soc. A 132). So a table whose arms lack
seeds that their study has planned shows differences with their intervals, and marks nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hybench.comparison.model import Cell, Comparison, Difference
from hybench.comparison.rows import is_of_marks
from hybench.files.documents import read_json
from hybench.runs.run import STUDY, Run, list_results
from hybench.wording.amounts import counted

_DECIDED = {"better", "worse", "equivalent"}

Cells = dict[str, dict[str, Any]]
"""Cells of a study by the names of their runs: arm, point of the grid, and seed."""


@dataclass(frozen=True)
class PlannedRuns:
    """The cells of a study that belong to the arms that are compared.

    Attributes:
        folder: of the study's runs.
        study: its name.
        cells: those of these arms.
        evaluated: names of those that have the results.
    """

    folder: Path
    study: str
    cells: Cells
    evaluated: frozenset[str]

    @property
    def finished(self) -> bool:
        """Whether all have them."""
        return len(self.evaluated) == len(self.cells)

    @property
    def runs_of_arm(self) -> dict[Path, int]:
        """How many runs the arm of a run is to have, by the run's folder."""
        counts = Counter(map(arm_of, self.cells.values()))
        return {self.folder / name: counts[arm_of(each)] for name, each in self.cells.items()}


def arm_of(cell: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """What the cells of an arm share: all but the seed."""
    return tuple((name, str(value)) for name, value in cell.items() if name != "seed")


def planned_runs(runs: Sequence[Run], key: str) -> tuple[PlannedRuns, ...]:
    """What the studies of some runs have planned for their arms; empty without studies.

    Args:
        runs: that are compared.
        key: of the results.

    Raises:
        DataError: the description of a study cannot be read.
    """
    found = []
    names: dict[Path, set[str]] = {}
    for run in runs:
        names.setdefault(run.path.parent, set()).add(run.name)
    for folder, compared in names.items():
        if not (folder / STUDY).is_file():
            continue
        values = read_json(folder / STUDY)
        every: Cells = values["cells"]
        arms = {arm_of(each) for name, each in every.items() if name in compared}
        cells = {name: each for name, each in every.items() if arm_of(each) in arms}
        having = frozenset(name for name in cells if key in list_results(Run(folder / name)))
        if cells:
            found.append(PlannedRuns(folder, str(values["name"]), cells, having))
    return tuple(found)


def withhold_marks(
    comparison: Comparison, planned: Sequence[PlannedRuns], look: Callable[[PlannedRuns], int]
) -> Comparison:
    """The table without marks, letters and verdicts if its arms lack seeds; else as it is.

    Args:
        comparison: the table.
        planned: for its arms.
        look: looks at a study's runs, and returns the number of this look, which is 1 at the first.
    """
    said = [
        f"Look {look(each)} at {each.study}, a study that is not finished "
        f"({len(each.evaluated)} of {counted(len(each.cells), 'cells')} of these arms): intervals, "
        "no marks."
        for each in planned
        if not each.finished
    ]
    if not said:
        return comparison
    text = " ".join(said)
    rows = [
        replace(row, cells=tuple(cell and _unmarked(cell) for cell in row.cells))
        for row in comparison.rows
    ]
    return replace(
        comparison,
        rows=tuple(rows),
        records=(None,) * len(comparison.records),
        pairs=(),
        gains=(),
        notes=(text, *(note for note in comparison.notes if not is_of_marks(note))),
        unfinished=text,
    )


def _unmarked(cell: Cell) -> Cell:
    found = cell.difference
    return replace(cell, letters="", difference=None if found is None else _undecided(found))


def _undecided(difference: Difference) -> Difference:
    outcome = "undecided" if difference.outcome in _DECIDED else difference.outcome
    return replace(difference, significant=False, outcome=outcome)
