"""What a training would take: its data, its size, and its time from a few real steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from hybench.config import TrainConfig
from hybench.data.schema import open_datasets
from hybench.encoders import Encoder
from hybench.progress import ProgressCallback, ignore
from hybench.training.corpus import read_pair_texts, tokenize_pairs
from hybench.training.learner import Learner, Task
from hybench.training.memory import saying_what_to_lower
from hybench.training.student import make_student

_STEPS = 5
_COPIES = 3
"""Weights and two moments of AdamW in each checkpoint."""


@dataclass(frozen=True)
class Estimate:
    """What `estimate` found.

    Attributes:
        batch_size: pairs of a step.
        pairs: training pairs over all sets, each counted once whatever its languages.
        languages: training languages.
        parameters: trained weights.
        device: where they are.
        seconds: of all steps, without validation.
        prepare_seconds: to read and tokenise the pairs, before the first step.
        disk_bytes: of the checkpoints and the model.
        teacher: whether an English teacher would be trained as well, unless cached.
        encoder: the student, after the timed steps.
    """

    batch_size: int
    pairs: int
    languages: int
    parameters: int
    device: str
    seconds: float
    prepare_seconds: float
    disk_bytes: int
    teacher: bool
    encoder: Encoder = field(repr=False, compare=False)


def estimate(
    config: TrainConfig,
    runs_root: Path,
    data_root: Path,
    device: str = "auto",
    progress: ProgressCallback = ignore,
    clock: Callable[[], float] = time.perf_counter,
) -> Estimate:
    """Build the student and time a few contrastive steps; nothing but a vocabulary is written.

    Raises:
        UsageError: config, data and device do not fit together.
        TrainingError: there is too little memory for a step.
    """
    config = config.resolved()
    begun = clock()
    datasets = open_datasets(config.data, data_root)
    texts = read_pair_texts(datasets, config)
    encoder = make_student(config, datasets, runs_root / ".cache", device)
    tokens = tokenize_pairs(texts.texts, encoder, progress=progress)
    prepared = clock() - begun
    # A teacher's vectors come from the cache: a step with them takes as long as one without.
    own = replace(config, strategy="hybrid", teacher="", contrastive_weight=0.0)
    learner = Learner(Task(own, encoder, texts, tokens, None, []))
    with saying_what_to_lower(config, "a step of the estimate"):
        learner.step(1)
        begun = clock()
        for number in range(2, 2 + _STEPS):
            learner.step(number)
    seconds = (clock() - begun) / _STEPS * config.steps
    copies = config.keep_checkpoints * _COPIES + 2
    return Estimate(
        batch_size=config.batch_size * config.accumulation,
        pairs=sum(len(table.pair_ids) for table in texts.tables),
        languages=len({code for table in texts.tables for code in table.languages}),
        parameters=learner.parameters,
        device=str(encoder.device),
        seconds=seconds,
        prepare_seconds=prepared,
        disk_bytes=learner.parameters * 4 * copies,
        teacher=config.strategy == "distill" and not config.teacher,
        encoder=encoder,
    )
