"""The texts that a run was trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.data.weighted import open_training_sets
from hybench.files.tables import table_chunks
from hybench.runs.derived import parents_of
from hybench.runs.events import first_event, training_fingerprints
from hybench.runs.run import DERIVED, MODEL, TRAIN, Run

CHUNK = 8192
"""Rows of a training set, or of a corpus, in memory at a time."""


@dataclass(frozen=True)
class TrainedTexts:
    """The training data of a run.

    Attributes:
        parts: set, language, and the rows of its pairs that are trained on; None for all.
        negatives: passages beside the pairs': hard negatives, and those with a teacher's scores.
    """

    parts: tuple[tuple[Dataset, str, NDArray[np.int64] | None], ...]
    negatives: tuple[pl.Series, ...] = ()

    @classmethod
    def of(cls, run: Run, data_root: Path) -> TrainedTexts | None:
        """Open a run's training sets, none of a model as it is; None if they are not known.

        Raises:
            HybenchError: the config or a set cannot be read.
        """
        from hybench.training.corpus import trained_rows

        settings = run.read_config()
        if settings.get("kind") == DERIVED:
            return cls._of_derived(run, settings, data_root)
        if settings.get("kind") != TRAIN:
            return cls(()) if settings.get("kind") == MODEL else None
        config = run.train_config()
        datasets = open_training_sets(config.data, data_root)
        begun = training_fingerprints(run.events_file)
        if any(begun.get(each.name) != each.info.fingerprint for each in datasets):
            return None
        parts = tuple(
            (dataset, language, rows)
            for dataset in datasets
            for language, rows in trained_rows(dataset, config).items()
        )
        negatives = _negatives(run, config, datasets, data_root)
        return None if negatives is None else cls(parts, negatives)

    @classmethod
    def _of_derived(
        cls, run: Run, settings: Mapping[str, Any], data_root: Path
    ) -> TrainedTexts | None:
        """What parents were trained on, and the statistics' set; None if one is not known.

        Raises:
            HybenchError: a config or a set cannot be read.
        """
        begun = training_fingerprints(run.events_file)
        names = settings.get("data") or ()
        datasets = open_training_sets(names, data_root) if names else []
        if any(begun.get(each.name) != each.info.fingerprint for each in datasets):
            return None
        parts: list[tuple[Dataset, str, NDArray[np.int64] | None]] = [
            (dataset, language, None)
            for dataset in datasets
            for language in settings.get("languages") or dataset.table_languages("pairs")
        ]
        negatives: list[pl.Series] = []
        for parent in parents_of(settings):
            found = parent.find(run)
            trained = None if found is None else cls.of(found, data_root)
            if trained is None:
                return None
            parts += trained.parts
            negatives += trained.negatives
        return cls(tuple(parts), tuple(negatives))

    @cached_property
    def identity(self) -> list[Any]:
        """What decides the texts, as JSON: sets by fingerprint, rows and passages by SHA-256."""
        parts = [
            [dataset.info.fingerprint, language, "" if rows is None else _sha256(rows.tobytes())]
            for dataset, language, rows in self.parts
        ]
        negatives = [_sha256(frame_bytes(each.to_frame("passage"))) for each in self.negatives]
        return [parts, negatives]

    def check(self) -> None:
        """Check that the sets' files are as they were written.

        Raises:
            DataError: one is missing or damaged.
        """
        for dataset, language, _ in self.parts:
            dataset.readable_file("pairs", language)

    @property
    def rows(self) -> int:
        """Pairs in the files that are read, those that are not trained on included."""
        return sum(each.info.counts["pairs"][language] for each, language, _ in self.parts)

    def pairs(self) -> Iterator[pl.DataFrame]:
        """The training pairs, query and passage, some at a time."""
        for dataset, language, rows in self.parts:
            file, begin = dataset.readable_file("pairs", language), 0
            for frame in table_chunks(file, ["query", "passage"], CHUNK):
                kept = frame
                if rows is not None:
                    inside = np.isin(np.arange(begin, begin + len(frame)), rows)
                    kept = frame.filter(pl.Series(inside))
                begin += len(frame)
                yield kept


def frame_bytes(frame: pl.DataFrame) -> bytes:
    """A frame's values as bytes, equal for equal frames."""
    file = BytesIO()
    frame.write_ipc(file, compat_level=pl.CompatLevel.oldest())  # strings without what they left
    return file.getvalue()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _negatives(
    run: Run, config: TrainConfig, datasets: Sequence[Dataset], data_root: Path
) -> tuple[pl.Series, ...] | None:
    """The passages of a training's lists; None if they are others now than they were then.

    Raises:
        HybenchError: they are not there, or damaged.
    """
    from hybench.training.lists.reading import entries_of

    entries = entries_of(config, datasets, data_root)
    if entries is None:
        return ()
    then = first_event(run.events_file, "lists").get("sources") or ()
    if [each.get("digest") for each in then] != [each.digest for each in entries.sources]:
        return None
    return tuple(frame["passage"] for frame in entries.frames)
