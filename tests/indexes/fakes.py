"""A data set and an encoder small enough to see through."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from hybench.concurrency.progress import ProgressCallback
from hybench.data.dataset import Dataset
from hybench.data.manifest import DatasetInfo
from hybench.data.preparation import prepare
from hybench.data.writer import DatasetWriter
from hybench.runs.run import Run


@dataclass
class HashedWords:
    """An encoder: counts of hashed words, L2-normalised. It keeps what it was asked for."""

    dimension: int = 16
    languages: tuple[str, ...] = ()
    precision: str = "fp32"
    asked: list[tuple[str, int]] = field(default_factory=list)

    def encode(
        self,
        texts: Sequence[str],
        kind: Literal["query", "passage"],
        progress: Callable[[int], None] | None = None,
        language: str | None = None,
    ) -> npt.NDArray[np.float32]:
        """Vectors of texts."""
        self.asked.append((kind, len(texts)))
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for word in text.split():
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
        if progress is not None:
            progress(len(texts))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        normed: npt.NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-9))
        return normed


@dataclass(frozen=True)
class FrameSource:
    """A source of given tables: ``tables[table][language]``."""

    tables: dict[str, dict[str, pl.DataFrame]]
    settings: tuple[str, ...] = ("mono", "cross", "multi")
    metrics: tuple[str, ...] = ("nDCG@10", "R@10", "AP")
    depth: int | None = None

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See Source."""
        languages = tuple(sorted(self.tables["passages"]))
        return DatasetInfo(
            "tiny", "frames", "1", "none", languages, self.settings, self.metrics, self.depth
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See Source."""
        for table, languages in self.tables.items():
            for language, frame in languages.items():
                writer.write(table, language, frame)


def passages(rows: dict[str, str]) -> pl.DataFrame:
    """Passages without titles from texts by id."""
    ids = pl.Series("passage_id", list(rows), pl.String)
    return pl.DataFrame({"passage_id": ids, "text": list(rows.values())}).with_columns(
        title=pl.lit(""), source_id=pl.col("passage_id")
    )


def queries(rows: dict[str, str], split: str = "test") -> pl.DataFrame:
    """Queries from texts by id."""
    ids = pl.Series("query_id", list(rows), pl.String)
    return pl.DataFrame({"query_id": ids, "text": list(rows.values())}).with_columns(
        source_id=pl.col("query_id"), split=pl.lit(split)
    )


def qrels(*rows: tuple[str, str, str, int]) -> pl.DataFrame:
    """Judgements (query_id, passage_lang, passage_id, relevance)."""
    names = ["query_id", "passage_lang", "passage_id", "relevance"]
    return pl.DataFrame(list(rows), schema=names, orient="row")


def prepared(root: Path, source: FrameSource, **options: Any) -> Dataset:
    """The set, prepared below `root`."""
    return prepare(source, root, **options).dataset


def run_with_model(root: Path, name: str = "run") -> Run:
    """A run whose model folder holds a file."""
    run = Run(root / name)
    run.model.mkdir(parents=True)
    (run.model / "weights").write_text("first")
    run.write_config({"kind": "encoder"})
    return run
