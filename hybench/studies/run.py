"""Runs a study: skips finished cells, resumes interrupted ones, and continues after failures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from hybench.concurrency.processes import MOST_PROCESSES, MOST_THREADS
from hybench.concurrency.progress import Stop
from hybench.config.train import TrainConfig
from hybench.errors import HybenchError, UsageError
from hybench.files.documents import read_json, write_json
from hybench.files.links import check_link
from hybench.files.locks import holding
from hybench.runs.events import EventLog
from hybench.runs.run import CONFIG, LOGS, STUDY, Run
from hybench.studies.cell import Evaluation, evaluations, is_evaluated, is_trained
from hybench.studies.fairness import refuse_unequal, unequal
from hybench.studies.local_processes import run_local, threads_per_job
from hybench.studies.plan import BM25, Study
from hybench.studies.stages import chain
from hybench.studies.worker import CellRequest, Ended, Message, Skipped
from hybench.values.checks import one_of, within
from hybench.values.typed import check_types

LOG = "study.jsonl"
LOCK = ".study.lock"

CellState = Literal["done", "waiting", "begun", "changed"]


ENGINES = ("local", "ray")


@dataclass(frozen=True)
class StudyOptions:
    """Options for running a study.

    Attributes:
        jobs: cells at a time; 0 for one, on Ray for all that the cluster has room for.
        devices: auto, cpu, cuda or cuda:N; assigned to the jobs in turn.
        engine: ``local``, or ``ray``: on a Ray cluster.
        address: of the cluster; empty for ``RAY_ADDRESS``, or a new Ray on this machine.
        threads: of each cell; 0 divides this machine's cores, on Ray it is one.
        allow_unequal: run it even if the arms' budgets are not equal; that is recorded.
    """

    jobs: int = 0
    devices: tuple[str, ...] = ("auto",)
    engine: str = "local"
    address: str = ""
    threads: int = 0
    allow_unequal: bool = False

    def __post_init__(self) -> None:
        """Check each value by itself.

        Raises:
            UsageError: naming the flag, the value and what is allowed.
        """
        check_types(self)
        within("--jobs", self.jobs, 0, MOST_PROCESSES)
        within("--threads", self.threads, 0, MOST_THREADS)
        one_of("--engine", self.engine, ENGINES)


class Engine(Protocol):
    """Works on cells, several at a time, and yields their messages; see `run_local`."""

    def __call__(
        self, requests: Sequence[CellRequest], logs: Path, stop: Stop
    ) -> Iterator[Message]:
        """Work on the cells in this order until all have ended or `stop` is set."""


@dataclass
class StudyOutcome:
    """The outcome of running a study.

    Attributes:
        skipped: cells that were done before.
        ended: the end of each cell that was worked on now.
        left: cells that were not started because the study was stopped.
    """

    skipped: list[str] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Ended]:
        """The failed cells."""
        return [each for each in self.ended if each.state == "failed"]

    @property
    def interrupted(self) -> bool:
        """Whether the study was stopped before its end."""
        return bool(self.left) or any(each.state == "interrupted" for each in self.ended)


def cell_states(study: Study, folder: Path, data_dir: Path) -> dict[str, CellState]:
    """The state of each cell, by the name of its run, BM25 last.

    Raises:
        UsageError: a data set does not exist.
    """
    evaluated = evaluations(study.data, study.settings, data_dir, study.precision)
    states = {cell.name: _state(folder, cell.name, cell.configs, evaluated) for cell in study.cells}
    if study.bm25:
        states[BM25] = _state(folder, BM25, (), evaluated)
    return states


def check_study(
    study: Study, folder: Path, data_dir: Path, options: StudyOptions
) -> tuple[dict[str, CellState], tuple[str, ...]]:
    """Refuse a study that cannot be run, before any work.

    Returns:
        The state of each cell (`cell_states`), and what differs between the arms' budgets.

    Raises:
        UsageError: a data set or an engine does not exist, the folder has runs of those names with
            another config or is a run itself, or the arms' budgets are not equal.
    """
    if options.engine == "ray":
        from hybench.studies.ray_cluster import require_ray

        require_ray()
    if (folder / CONFIG).is_file():
        raise UsageError(f"{folder} is a run.", "Give the study another name.")
    states = cell_states(study, folder, data_dir)
    changed = [name for name, state in states.items() if state == "changed"]
    if changed:
        raise UsageError(
            f"{folder / changed[0]} was trained with other options than the study's"
            + (f", and {len(changed) - 1} more." if len(changed) > 1 else "."),
            "Move them away, or give the study another name.",
        )
    found = unequal(study.cells, data_dir)
    if not options.allow_unequal:
        refuse_unequal(found)
    return states, found


def run_study(
    study: Study,
    folder: Path,
    data_dir: Path,
    options: StudyOptions,
    *,
    stop: Stop,
    watch: Callable[[Message], None],
) -> StudyOutcome:
    """Run the remaining cells of a study.

    Args:
        study: the study.
        folder: of its runs.
        data_dir: of the prepared sets.
        options: for running it.
        stop: once set, no cell is started, and running ones end with a checkpoint.
        watch: called with the cells' messages.

    Raises:
        UsageError: as `check_study`.
        StateError: another process works on the study, or a link in its folder leads out of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (LOG, LOGS):
        check_link(folder / name, folder)
    with holding(folder / LOCK, f"study {study.name}"):
        states, found = check_study(study, folder, data_dir, options)
        described = _described(study, folder, found, late=_is_late(study, folder, states))
        write_json(folder / STUDY, described)
        log = EventLog(folder / LOG)
        outcome = StudyOutcome(skipped=[name for name, state in states.items() if state == "done"])
        for name in outcome.skipped:
            watch(Skipped(name))
        requests = _requests(study, states, folder, data_dir, options)
        begun: set[str] = set()
        for message in _engine(options)(requests, folder / LOGS, stop):
            if message.name not in begun:
                begun.add(message.name)
                log.append("cell_begun", cell=message.name)
            if isinstance(message, Ended):
                outcome.ended.append(message)
                details = {"seconds": message.seconds, "reason": message.what, "do": message.do}
                log.append(f"cell_{message.state}", cell=message.name, **details)
            watch(message)
        ended = {each.name for each in outcome.ended}
        outcome.left = [request.name for request in requests if request.name not in ended]
    return outcome


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


