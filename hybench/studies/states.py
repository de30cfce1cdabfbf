"""How far the cells of a study are, by what is in their folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from hybench.config.train import TrainConfig
from hybench.errors import HybenchError
from hybench.runs.run import Run
from hybench.studies.choosing import has_diverged, settled, untuned
from hybench.studies.derived import is_derived
from hybench.studies.done import Evaluation, evaluations, is_evaluated, is_trained, lacking
from hybench.studies.plan import BM25, Study
from hybench.studies.stages import chain

CellState = Literal["done", "waiting", "begun", "changed"]


def cell_states(study: Study, folder: Path, data_dir: Path) -> dict[str, CellState]:
    """The state of each cell, by the name of its run, BM25 last; trials come first.

    A cell waits until the values of its arm are chosen.

    Raises:
        UsageError: a data set does not exist.
    """
    study = settled(study, folder)
    evaluated = evaluations(study.data, study.settings, data_dir, study.precision)
    waits = untuned(study)
    states: dict[str, CellState] = {}
    for trial in study.trials:
        states[trial.name] = _state(folder, trial.name, trial.configs, ())
        if states[trial.name] == "begun" and has_diverged(folder, trial):
            states[trial.name] = "done"
    for cell in study.cells:
        states[cell.name] = "waiting"
        if cell.name not in waits:
            states[cell.name] = _state(folder, cell.name, cell.configs, evaluated)
    states |= derived_states(study, folder, data_dir)
    if study.bm25:
        states[BM25] = _state(folder, BM25, (), evaluated)
    return states


def derived_states(study: Study, folder: Path, data_dir: Path) -> dict[str, CellState]:
    """The states of the derived runs of a study; one is not done if its parents are others now."""
    evaluated = evaluations(study.data, study.settings, data_dir, study.precision)
    states: dict[str, CellState] = {}
    for cell in study.derived:
        run = Run(folder / cell.name)
        try:
            made = is_derived(run, cell.start, cell.options)
        except HybenchError:
            states[cell.name] = "changed"
            continue
        suited = (each for each in evaluated if not lacking(each, cell.options, data_dir))
        if made and all(is_evaluated(run, each) for each in suited):
            states[cell.name] = "done"
        else:
            states[cell.name] = "begun" if run.config_file.is_file() else "waiting"
    return states


def left_out(study: Study, data_dir: Path) -> tuple[str, ...]:
    """Which derived arms are not evaluated on which sets, in plain sentences.

    Raises:
        UsageError: a data set does not exist.
    """
    arms: dict[tuple[str, tuple[str, ...]], dict[str, None]] = {}
    for each in evaluations(study.data, study.settings, data_dir, study.precision):
        for cell in study.derived:
            if lacks := lacking(each, cell.options, data_dir):
                arms.setdefault((each.key, lacks), {})[cell.arm] = None
    return tuple(
        f"Not evaluated on {key}, for their statistics lack its {' '.join(lacks)}: "
        f"{', '.join(named)}."
        for (key, lacks), named in arms.items()
    )


def _state(
    folder: Path, name: str, configs: Sequence[TrainConfig], evaluated: Sequence[Evaluation]
) -> CellState:
    run = Run(folder / name)
    stages = chain(folder, name, configs)
    if not run.config_file.is_file():
        begun = any(stage.run.config_file.is_file() for stage in stages)
        return "begun" if begun else "waiting"
    if stages:
        try:
            trained = is_trained(run, stages[-1].config)
        except HybenchError:
            return "changed"
        if not trained:
            return "begun"
    return "done" if all(is_evaluated(run, each) for each in evaluated) else "begun"
