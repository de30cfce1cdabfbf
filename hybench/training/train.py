"""The stage: a config and data sets in, a trained model and its event log out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.encoders.encoder import Encoder
from hybench.encoders.loading import load_encoder
from hybench.errors import UsageError
from hybench.files.documents import write_json
from hybench.files.locks import holding
from hybench.objectives import OBJECTIVES
from hybench.runs.environment import describe_environment
from hybench.runs.events import Event, EventLog, UnwrittenLog, read_events
from hybench.runs.run import CACHE, Run
from hybench.training.corpus import PairTexts, tokenize_pairs
from hybench.training.distributed.group import ALONE, Group
from hybench.training.learner import Task
from hybench.training.loop import Loop
from hybench.training.materials import check_new_or_resumed, materials
from hybench.training.teacher import (
    TeacherVectors,
    english_teacher,
    english_teacher_config,
    is_saved,
    teacher_vectors,
)


def never() -> bool:
    """The answer of a caller who never stops a training early."""
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
    group: Group = ALONE,
) -> Iterator[Event]:
    """Train a student, yielding events as they are logged.

    Args:
        config: the config; its defaults are filled in here, and the steps that its examples take.
        run: where everything goes; its folder's parent keeps the caches and teachers.
        data_root: folder of the prepared sets.
        device: auto, cpu, cuda or cuda:N.
        resume: go on from the newest checkpoint of the run.
        force: replace a run that is there, once all that is asked for is found to be possible.
        stop: asked after every step; True makes a checkpoint and ends.
        progress: told of tokenising and of the teacher.
        group: the processes that train together, all with these arguments but for the device and
            what asks and tells them; what they write is the leader's alone.

    Raises:
        UsageError: config, data and device do not fit together, or there is nothing to resume.
        StateError: the run exists already, or another process works on it.
        TrainingError: the loss became NaN or infinite.
    """
    config = config.resolved()
    found = materials(
        config, run, data_root, device=device, resume=resume, force=force, group=group
    )
    config, encoder, texts, cache = (
        found.config,
        found.student,
        found.texts,
        run.path.parent / CACHE,
    )
    with run.lock() if group.leads else nullcontext():
        if group.leads:
            _begin(config, run, found.datasets, found.device, resume, force)
        group.tell(None)  # the run is there
        log = EventLog(run.events_file) if group.leads else UnwrittenLog()
        teacher: TeacherVectors | None = None
        if config.strategy == "distill":
            teacher = yield from _teacher(
                config, run, data_root, texts, encoder, found.teacher, log, stop, progress, group
            )
            if teacher is None:
                yield log.append("interrupted", step=0)
                return
        with group.leader_first():
            tokens = tokenize_pairs(texts.texts, encoder, cache, progress)
        task = Task(config, encoder, texts, tokens, teacher, found.held_out, group)
        loop = Loop(task, run, log, stop)
        if resume:
            loop.restore()
        yield log.append("start", **_start_values(task, loop, found.datasets, found.device))
        yield from loop.events()


def _begin(
    config: TrainConfig,
    run: Run,
    datasets: Sequence[Dataset],
    device: str,
    resume: bool,
    force: bool,
) -> None:
    """Make a run's folder, or see that one that is held goes on as it was begun."""
    # Again: another process may have been faster.
    check_new_or_resumed(config, run, datasets, resume, force)
    if resume:
        return
    if run.config_file.is_file():
        run.clear()
    _write_config(config, run, device)


def _write_config(config: TrainConfig, run: Run, device: str) -> None:
    write_json(run.environment_file, describe_environment(device))
    run.write_config(config.to_toml())


def _start_values(
    task: Task, loop: Loop, datasets: Sequence[Dataset], device: str
) -> dict[str, object]:
    return {
        "step": loop.state.step,
        "steps": task.config.steps,
        "device": device,
        "processes": task.group.size,
        "parameters": loop.parameters,
        "data": [
            {
                "name": dataset.name,
                "fingerprint": dataset.info.fingerprint,
                "pairs": len(table.pair_ids),
                "languages": list(table.languages),
            }
            for dataset, table in zip(datasets, task.texts.tables, strict=True)
        ],
        "validation": [item.name for item in task.held_out],
    }


def _teacher(
    config: TrainConfig,
    run: Run,
    data_root: Path,
    texts: PairTexts,
    student: Encoder,
    named: Encoder | None,
    log: EventLog,
    stop: Callable[[], bool],
    progress: ProgressCallback,
    group: Group,
) -> Generator[Event, None, TeacherVectors | None]:
    """Take the `named` teacher, or train one; returns its vectors, None where it was stopped."""
    cache = run.path.parent / CACHE
    cost: dict[str, object] = {"trained": False}
    name, device = config.teacher, str(student.device)
    if named is None:
        own = english_teacher_config(config)
        teacher_run = english_teacher(config, run.path.parent, data_root)
        yield from _train_teacher(own, teacher_run, data_root, device, stop, progress, group)
        events = read_events(teacher_run.events_file).events if group.leads else []
        done = group.tell([event for event in events if event["event"] == "done"])
        if not done:
            return None
        names = ("step", "examples", "tokens", "seconds", "memory_mb")
        cost = {"trained": True, **{key: done[-1][key] for key in names}}
        name = str(teacher_run.model)
        named = load_encoder(name, device)
    with group.leader_first():
        vectors = teacher_vectors(named, texts, cache, progress)
    yield log.append("teacher", model=name, dimension=vectors.dimension, **cost)
    fitted = OBJECTIVES[config.objective].same_dimension
    return vectors.fitted(student.dimension) if fitted else vectors


def _train_teacher(
    config: TrainConfig,
    run: Run,
    data_root: Path,
    device: str,
    stop: Callable[[], bool],
    progress: ProgressCallback,
    group: Group,
) -> Iterator[Event]:
    """Train the English teacher, or go on where its training was cut; nothing if it is there.

    Of several distillations that want the same teacher, one trains it and the others wait.
    """
    lock = holding(run.path.with_suffix(".lock"), "the teacher", wait=True)
    with lock if group.leads else nullcontext():
        if group.tell(is_saved(run)):
            return
        events = train(
            config,
            run,
            data_root,
            device=device,
            resume=group.tell(run.config_file.is_file()),
            stop=stop,
            progress=progress,
            group=group,
        )
        for event in events:
            yield {"event": "teacher_training", "time": event["time"], "of": event}


def resume_config(run: Run) -> TrainConfig:
    """The config of an existing run.

    Raises:
        UsageError: there is no such run, or it is no training.
    """
    Run.open(run.path)
    if run.read_config().get("kind") != "train":
        raise UsageError(f"Run {run.name} is no training.", "Only trainings can be resumed.")
    return run.train_config()
