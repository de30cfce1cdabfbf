"""The training stage: from a config and data sets to a trained model and its event log."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.config.train import TrainConfig
from hybench.encoders.description import describe
from hybench.encoders.loading import load_encoder
from hybench.encoders.named import run_model
from hybench.encoders.options import OWN_WAYS
from hybench.encoders.sharing import Loading
from hybench.errors import UsageError
from hybench.files.documents import write_json
from hybench.files.locks import holding
from hybench.objectives import OBJECTIVES
from hybench.origins.tracing import origin_of_training
from hybench.runs.chain import initial_event
from hybench.runs.environment import describe_environment
from hybench.runs.events import Event, EventLog, UnwrittenLog
from hybench.runs.run import CACHE, Run
from hybench.training.corpus import tokenize_pairs
from hybench.training.distributed.group import ALONE, ProcessGroup
from hybench.training.learner import Task
from hybench.training.lists.reading import tokenize_lists
from hybench.training.loop import Loop
from hybench.training.materials import Materials, check_new_or_resumed, materials
from hybench.training.teacher import EnglishTeacher
from hybench.training.teacher_vectors import TeacherVectors, teacher_vectors, together
from hybench.workers.pool import devices_here


def never() -> bool:
    """The default of `stop`: never stop a training early."""
    return False


def train(
    config: TrainConfig,
    run: Run,
    data_root: Path,
    *,
    device: str = "auto",
    resume: bool = False,
    force: bool = False,
    stop: Callable[[], bool] = never,
    progress: ProgressCallback = ignore,
    group: ProcessGroup = ALONE,
) -> Iterator[Event]:
    """Train a student, yielding events as they are logged.

    Args:
        config: the config; its defaults are filled in here, and the steps that its examples take.
        run: the run to write; caches and teachers are in its parent folder.
        data_root: folder of the prepared sets.
        device: auto, cpu, cuda or cuda:N.
        resume: continue from the newest checkpoint of the run.
        force: replace an existing run, after the request has been checked.
        stop: called after every step; True saves a checkpoint and ends.
        progress: receives reports of tokenising and of the teacher.
        group: the processes that train together, all with the same arguments except device and
            callbacks; only the leader writes files.

    Raises:
        UsageError: config, data and device do not fit together, or there is nothing to resume.
        StateError: the run already exists, or another process works on it.
        TrainingError: the loss became NaN or infinite.
    """
    training = _Training(
        config.resolved(), run, data_root, device, resume, force, stop, progress, group
    )
    yield from training.events()


@dataclass(frozen=True)
class _Training:
    """The training of `train`: of a student, or of its teacher before it."""

    config: TrainConfig
    run: Run
    data_root: Path
    device: str
    resume: bool
    force: bool
    stop: Callable[[], bool]
    progress: ProgressCallback
    group: ProcessGroup

    def events(self) -> Iterator[Event]:
        """Train to the end, or until stopped."""
        group = self.group
        inputs = materials(
            self.config,
            self.run,
            self.data_root,
            device=self.device,
            resume=self.resume,
            force=self.force,
            group=group,
            progress=self.progress,
        )
        with self.run.lock() if group.leads else nullcontext():
            if group.leads:
                self._begin(inputs)
            group.broadcast(None)  # the run exists now
            log = EventLog(self.run.events_file) if group.leads else UnwrittenLog()
            yield log.append("encoder", **describe(inputs.student).to_event())
            begun = run_model(inputs.config.init)
            if begun is not None:
                yield log.append("initial", **initial_event(Run(begun.parent)))
            teacher: TeacherVectors | None = None
            if inputs.config.has_teacher:
                teacher = yield from self._teacher(inputs, log)
                if teacher is None:
                    yield log.append("interrupted", step=0)
                    return
            if inputs.lists is not None:
                yield log.append("lists", **inputs.lists.to_event())
            started = time.perf_counter()
            with group.leader_first():
                tokens = tokenize_pairs(
                    inputs.texts.texts, inputs.student, self._cache, self.progress
                )
                lists = tokenize_lists(inputs.lists, inputs.student, self._cache, self.progress)
            prepared = round(time.perf_counter() - started, 3)
            task = Task(
                inputs.config,
                inputs.student,
                inputs.texts,
                tokens,
                teacher,
                inputs.held_out,
                group,
                lists,
            )
            loop = Loop(task, self.run, log, self.stop)
            if self.resume:
                loop.restore()
            yield log.append("start", prepare_seconds=prepared, **_start_values(task, loop, inputs))
            yield from loop.events()

    @property
    def _cache(self) -> Path:
        return self.run.path.parent / CACHE

    def _begin(self, inputs: Materials) -> None:
        """Make the run's folder, or check that an existing run can be resumed."""
        # Checked again: another process may have been faster.
        check_new_or_resumed(inputs.config, self.run, inputs.datasets, self.resume, self.force)
        if self.resume:
            return
        if self.run.config_file.is_file():
            self.run.clear()
        write_json(self.run.environment_file, describe_environment(inputs.device))
        self.run.write_config(inputs.config.to_toml())

    def _teacher(
        self, inputs: Materials, log: EventLog
    ) -> Generator[Event, None, TeacherVectors | None]:
        """The vectors of the teachers that the config names, else of a teacher trained first.

        Returns:
            None if that training was stopped.
        """
        config = inputs.config
        teachers, options = dict(inputs.teachers), config.teacher_options
        cost: dict[str, object] = {"trained": False}
        if not teachers:
            english = EnglishTeacher.of(inputs.config, self.run.path.parent, self.data_root)
            device = str(inputs.student.device)
            yield from self._train_teacher(english, device)
            took = self.group.broadcast(english.cost() if self.group.leads else None)
            if took is None:
                return None
            cost = {"trained": True, **took}
            name = str(english.run.model)
            teachers, options = {name: load_encoder(name, device)}, OWN_WAYS
        own = config.teacher_reads == "own"
        with self.group.leader_first():
            vectors = together(
                [
                    teacher_vectors(
                        each,
                        inputs.texts,
                        self._cache,
                        self.progress,
                        own=own,
                        loading=Loading(name, options),
                        devices=devices_here(str(each.device), self.group.size),
                    )
                    for name, each in teachers.items()
                ]
            )
        [(name, described), *more] = [
            (name, describe(each).to_event()) for name, each in teachers.items()
        ]
        if vectors.cost is not None:
            cost["encoding"] = asdict(vectors.cost)
        if more:
            cost["more"] = [{"model": name, "encoder": encoder} for name, encoder in more]
        yield log.append(
            "teacher", model=name, dimension=vectors.dimension, encoder=described, **cost
        )
        if OBJECTIVES[config.objective].same_dimension:
            return vectors.fitted(inputs.student.dimension)
        return vectors

    def _train_teacher(self, english: EnglishTeacher, device: str) -> Iterator[Event]:
        """Train a teacher, or resume its training; do nothing if it is trained.

        Of several distillations with the same teacher, one trains it and the others wait.
        """
        group = self.group
        lock = holding(english.run.path.with_suffix(".lock"), "the teacher", wait=True)
        with lock if group.leads else nullcontext():
            if group.broadcast(english.is_saved):
                return
            training = replace(
                self,
                config=english.config,
                run=english.run,
                device=device,
                resume=group.broadcast(english.run.config_file.is_file()),
                force=False,
            )
            for event in training.events():
                yield {"event": "teacher_training", "time": event["time"], "of": event}


