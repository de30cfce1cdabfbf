"""Runs a study: skips finished cells, resumes interrupted ones, and continues after failures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hybench.concurrency.processes import MOST_PROCESSES, MOST_THREADS
from hybench.concurrency.progress import Stop
from hybench.errors import UsageError
from hybench.files.documents import write_json
from hybench.files.links import check_link
from hybench.files.locks import holding
from hybench.runs.events import EventLog
from hybench.runs.run import CONFIG, LOGS, STUDY
from hybench.studies.choosing import drop_models_of_trials, settled, untuned
from hybench.studies.description import described, is_late
from hybench.studies.fairness import refuse_unequal, unequal
from hybench.studies.local_processes import run_local, threads_per_job
from hybench.studies.plan import BM25, Study
from hybench.studies.states import CellState, cell_states, derived_states
from hybench.studies.worker import CellRequest, Ended, Message, Skipped
from hybench.values.checks import one_of, within
from hybench.values.typed import check_types
from hybench.workers.ray_cluster import ENGINES, require_ray

LOG = "study.jsonl"
LOCK = ".study.lock"


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
    found = unequal(settled(study, folder).cells, data_dir)
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
        late = is_late(study, folder, states)
        work = _Work(folder, options, stop, watch)
        for name, state in states.items():
            if state == "done":
                work.outcome.skipped.append(name)
                watch(Skipped(name))
        for trials in (True, False):
            study = settled(study, folder)
            write_json(folder / STUDY, described(study, folder, found, late=late))
            if study.trials and not trials:  # what they chose may have been trained before
                states = cell_states(study, folder, data_dir)
                if not study.keep_checkpoints:
                    drop_models_of_trials(study, folder)
            work.on(_requests(study, states, folder, data_dir, options, trials=trials))
        if study.derived:  # of the models that there are now
            states = derived_states(study, folder, data_dir)
            work.on(_derived_requests(study, states, folder, data_dir, options))
    return work.outcome


@dataclass
class _Work:
    """Work on cells, which is logged; arguments as of `run_study`."""

    folder: Path
    options: StudyOptions
    stop: Stop
    watch: Callable[[Message], None]
    outcome: StudyOutcome = field(default_factory=StudyOutcome)

    def on(self, requests: Sequence[CellRequest]) -> None:
        """Work on cells until all have ended, or it is stopped."""
        log = EventLog(self.folder / LOG)
        begun: set[str] = set()
        ended: set[str] = set()
        for message in _engine(self.options)(requests, self.folder / LOGS, self.stop):
            if message.name not in begun:
                begun.add(message.name)
                log.append("cell_begun", cell=message.name)
            if isinstance(message, Ended):
                ended.add(message.name)
                self.outcome.ended.append(message)
                details = {"seconds": message.seconds, "reason": message.what, "do": message.do}
                log.append(f"cell_{message.state}", cell=message.name, **details)
            self.watch(message)
        self.outcome.left += [request.name for request in requests if request.name not in ended]


def _requests(
    study: Study,
    states: Mapping[str, CellState],
    folder: Path,
    data_dir: Path,
    options: StudyOptions,
    *,
    trials: bool,
) -> list[CellRequest]:
    """What is left to do of a study's trials, or of its cells whose values are chosen."""
    shared = 1 if options.engine == "ray" else threads_per_job(max(1, options.jobs))
    threads = options.threads or shared
    cells = study.trials if trials else study.cells
    configs = {cell.name: tuple(each.to_toml() for each in cell.configs) for cell in cells}
    names = [*configs, *([BM25] if study.bm25 and not trials else [])]
    waits = untuned(study)
    return [
        CellRequest(
            name=name,
            configs=configs.get(name, ()),
            folder=str(folder),
            data_dir=str(data_dir),
            data=() if trials else study.data,
            settings=study.settings,
            precision=study.precision,
            device=options.devices[0],
            threads=threads,
            argv=tuple(sys.argv),
            keep=study.keep_checkpoints,
            trial=trials,
        )
        for name in names
        if states[name] != "done" and (trials or name not in waits)
    ]


def _derived_requests(
    study: Study,
    states: Mapping[str, CellState],
    folder: Path,
    data_dir: Path,
    options: StudyOptions,
) -> list[CellRequest]:
    """What is left to do of a study's derived runs."""
    shared = 1 if options.engine == "ray" else threads_per_job(max(1, options.jobs))
    return [
        CellRequest(
            name=cell.name,
            configs=(),
            folder=str(folder),
            data_dir=str(data_dir),
            data=study.data,
            settings=study.settings,
            precision=study.precision,
            device=options.devices[0],
            threads=options.threads or shared,
            argv=tuple(sys.argv),
            derived=cell.to_json(),
        )
        for cell in study.derived
        if states[cell.name] != "done"
    ]


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
