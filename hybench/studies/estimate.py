"""Estimates the remaining work of a study: time from a few real steps and texts, and disk."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.config.train import TrainConfig
from hybench.runs.events import read_events
from hybench.runs.run import Run
from hybench.studies.cells import Cell
from hybench.studies.choosing import settled
from hybench.studies.done import Evaluation, evaluations, is_trained
from hybench.studies.keeping import kept_by, kept_by_trials
from hybench.studies.options import StudyOptions
from hybench.studies.plan import CHECKPOINTS, MODELS, VECTORS, Study
from hybench.studies.run import LOG, check_study
from hybench.studies.stages import Stage, chain
from hybench.studies.states import CellState

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
        disk_bytes: of what the remaining cells keep when they are done, and of what those that are
            worked on at a time have besides.
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
    from hybench.training.teacher import teacher_to_train

    states, unequal = check_study(study, folder, data_dir, options)
    study = settled(study, folder)
    evaluated = evaluations(study.data, study.settings, data_dir, study.precision)
    known = _known(study, folder)
    pace = _Pace(folder, data_dir, options.devices[0], evaluated, scratch, progress, clock)
    seconds, disk, measured = 0.0, 0, 0
    at_work = 0  # the most that a cell has besides while it is worked on
    shared: set[Path] = set()  # teachers and stages that several cells have
    trials = {cell.name for cell in study.trials}
    for cell in (*study.trials, *study.cells):
        if states[cell.name] == "done":
            continue
        timed = 0.0
        for stage, config in zip(_stages(folder, cell), cell.configs, strict=True):
            last = stage.run.name == cell.name
            if not last and (stage.run.path in shared or is_trained(stage.run, stage.config)):
                continue
            shared.add(stage.run.path)
            # Of a later stage the run that it begins with may not be there: its start is as large.
            found = pace.of(config, stage.run if stage.config == config else None)
            evaluates = last and cell.name not in trials
            timed += found.seconds(config, evaluates=evaluates)
            made = {
                CHECKPOINTS: found.disk_bytes - found.model_bytes,
                MODELS: found.model_bytes,
                VECTORS: evaluates * _vector_bytes(config, evaluated),
            }
            keep = kept_by_trials(study) if cell.name in trials else kept_by(study, cell.name)
            disk += sum(made[what] for what in keep)
            at_work = max(at_work, sum(made.values()) - sum(made[what] for what in keep))
            teacher = teacher_to_train(config, folder, data_dir)
            if teacher is not None and teacher.run.path not in shared:
                shared.add(teacher.run.path)
                disk += found.teacher_bytes
                timed += found.per_unit * _length(config)
        if _key(cell) in known and cell.name not in trials:
            seconds += known[_key(cell)]
            measured += 1
        else:
            seconds += timed
    disk += at_work * max(1, options.jobs)
    return StudyEstimate(unequal, states, seconds, disk, measured)


@dataclass(frozen=True)
class _Timed:
    """What trainings of a kind take.

    Attributes:
        per_unit: seconds for each unit of their length.
        prepare: seconds before the first step.
        encoding: seconds of encoding what is evaluated.
        disk_bytes: of checkpoints and model.
        model_bytes: of the model alone.
        teacher_bytes: likewise of a teacher that is trained first.
    """

    per_unit: float
    prepare: float
    encoding: float
    disk_bytes: int
    model_bytes: int
    teacher_bytes: int

    def seconds(self, config: TrainConfig, *, evaluates: bool) -> float:
        """Of a training of this kind, and of its evaluation."""
        return self.per_unit * _length(config) + self.prepare + evaluates * self.encoding


@dataclass
class _Pace:
    """Times each kind of training once; arguments as of `_estimate`."""

    folder: Path
    data_dir: Path
    device: str
    evaluated: Sequence[Evaluation]
    scratch: Path
    progress: ProgressCallback
    clock: Callable[[], float]
    known: dict[Any, _Timed] = field(default_factory=dict)

    def of(self, config: TrainConfig, run: Run | None) -> _Timed:
        """The pace of a training; of its run, if it was begun, as it goes on."""
        from hybench.indexes.estimate import time_encoding
        from hybench.training.estimate import estimate

        kind = _kind(config)
        if kind not in self.known:
            resume = run is not None and run.config_file.is_file()
            place = run if run is not None else Run(self.folder / ".estimated")
            plan = estimate(
                config, place, self.data_dir, self.device,
                resume=resume, scratch=self.scratch, progress=self.progress,
            )  # fmt: skip
            encoding = 0.0
            for each in self.evaluated:
                plan.encoder.use_precision(each.precision)
                passages = each.dataset.table_languages("passages")
                timed = time_encoding(
                    plan.encoder, each.dataset, passages, self.progress, self.clock
                )
                encoding += timed[1]
            self.known[kind] = _Timed(
                plan.seconds / _length(config),
                plan.prepare_seconds,
                encoding,
                plan.disk_bytes,
                plan.model_bytes,
                plan.teacher_bytes,
            )
        return self.known[kind]


def _stages(folder: Path, cell: Cell) -> tuple[Stage, ...]:
    return chain(folder, cell.name, cell.configs)


def _kind(config: TrainConfig) -> tuple[Any, ...]:
    values = (getattr(config, name) for name in _DECIDES_TIME)
    return (config.examples is None, *values)


def _length(config: TrainConfig) -> int:
    """The length of a training: in examples if they are set, else in steps; never 0."""
    return config.examples or config.steps or 1


def _key(cell: Cell) -> tuple[Any, ...]:
    """What decides the time of a cell."""
    return tuple((_kind(config), _length(config)) for config in cell.configs)


def _known(study: Study, folder: Path) -> dict[Any, float]:
    """Total seconds of finished cells, by what decides them: the latest of each."""
    cells = {cell.name: cell for cell in study.cells}
    found = {}
    spent: dict[str, Counter[str]] = {}
    for event in read_events(folder / LOG).events:
        name, seconds = str(event.get("cell")), event.get("seconds")
        if name not in cells or not isinstance(seconds, dict):
            continue
        spent.setdefault(name, Counter()).update(seconds)
        if event["event"] == "cell_done" and "train" in spent[name]:
            found[_key(cells[name])] = float(spent[name].total())
    return found


def _vector_bytes(config: TrainConfig, evaluated: Sequence[Evaluation]) -> int:
    counts = [sum(each.dataset.info.counts["passages"].values()) for each in evaluated]
    return int(sum(counts)) * config.dimension * 4
