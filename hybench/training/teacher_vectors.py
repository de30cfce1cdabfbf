"""What the teachers of a distillation make of the training texts, cached."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.config.choices import TEACHER_LANGUAGE
from hybench.encoders.encoder import Encoder
from hybench.encoders.identity import encoder_digest
from hybench.encoders.prompts import TextKind
from hybench.encoders.sharing import Loading, SharedEncoder, sharing
from hybench.files.array_cache import Arrays, being_made, cached_arrays
from hybench.files.documents import sha256_json
from hybench.runs.cost import Cost
from hybench.runs.metering import Meter
from hybench.sampling import Batch
from hybench.training.corpus import PairTexts

Vectors = NDArray[np.float32]

PART = 4096
"""Texts that are encoded and kept at a time: a training that was killed goes on after the last."""

_VECTORS, _COST = "vectors", "cost"
"""Arrays of a part: the vectors, and what they cost, so that each arm that uses them can say it."""


@dataclass(frozen=True)
class TeacherVectors:
    """The frozen teacher's outputs for the texts that it reads.

    Attributes:
        vectors: by kind, float32 [m, d], L2-normalised, for the m texts.
        position: int64 [n]: the row of text n of the training set in `vectors`, -1 if the teacher
            does not read it.
        cost: of making them, by whichever trainings did; None if it is not known.
        own: whether it reads each text in its own language, not in English.
    """

    vectors: dict[TextKind, Vectors]
    position: NDArray[np.int64]
    cost: Cost | None = None
    own: bool = False

    @property
    def dimension(self) -> int:
        """Dimension of the vectors."""
        return int(self.vectors["query"].shape[1])

    def of_batch(self, batch: Batch, texts: PairTexts) -> tuple[Vectors, Vectors]:
        """Vectors of a batch's queries and of its passages, each float32 [b, d]."""
        queries, passages = texts.taught_rows(batch, own=self.own)
        return (
            self.vectors["query"][self.position[queries]],
            self.vectors["passage"][self.position[passages]],
        )

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


def together(teachers: Sequence[TeacherVectors]) -> TeacherVectors:
    """Several teachers of the same texts as one, whose scores are the mean of theirs.

    Their vectors side by side, divided by √n: the inner product of two such vectors is the mean
    of the n teachers' cosines, and their norm is 1. Objectives that compare vectors then meet the
    principal components of all teachers at once; a mean of vectors from unrelated spaces would
    keep nothing.

    Args:
        teachers: one or more, which read the same texts.
    """
    if len(teachers) == 1:
        return teachers[0]
    scale = np.float32(len(teachers) ** -0.5)
    vectors = {
        kind: np.concatenate([each.vectors[kind] for each in teachers], axis=1) * scale
        for kind in teachers[0].vectors
    }
    costs = [each.cost for each in teachers]
    known = [cost for cost in costs if cost is not None]
    cost = functools.reduce(add, known) if len(known) == len(costs) else None
    return replace(teachers[0], vectors=vectors, cost=cost)


def rows_read(texts: PairTexts, *, own: bool) -> NDArray[np.int64]:
    """Positions in the training texts of those that a teacher reads, int64 [m], ascending.

    Args:
        texts: of the training.
        own: all that are trained on, each in its own language; else all English ones.
    """
    rows = []
    for table, starts in zip(texts.tables, texts.starts, strict=True):
        if own:
            rows.append((starts + table.rows)[table.present])
        else:
            english = table.languages.index(TEACHER_LANGUAGE)
            rows.append(starts[english] + np.arange(table.rows[:, english].max() + 1))
    return np.unique(np.concatenate(rows)).astype(np.int64)


def teacher_vectors(
    teacher: Encoder,
    texts: PairTexts,
    cache: Path,
    progress: ProgressCallback = ignore,
    *,
    own: bool = False,
    loading: Loading | None = None,
    devices: Sequence[str] = (),
) -> TeacherVectors:
    """Encode the texts that a teacher reads once, or read their vectors from the cache.

    They are cached in parts of `PART` texts. Trainings that need the same vectors at once encode
    a part each, and wait for what others encode when nothing else is left.

    Args:
        teacher: the frozen teacher.
        texts: the training texts.
        cache: folder of cached vectors, by the digest of the teacher and of the texts.
        progress: receives progress reports.
        own: whether it reads each text in its own language, not in English.
        loading: how another process loads the teacher; None to encode in this one alone.
        devices: of processes that share the encoding; the vectors are those of one, to the bit.
    """
    rows = rows_read(texts, own=own)
    position = np.full(len(texts.texts["query"]), -1, dtype=np.int64)
    position[rows] = np.arange(len(rows))
    chosen = {kind: [items[row] for row in rows] for kind, items in texts.texts.items()}
    digest = sha256_json([encoder_digest(teacher), PART, chosen["query"], chosen["passage"]])
    folder = cache / "teacher-vectors" / digest[:32]
    with ExitStack() as stack:

        @functools.cache
        def encoder() -> Encoder | SharedEncoder:
            """Begins no process where all vectors are in the cache."""
            return stack.enter_context(sharing(teacher, loading, devices))

        def cached(kind: TextKind, first: int) -> Arrays:
            items = chosen[kind][first : first + PART]
            task = f"teacher: encode each {kind}"

            def tell(done: int) -> None:
                progress(Progress(task, first + done, len(rows), "texts"))

            def encode() -> dict[str, NDArray[Any]]:
                meter = Meter(teacher)
                vectors = encoder().encode(items, kind, tell)
                return {_VECTORS: vectors, _COST: np.array(json.dumps(asdict(meter.cost())))}

            def waiting() -> None:
                progress(Progress("teacher: another run encodes the same", 0, None, "texts"))

            return cached_arrays(path(kind, first), encode, waiting)

        def path(kind: TextKind, first: int) -> Path:
            return folder / f"{kind}-{first // PART:05d}"

        places = [(kind, first) for kind in chosen for first in range(0, len(rows), PART)]
        found: dict[tuple[TextKind, int], Arrays] = {}
        while left := [place for place in places if place not in found]:
            free = (place for place in left if not being_made(path(*place)))
            place = next(free, left[0])
            found[place] = cached(*place)
        parts = {kind: [found[place] for place in places if place[0] == kind] for kind in chosen}
    costs = [Cost(**json.loads(str(part[_COST]))) for each in parts.values() for part in each]
    return TeacherVectors(
        {kind: _joined([part[_VECTORS] for part in each]) for kind, each in parts.items()},
        position,
        functools.reduce(add, costs),
        own,
    )


def _joined(parts: Sequence[Vectors]) -> Vectors:
    """All rows; of one part the array itself."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
