"""The cost of a training: data, size, and time extrapolated from a few real steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.config.train import TrainConfig
from hybench.encoders.encoder import Encoder
from hybench.runs.run import Run
from hybench.training.batches import batch_sampler
from hybench.training.corpus import tokenize_pairs
from hybench.training.learner import Learner, Task
from hybench.training.lists.reading import tokenize_lists
from hybench.training.materials import materials
from hybench.training.memory import explain_out_of_memory
from hybench.training.teacher import teacher_to_train

_STEPS = 5
_COPIES = 3
"""A checkpoint has the weights and two moments of AdamW."""


@dataclass(frozen=True)
class Estimate:
    """The result of `estimate`.

    Attributes:
        steps: of the training.
        step_pairs: fewest and most pairs of a step: a language with few passages makes batches
            smaller than the batch size.
        pairs: training pairs over all sets, each counted once whatever its languages.
        languages: training languages.
        parameters: trained weights.
        device: the device of the training.
        seconds: of all steps, without validation.
        prepare_seconds: to read and tokenise the pairs, before the first step.
        disk_bytes: of the checkpoints and the model.
        model_bytes: of the model alone.
        teacher_bytes: likewise of the English teacher that is trained first; 0 if there is none to
            train.
        encoder: the student, after the timed steps.
    """

    steps: int
    step_pairs: tuple[int, int]
    pairs: int
    languages: int
    parameters: int
    device: str
    seconds: float
    prepare_seconds: float
    disk_bytes: int
    model_bytes: int
    teacher_bytes: int
    encoder: Encoder = field(repr=False, compare=False)


def estimate(
    config: TrainConfig,
    run: Run,
    data_root: Path,
    device: str = "auto",
    *,
    resume: bool = False,
    force: bool = False,
    scratch: Path | None = None,
    progress: ProgressCallback = ignore,
    clock: Callable[[], float] = time.perf_counter,
) -> Estimate:
    """Build the student and time a few contrastive steps; nothing is written but to `scratch`.

    Args:
        config: as for `hybench.training.train.train`.
        run: likewise.
        data_root: likewise.
        device: likewise.
        resume: likewise.
        force: likewise.
        scratch: a folder for a vocabulary that no training has learned yet; None for no such
            folder.
        progress: receives progress reports.
        clock: seconds.

    Raises:
        UsageError: config, data and device do not fit together, or there is nothing to resume.
        StateError: the run already exists.
        TrainingError: there is too little memory for a step.
    """
    config = config.resolved()
    begun = clock()
    with TemporaryDirectory() as unkept:
        inputs = materials(
            config,
            run,
            data_root,
            device=device,
            resume=resume,
            force=force,
            scratch=scratch or Path(unkept),
            progress=progress,
        )
    config, texts, encoder = inputs.config, inputs.texts, inputs.student
    tokens = tokenize_pairs(texts.texts, encoder, progress=progress)
    lists = tokenize_lists(inputs.lists, encoder, progress=progress)
    prepared = clock() - begun
    # A teacher's vectors come from the cache: a step with them takes as long as one without. A
    # training of fewer steps than are timed, or of none, is timed as if it had them.
    timed = replace(config, steps=max(config.steps, 1 + _STEPS))
    learner = Learner(Task(timed, encoder, texts, tokens, None, [], lists=lists))
    with explain_out_of_memory(config, "a step of the estimate"):
        learner.step(1)
        begun = clock()
        for number in range(2, 2 + _STEPS):
            learner.step(number)
    seconds = (clock() - begun) / _STEPS * config.steps
    fewest, most = batch_sampler(config, texts).batch_sizes()
    return Estimate(
        steps=config.steps,
        step_pairs=(fewest * config.accumulation, most * config.accumulation),
        pairs=sum(len(table.pair_ids) for table in texts.tables),
        languages=len({code for table in texts.tables for code in table.languages}),
        parameters=learner.parameters,
        device=str(encoder.device),
        seconds=seconds,
        prepare_seconds=prepared,
        disk_bytes=_disk_bytes(config, learner.parameters),
        model_bytes=learner.parameters * 4,
        teacher_bytes=_teacher_bytes(config, run, data_root, learner.parameters),
        encoder=encoder,
    )


def _disk_bytes(config: TrainConfig, parameters: int) -> int:
    return parameters * 4 * (config.keep_checkpoints * _COPIES + 2)


def _teacher_bytes(config: TrainConfig, run: Run, data_root: Path, parameters: int) -> int:
    teacher = teacher_to_train(config, run.path.parent, data_root)
    return 0 if teacher is None else _disk_bytes(teacher.config, parameters)
