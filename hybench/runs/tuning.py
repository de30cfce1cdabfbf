"""The tuning of a run's arm, as its study's description has it."""

from __future__ import annotations

from typing import Any

from hybench.errors import HybenchError
from hybench.files.documents import read_json
from hybench.runs.run import STUDY, Run


def tuning_of(run: Run) -> dict[str, Any] | None:
    """How the arm of a study's run was tuned; None if it was not.

    Returns:
        ``method``, ``trials`` of each arm, their ``seeds``, and ``tuned``: the values that were
        chosen, and what each trial came to (`hybench.studies.tuned.TrialResult`).
    """
    file = run.path.parent / STUDY
    try:
        study = read_json(file) if file.is_file() else {}
    except HybenchError:
        return None
    tuning, cell = study.get("tuning"), study.get("cells", {}).get(run.name)
    if not isinstance(tuning, dict) or not isinstance(cell, dict):
        return None
    point = {name: value for name, value in cell.items() if name not in {"arm", "seed"}}
    for tuned in tuning.get("arms", ()):
        if tuned.get("arm") == cell.get("arm") and tuned.get("point") == point:
            known = {name: tuning.get(name) for name in ("method", "trials", "seeds")}
            return {**known, "tuned": tuned}
    return None