def _requests(
    study: Study, states: dict[str, CellState], folder: Path, data_dir: Path, options: StudyOptions
) -> list[CellRequest]:
    shared = 1 if options.engine == "ray" else threads_per_job(max(1, options.jobs))
    threads = options.threads or shared
    configs = {cell.name: tuple(each.to_toml() for each in cell.configs) for cell in study.cells}
    return [
        CellRequest(
            name=name,
            configs=configs.get(name, ()),
            folder=str(folder),
            data_dir=str(data_dir),
            data=study.data,
            settings=study.settings,
            precision=study.precision,
            device=options.devices[0],
            threads=threads,
            argv=tuple(sys.argv),
            keep=study.keep_checkpoints,
        )
        for name, state in states.items()
        if state != "done"
    ]


def _is_late(study: Study, folder: Path, states: Mapping[str, CellState]) -> bool:
    """Whether the study's hypotheses were added or changed after its start."""
    if not study.hypotheses or all(state == "waiting" for state in states.values()):
        return False
    before = read_json(folder / STUDY) if (folder / STUDY).is_file() else {}
    same = before.get("hypotheses", []) == [each.to_json() for each in study.hypotheses]
    return bool(before.get("late", False)) or not same


def _described(
    study: Study, folder: Path, found: Sequence[str], *, late: bool
) -> dict[str, object]:
    cells: dict[str, dict[str, object]] = {
        cell.name: {"arm": cell.arm, **dict(cell.point), "seed": cell.config.seed}
        for cell in study.cells
    }
    if study.bm25:
        cells[BM25] = {"arm": BM25}
    return {
        "name": study.name,
        "arms": list(study.arms),
        "data": list(study.data),
        "cells": cells,
        "unequal": list(found),
        "hypotheses": [each.to_json() for each in study.hypotheses],
        "late": late,
        "stages": {
            cell.name: [stage.run.name for stage in chain(folder, cell.name, cell.configs)]
            for cell in study.cells
            if cell.before
        },
    }


def _engine(options: StudyOptions) -> Engine:
    if options.engine == "ray":
        from hybench.studies.ray_cluster import ray_engine

        engine: Engine = ray_engine(options.address, options.jobs, options.devices)
        return engine

    def local(requests: Sequence[CellRequest], logs: Path, stop: Stop) -> Iterator[Message]:
        return run_local(
            requests, jobs=max(1, options.jobs), devices=options.devices, logs=logs, stop=stop
        )

    return local
