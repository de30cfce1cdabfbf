"""What finished cells of a study keep of what they made; scores and rankings always stay.

keep_checkpoints = false    # those of the training
keep_vectors = true         # of passages and queries: searching again needs them
keep_models = true          # encoding other texts needs it
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from hybench.files.atomic import remove_folder
from hybench.runs.run import Run
from hybench.studies.choosing import untuned
from hybench.studies.plan import CHECKPOINTS, MODELS, VECTORS, Study
from hybench.studies.stages import chain


def kept_by(study: Study, name: str) -> tuple[str, ...]:
    """What a cell keeps once it is done: its model, too, as long as runs are to be made of it."""
    needed = {need for cell in study.derived for need in cell.needs}
    return tuple(dict.fromkeys([*study.keep, *([MODELS] if name in needed else [])]))


def kept_by_trials(study: Study) -> tuple[str, ...]:
    """What trials keep, of which only the dev score counts."""
    return (CHECKPOINTS, MODELS) if CHECKPOINTS in study.keep else ()


def drop_unkept(run: Run, keep: Collection[str]) -> None:
    """Delete what a run that is trained and evaluated does not keep."""
    from hybench.indexes.dropping import drop_vectors

    if CHECKPOINTS not in keep:
        drop(run.checkpoints)
    if VECTORS not in keep:
        drop_vectors(run)
    if MODELS not in keep:
        run.drop_model()


def drop_models(study: Study, folder: Path, states: Mapping[str, Any]) -> None:
    """Delete the models that only derived runs and stages needed, if all cells are done."""
    if set(states.values()) != {"done"}:
        return
    for cell in study.cells:
        for stage in chain(folder, cell.name, cell.configs):
            stage.run.drop_model()


def drop_models_of_trials(study: Study, folder: Path) -> None:
    """Delete the models of stages that only trials had, once all values are chosen."""
    if untuned(study):
        return
    kept = {stage.run for cell in study.cells for stage in chain(folder, cell.name, cell.configs)}
    for trial in study.trials:
        for stage in chain(folder, trial.name, trial.configs):
            if stage.run not in kept:
                stage.run.drop_model()


def drop(folder: Path) -> None:
    """Delete a folder of a run that is no longer needed."""
    if folder.is_dir() and not folder.is_symlink():
        remove_folder(folder)
