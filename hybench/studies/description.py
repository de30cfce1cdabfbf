"""``study.json``: what a study is, for readers of its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hybench.files.documents import read_json
from hybench.runs.run import STUDY
from hybench.studies.plan import BM25, Study
from hybench.studies.stages import chain
from hybench.studies.states import CellState


def is_late(study: Study, folder: Path, states: Mapping[str, CellState]) -> bool:
    """Whether the study's hypotheses were added or changed after its start."""
    if not study.hypotheses or all(state == "waiting" for state in states.values()):
        return False
    before = read_json(folder / STUDY) if (folder / STUDY).is_file() else {}
    same = before.get("hypotheses", []) == [each.to_json() for each in study.hypotheses]
    return bool(before.get("late", False)) or not same


def described(study: Study, folder: Path, found: Sequence[str], *, late: bool) -> dict[str, Any]:
    """The description of a study.

    Args:
        study: the study, with the values that are chosen by now.
        folder: of its runs.
        found: what differs between the arms' budgets.
        late: whether its hypotheses are.
    """
    cells: dict[str, dict[str, object]] = {
        cell.name: {"arm": cell.arm, **dict(cell.point), "seed": cell.config.seed}
        for cell in study.cells
    }
    for each in study.derived:
        seed = {} if each.seed is None else {"seed": each.seed}
        cells[each.name] = {"arm": each.arm, **dict(each.point), **seed}
    if study.bm25:
        cells[BM25] = {"arm": BM25}
    made = {
        "name": study.name,
        "arms": list(study.arms),
        "data": list(study.data),
        "cells": cells,
        "unequal": list(found),
        "hypotheses": [each.to_json() for each in study.hypotheses],
        "late": late,
        "stages": {
            cell.name: [stage.run.name for stage in chain(folder, cell.name, cell.configs)]
            for cell in (*study.trials, *study.cells)
            if cell.before
        },
    }
    if study.tuning is not None:
        made["tuning"] = {
            "method": study.tuning.method,
            "trials": study.tuning.each,
            "seeds": list(study.tuning.seeds),
            "runs": {cell.name: cell.arm for cell in study.trials},
            "arms": [each.to_json() for each in study.tuned],
        }
    return made
