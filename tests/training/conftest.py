"""A toy set and a budget of seconds."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import hybench
from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.files.checksums import sha256_file
from hybench.files.documents import write_json
from hybench.files.tables import write_table
from hybench.mining.options import MineOptions
from hybench.negatives.folder import Negatives
from hybench.runs.events import Event
from hybench.runs.run import Run
from hybench.training.corpus import read_pair_texts, tokenize_pairs
from hybench.training.learner import Task
from hybench.training.lists.reading import read_lists, tokenize_lists
from hybench.training.student import make_student
from hybench.training.teacher_vectors import teacher_vectors
from hybench.training.train import train
from hybench.training.validation import validation_set

NEGATIVES = "toy-negatives"
"""Negatives of the toy set, of any language, in the folder of the sets."""

SCORED = "toy-scored"
"""The same, with scores of a teacher."""


@pytest.fixture(scope="session")
def data_root(toys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toys, `NEGATIVES` and `SCORED`. Not to be changed."""
    root = tmp_path_factory.mktemp("data") / "sets"
    shutil.copytree(toys, root)
    options = MineOptions("any", count=6, relative_margin=-100.0, name=NEGATIVES)
    mined = hybench.mine("bm25", "toy", options, data_dir=root).negatives
    score(mined, root / SCORED)
    return root


def score(mined: Negatives, path: Path) -> None:
    """Copy mined negatives as if a teacher had scored them."""
    shutil.copytree(mined.path, path)
    for language in mined.languages:
        scores = {
            "teacher_score": pl.col("score") / 10,
            "teacher_positive": pl.col("positive_score").first().over("pair_id") / 10,
        }
        write_table(path / f"{language}.parquet", mined.rows(language).with_columns(**scores))
    files = {name: sha256_file(path / name) for name in mined.info.files}
    write_json(path / "negatives.json", replace(mined.info, files=files).to_json())


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
    read = read_lists(config, [dataset], data_root, texts)
    if read is not None:
        texts = read.texts
    tokens = tokenize_pairs(texts.texts, student)
    lists = tokenize_lists(read, student)
    held_out = [validation_set(dataset, student)]
    return Task(config, student, texts, tokens, teacher, held_out, lists=lists)
