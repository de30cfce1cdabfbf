"""What is left to do of a study, as its workers are asked for it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hybench.studies.choosing import untuned
from hybench.studies.keeping import kept_by, kept_by_trials
from hybench.studies.options import StudyOptions
from hybench.studies.plan import BM25, Study
from hybench.studies.states import CellState
from hybench.studies.worker import CellRequest


def cell_requests(
    study: Study,
    states: Mapping[str, CellState],
    folder: Path,
    data_dir: Path,
    options: StudyOptions,
    *,
    trials: bool,
) -> list[CellRequest]:
    """What is left to do of a study's trials, or of its cells whose values are chosen.

    Args:
        study: the study.
        states: of its cells.
        folder: of its runs.
        data_dir: of the prepared sets.
        options: for running it.
        trials: which of the two.
    """
    common = _common(study, folder, data_dir, options)
    if trials:
        return [
            CellRequest(
                **{**common, "data": ()},
                name=cell.name,
                configs=tuple(each.to_toml() for each in cell.configs),
                keep=kept_by_trials(study),
                trial=True,
                report_to=options.report_to,
            )
            for cell in study.trials
            if states[cell.name] != "done"
        ]
    configs = {cell.name: tuple(each.to_toml() for each in cell.configs) for cell in study.cells}
    waits = untuned(study)
    return [
        CellRequest(
            **common,
            name=name,
            configs=configs.get(name, ()),
            keep=kept_by(study, name),
            report_to=options.report_to,
        )
        for name in [*configs, *([BM25] if study.bm25 else [])]
        if states[name] != "done" and name not in waits
    ]


def derived_requests(
    study: Study,
    states: Mapping[str, CellState],
    folder: Path,
    data_dir: Path,
    options: StudyOptions,
) -> list[CellRequest]:
    """What is left to do of a study's derived runs, those of runs that are trained now included;
    arguments as of `cell_requests`.
    """
    common = _common(study, folder, data_dir, options)
    return [
        CellRequest(
            **common,
            name=cell.name,
            configs=(),
            keep=study.keep,
            derived=cell.to_json(),
            after=cell.needs,
        )
        for cell in study.derived
        if any(states[name] != "done" for name in (cell.name, *cell.needs))
    ]


def _common(study: Study, folder: Path, data_dir: Path, options: StudyOptions) -> dict[str, Any]:
    """What all requests of a study say."""
    return {
        "folder": str(folder),
        "data_dir": str(data_dir),
        "data": study.data,
        "settings": study.settings,
        "precision": study.precision,
        "device": options.devices[0],
        "threads": options.threads_of_each,
        "argv": tuple(sys.argv),
    }
