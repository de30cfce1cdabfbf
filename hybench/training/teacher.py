"""The teacher of a distillation: its origin, its cost, and its cached vectors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.config.train import TEACHER_LANGUAGE, TrainConfig
from hybench.data.weighted import open_training_sets
from hybench.encoders.encoder import Encoder
from hybench.encoders.identity import encoder_digest
from hybench.encoders.prompts import TextKind
from hybench.files.array_cache import cached_arrays
from hybench.files.documents import sha256_json
from hybench.runs.cost import Cost
from hybench.runs.events import read_events
from hybench.runs.metering import Meter
from hybench.runs.run import Run
from hybench.training.corpus import PairTexts

Vectors = NDArray[np.float32]

_COST_ARRAY = "cost"
"""Next to cached vectors: what making them cost, so that each arm that uses them can say it."""

_COST = ("step", "examples", "tokens", "seconds", "memory_mb", "flops", "joules", "power")


@dataclass(frozen=True)
class EnglishTeacher:
    """The teacher of a distillation without ``--teacher``, trained first or already trained.

    Attributes:
        config: of its training, resolved.
        run: the run of its training; distillations with the same config and data share it.
    """

    config: TrainConfig
    run: Run

    @classmethod
    def of(cls, config: TrainConfig, folder: Path, data_root: Path) -> EnglishTeacher:
        """The teacher of a distillation, trained or not.

        Args:
            config: of the distillation, resolved, without a teacher.
            folder: of the distillation's run.
            data_root: folder of the prepared sets.

        Raises:
            UsageError: a data set does not exist.
        """
        own = english_teacher_config(config)
        sets = open_training_sets(config.data, data_root)
        fingerprints = [item.info.fingerprint for item in sets]
        digest = sha256_json([own.to_toml(), fingerprints])[:16]
        return cls(own, Run(folder / ".teachers" / digest))

    @property
    def is_saved(self) -> bool:
        """Whether its training is complete."""
        return (self.run.model / "modules.json").is_file()

    def cost(self) -> dict[str, object] | None:
        """The cost of its training, from its last event; None if it was stopped."""
        events = read_events(self.run.events_file).events
        done = [event for event in events if event["event"] == "done"]
        return {name: done[-1].get(name) for name in _COST} if done else None


def english_teacher_config(config: TrainConfig) -> TrainConfig:
    """The config of the English teacher that a distillation without ``--teacher`` trains first.

    The same encoder, data, steps (or examples) and batch as the student's, only on the English
    pairs.
    """
    return replace(
        config.asked,
        strategy="hybrid",
        alpha=1.0,
        alpha_schedule=None,
        mixing="batch",
        objective=TrainConfig.objective,
        contrastive_weight=0.0,
        languages=(TEACHER_LANGUAGE,),
        language_temperature=None,
        pivot="",
        scarce=(TEACHER_LANGUAGE,) if TEACHER_LANGUAGE in config.scarce else (),
        share=config.share if TEACHER_LANGUAGE in config.scarce else 1.0,
        first_batch=None,
        checkpoint_every=0,
        keep_checkpoints=1,
    )


def teacher_to_train(config: TrainConfig, folder: Path, data_root: Path) -> EnglishTeacher | None:
    """The English teacher that a training trains first; None if there is none to train.

    Args:
        config: a resolved config.
        folder: of the training's run.
        data_root: folder of the prepared sets.

    Raises:
        UsageError: a data set does not exist.
    """
    if config.strategy != "distill" or config.teacher:
        return None
    teacher = EnglishTeacher.of(config, folder, data_root)
    return None if teacher.is_saved else teacher


@dataclass(frozen=True)
class TeacherVectors:
    """The frozen teacher's outputs for the English texts of all pairs.

    Attributes:
        vectors: by kind, float32 [m, d], L2-normalised, for the m English texts.
        position: int64 [n]: the row of text n of the training set in `vectors`, -1 if it is not
            English.
        cost: of making them, by whichever training did; None in caches of older builds.
    """

    vectors: dict[TextKind, Vectors]
    position: NDArray[np.int64]
    cost: Cost | None = None

    @property
    def dimension(self) -> int:
        """Dimension of the vectors."""
        return int(self.vectors["query"].shape[1])

    def take(self, kind: TextKind, rows: NDArray[np.int64]) -> Vectors:
        """Vectors float32 [b, d] of the texts at `rows` of the training set."""
        return self.vectors[kind][self.position[rows]]

    def fitted(self, dimension: int) -> TeacherVectors:
        """The same vectors in a student's dimension, for objectives that compare them.

        A larger teacher is projected on the principal components of its own vectors (as in
        the multilingual distillation of arXiv 2004.09813), a smaller one is padded with zeros;
        both keep inner products as well as the dimension allows.
        """
        if dimension == self.dimension:
            return self
        if dimension > self.dimension:
            width = ((0, 0), (0, dimension - self.dimension))
            fitted = {kind: np.pad(values, width) for kind, values in self.vectors.items()}
            return replace(self, vectors=fitted)
        everything = np.concatenate(list(self.vectors.values())).astype(np.float64)
        _, components = np.linalg.eigh(everything.T @ everything)
        basis = components[:, ::-1][:, :dimension]
        projected = {}
        for kind, values in self.vectors.items():
            low = values @ basis
            norms = np.linalg.norm(low, axis=1, keepdims=True)
            projected[kind] = (low / np.maximum(norms, 1e-12)).astype(np.float32)
        return replace(self, vectors=projected)


def english_rows(texts: PairTexts) -> NDArray[np.int64]:
    """Positions in the training texts of all English ones, int64 [m], ascending."""
    rows = []
    for table, starts in zip(texts.tables, texts.starts, strict=True):
        english = table.languages.index(TEACHER_LANGUAGE)
        rows.append(starts[english] + np.arange(table.rows[:, english].max() + 1))
    return np.sort(np.concatenate(rows)).astype(np.int64)


def teacher_vectors(
    teacher: Encoder, texts: PairTexts, cache: Path, progress: ProgressCallback = ignore
) -> TeacherVectors:
    """Encode the English texts once, or read them from the cache.

    Args:
        teacher: the frozen teacher.
        texts: the training texts.
        cache: folder of cached vectors, by the digest of the teacher and of the texts.
        progress: receives progress reports.
    """
    rows = english_rows(texts)
    position = np.full(len(texts.texts["query"]), -1, dtype=np.int64)
    position[rows] = np.arange(len(rows))
    chosen = {kind: [items[row] for row in rows] for kind, items in texts.texts.items()}
    digest = sha256_json([encoder_digest(teacher), chosen["query"], chosen["passage"]])

    def report(kind: TextKind) -> Callable[[int], None]:
        task = f"teacher: encode each {kind}"
        return lambda done: progress(Progress(task, done, len(rows), "texts"))

    def encode() -> dict[str, NDArray[Any]]:
        meter = Meter(teacher)
        made: dict[str, NDArray[Any]] = {
            kind: teacher.encode(items, kind, report(kind)) for kind, items in chosen.items()
        }
        return made | {_COST_ARRAY: np.array(json.dumps(asdict(meter.cost())))}

    arrays = cached_arrays(cache / "teacher-vectors" / digest[:32], encode)
    cost = arrays.get(_COST_ARRAY)
    return TeacherVectors(
        {kind: arrays[kind] for kind in chosen},
        position,
        None if cost is None else Cost(**json.loads(str(cost))),
    )
