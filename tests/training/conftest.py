"""A toy set and a budget of seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.runs.events import Event
from hybench.runs.run import Run
from hybench.training.corpus import read_pair_texts, tokenize_pairs
from hybench.training.learner import Task
from hybench.training.student import make_student
from hybench.training.teacher_vectors import teacher_vectors
from hybench.training.train import train
from hybench.training.validation import validation_set


@pytest.fixture(scope="session")
def data_root(toys: Path) -> Path:
    return toys


BUDGET = TrainConfig(
    data=("toy",),
    dimension=16,
    vocabulary=400,
    steps=12,
    batch_size=16,
    validate_every=4,
    checkpoint_every=5,
)


def run_to_the_end(path: Path, data_root: Path, **changes: Any) -> list[Event]:
    """Train the budget, changed, into `path`."""
    return list(train(replace(BUDGET, **changes), Run(path), data_root, device="cpu"))


def make_task(data_root: Path, cache: Path, **changes: Any) -> Task:
    """The budget, changed, as a learner takes it; the teacher is a student of another seed."""
    config = replace(BUDGET, **changes).resolved()
    dataset = Dataset.open(data_root / "toy")
    texts = read_pair_texts([dataset], config)
    # Any precision on the CPU: what a training refuses there can still be computed.
    student = make_student(replace(config, precision="fp32"), [dataset], cache, "cpu")
    teacher = None
    if config.strategy == "distill":
        other = make_student(replace(config, seed=99, precision="fp32"), [dataset], cache, "cpu")
        teacher = teacher_vectors(other, texts, cache)
    tokens = tokenize_pairs(texts.texts, student)
    return Task(config, student, texts, tokens, teacher, [validation_set(dataset, student)])
