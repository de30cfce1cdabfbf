"""Estimates the remaining work of a study: time from a few real steps and texts, and disk."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.runs.events import read_events
from hybench.runs.run import Run
from hybench.studies.cell import Evaluation, evaluations
from hybench.studies.plan import Cell, Study
from hybench.studies.run import LOG, CellState, StudyOptions, check_study

_DECIDES_TIME = (
    "strategy", "teacher", "more_teachers", "teacher_reads", "validation", "encoder", "init",
    "layers", "freeze", "lora", "attention", "gradient_checkpointing", "compile",
    "dimension", "vocabulary", "data", "languages", "batch_size", "accumulation", "chunk_size",
    "hard_negatives", "negatives_per_query", "teacher_scores",
    "precision", "query_length", "passage_length", "optimizer",
)  # fmt: skip


@dataclass(frozen=True)
class StudyEstimate:
    """The result of `estimate_study`.

    Attributes:
        unequal: what differs between the arms' budgets.
        states: of each cell.
        seconds: of work in all cells that are left, one at a time.
        disk_bytes: of the remaining cells.
        measured: cells whose time was measured on finished cells of the study.
    """

    unequal: tuple[str, ...]
    states: dict[str, CellState]
    seconds: float
    disk_bytes: int
    measured: int


def estimate_study(
    study: Study,
    folder: Path,
    data_dir: Path,
    options: StudyOptions,
    progress: ProgressCallback = ignore,
    clock: Callable[[], float] = time.perf_counter,
) -> StudyEstimate:
    """Estimate the work of the cells that are not done; nothing is written.

    A cell like a finished one takes the time of that. For others a few steps and encoded passages
    are timed, once for each kind; searching is not counted. A teacher that several distillations
    share counts once.

    Raises:
        UsageError: as `check_study`; or a config does not fit its data, or its teacher does not
            exist.
    """
    with TemporaryDirectory() as scratch:  # a vocabulary is learned once for all cells
        return _estimate(study, folder, data_dir, options, Path(scratch), progress, clock)


def _estimate(
    study: Study,
    folder: Path,
    data_dir: Path,
    options: StudyOptions,
    scratch: Path,
    progress: ProgressCallback,
    clock: Callable[[], float],
) -> StudyEstimate:
    from hybench.indexes.estimate import time_encoding
    from hybench.training.estimate import estimate
    from hybench.training.teacher import teacher_to_train

    states, unequal = check_study(study, folder, data_dir, options)
    evaluated = evaluations(study.data, study.settings, data_dir, study.precision)
    known = _known(study, folder)
    seconds, disk, measured = 0.0, 0, 0
    timed: dict[Any, tuple[float, float, int, int]] = {}
    teachers: set[Path] = set()
    for cell in study.cells:
        if states[cell.name] == "done":
            continue
        kind, run = _kind(cell), Run(folder / cell.name)
        if kind not in timed:
            begun, device = run.config_file.is_file(), options.devices[0]
            plan = estimate(
                cell.config, run, data_dir, device,
                resume=begun, scratch=scratch, progress=progress,
            )  # fmt: skip
            encoding = 0.0
            plan.encoder.use_precision(study.precision)
            for each in evaluated:
                languages = each.dataset.table_languages("passages")
                encoding += time_encoding(plan.encoder, each.dataset, languages, progress, clock)[1]
            own = plan.disk_bytes + _vector_bytes(cell, evaluated)
            per_unit = plan.seconds / _length(cell)
            timed[kind] = (per_unit, plan.prepare_seconds + encoding, own, plan.teacher_bytes)
        per_unit, around, own, teacher_bytes = timed[kind]
        disk += own
        teacher = teacher_to_train(cell.config, folder, data_dir)
        if teacher is not None and teacher.run.path not in teachers:
            teachers.add(teacher.run.path)
            disk += teacher_bytes
            around += per_unit * _length(cell)
        if (kind, _length(cell)) in known:
            seconds += known[kind, _length(cell)]
            measured += 1
        else:
            seconds += per_unit * _length(cell) + around
    return StudyEstimate(unequal, states, seconds, disk, measured)


def _kind(cell: Cell) -> tuple[Any, ...]:
    values = (getattr(cell.config, name) for name in _DECIDES_TIME)
    return (cell.config.examples is None, *values)


def _length(cell: Cell) -> int:
    """The length of a cell's training: in examples if they are set, else in steps; never 0."""
    return cell.config.examples or cell.config.steps or 1


def _known(study: Study, folder: Path) -> dict[Any, float]:
    """Total seconds of finished cells, by kind and length: the latest of each."""
    cells = {cell.name: cell for cell in study.cells}
    found = {}
    spent: dict[str, Counter[str]] = {}
    for event in read_events(folder / LOG).events:
        name, seconds = str(event.get("cell")), event.get("seconds")
        if name not in cells or not isinstance(seconds, dict):
            continue
        spent.setdefault(name, Counter()).update(seconds)
        if event["event"] == "cell_done" and "train" in spent[name]:
            cell = cells[name]
            found[_kind(cell), _length(cell)] = float(spent[name].total())
    return found


def _vector_bytes(cell: Cell, evaluated: Sequence[Evaluation]) -> int:
    counts = [sum(each.dataset.info.counts["passages"].values()) for each in evaluated]
    return int(sum(counts)) * cell.config.dimension * 4