def _start_values(task: Task, loop: Loop, inputs: Materials) -> dict[str, object]:
    return {
        "step": loop.state.step,
        "steps": task.config.steps,
        "device": inputs.device,
        "processes": task.group.size,
        "parameters": loop.parameters,
        "data": [
            {
                "name": dataset.name,
                "fingerprint": dataset.info.fingerprint,
                "pairs": len(table.pair_ids),
                "languages": list(table.languages),
            }
            for dataset, table in zip(inputs.datasets, task.texts.tables, strict=True)
        ],
        "validation": [item.name for item in task.held_out],
        "origin": origin_of_training(
            {**task.config.to_toml(), **_teachers_of_lists(inputs)},
            [
                (dataset.info, table.languages)
                for dataset, table in zip(inputs.datasets, task.texts.tables, strict=True)
            ],
        ).to_event(),
    }


def _teachers_of_lists(inputs: Materials) -> dict[str, object]:
    """The teachers behind the scores that are trained on, as a config would name them."""
    if not inputs.config.teacher_scores or inputs.lists is None:
        return {}
    return {"more_teachers": [each.teacher for each in inputs.lists.sources if each.teacher]}


def resume_config(run: Run) -> TrainConfig:
    """The config of an existing run.

    Raises:
        UsageError: there is no such run, or it is not a training run.
    """
    Run.open(run.path)
    if run.read_config().get("kind") != "train":
        raise UsageError(
            f"Run {run.name} is not a training run.", "Only training runs can be resumed."
        )
    return run.train_config()
