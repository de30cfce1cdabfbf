"""Runs a study: skips finished cells, resumes interrupted ones, and continues after failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hybench.concurrency.progress import Stop
from hybench.errors import UsageError
from hybench.files.documents import write_json
from hybench.files.links import check_link
from hybench.files.locks import holding
from hybench.runs.events import EventLog
from hybench.runs.run import CONFIG, LOGS, STUDY, Run
from hybench.runs.tracking import check_sinks
from hybench.studies.choosing import settled
from hybench.studies.description import described, is_late
from hybench.studies.fairness import refuse_unequal, unequal
from hybench.studies.inputs import check_inputs
from hybench.studies.keeping import drop_models, drop_models_of_trials, drop_unkept, kept_by
from hybench.studies.local_processes import run_local
from hybench.studies.options import StudyOptions
from hybench.studies.order import in_order
from hybench.studies.plan import CHECKPOINTS, MODELS, Study
from hybench.studies.requests import cell_requests, derived_requests
from hybench.studies.states import CellState, cell_states
from hybench.studies.worker import CellRequest, Ended, Message, Skipped
from hybench.workers.ray_cluster import require_ray

LOG = "study.jsonl"
LOCK = ".study.lock"


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
        UsageError: a data set, a model or an engine does not exist or does not fit, the folder has
            runs of those names with another config or is a run itself, or the arms' budgets are not
            equal.
        DataError: a file of a model, or of negatives, is damaged.
    """
    if options.engine == "ray":
        require_ray()
    check_sinks(options.report_to)
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
    left = [cell for cell in (*study.trials, *study.cells) if states[cell.name] != "done"]
    check_inputs((config for cell in left for config in cell.configs), data_dir)
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
                drop_unkept(Run(folder / name), kept_by(study, name))
                watch(Skipped(name))
        for trials in (True, False):
            study = settled(study, folder)
            write_json(folder / STUDY, described(study, folder, found, late=late))
            if study.trials and not trials:  # what they chose may have been trained before
                states = cell_states(study, folder, data_dir)
                if CHECKPOINTS not in study.keep:
                    drop_models_of_trials(study, folder)
            requests = cell_requests(study, states, folder, data_dir, options, trials=trials)
            if not trials:
                derived = derived_requests(study, states, folder, data_dir, options)
                requests = in_order(requests, derived)
            work.on(requests)
        if MODELS not in study.keep:
            drop_models(study, folder, cell_states(study, folder, data_dir))
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
        if self.stop.is_set():  # else what is left would be made of a cell that has failed
            self.outcome.left += [request.name for request in requests if request.name not in ended]


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
