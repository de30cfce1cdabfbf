"""The entries of lists, as they are read from mined negatives and from files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from hybench.data.dataset import Dataset
from hybench.errors import StateError, UsageError
from hybench.negatives.folder import Negatives, open_negatives

ENTRIES = {
    "pair_id": pl.String(),
    "query_language": pl.String(),
    "language": pl.String(),
    "passage_id": pl.String(),
    "source_id": pl.String(),
    "passage": pl.String(),
    "teacher_score": pl.Float32(),
    "teacher_positive": pl.Float32(),
}
"""Columns of entries: a row per query and passage of its list, best first."""


@dataclass(frozen=True)
class Source:
    """Something that lists were read from.

    Attributes:
        name: as the config names it.
        digest: of what was read, by which a resumed training recognises it.
        counts: what of it was used and what not.
        teacher: that scored mined negatives; empty where that is not known.
        costs: of mining and scoring, as the manifest of mined negatives has them.
    """

    name: str
    digest: str
    counts: dict[str, int] = field(default_factory=dict)
    teacher: str = ""
    costs: list[dict[str, Any]] = field(default_factory=list)

    def to_event(self) -> dict[str, Any]:
        """The values for an event."""
        own = {"name": self.name, "digest": self.digest, "teacher": self.teacher}
        return {**own, **self.counts, "costs": self.costs}


@dataclass(frozen=True)
class Entries:
    """Entries by training set, in the sets' order, and where they are from."""

    frames: tuple[pl.DataFrame, ...]
    sources: tuple[Source, ...]


def mined_entries(names: Sequence[str], datasets: Sequence[Dataset], root: Path) -> Entries:
    """The entries of mined negatives.

    Args:
        names: of the negatives; of several for one set, the first one's come first.
        datasets: the training sets.
        root: folder of the negatives.

    Raises:
        UsageError: there are no such negatives, or they are of a set that is not trained on.
        StateError: they were mined from another version of the set.
        DataError: a file is damaged.
    """
    frames: dict[str, list[pl.DataFrame]] = {dataset.name: [] for dataset in datasets}
    sources = []
    for name in names:
        opened = open_negatives(name, root)
        frame = read_mined(opened, _of(opened, name, datasets))
        frames[opened.info.dataset].append(frame)
        sources.append(_source(name, opened, frame))
    none = pl.DataFrame(schema=ENTRIES)
    return Entries(
        tuple(pl.concat([none, *frames[dataset.name]]) for dataset in datasets), tuple(sources)
    )


def _of(opened: Negatives, name: str, datasets: Sequence[Dataset]) -> Dataset:
    """The training set that negatives are of.

    Raises:
        UsageError: it is none of them.
        StateError: it is another version of one.
    """
    found = [dataset for dataset in datasets if dataset.name == opened.info.dataset]
    if not found:
        raise UsageError(
            f"Negatives {name} are of data set {opened.info.dataset}, which is not trained on.",
            f"Train on it, or mine from: {' '.join(dataset.name for dataset in datasets)}.",
        )
    [dataset] = found
    if dataset.info.fingerprint != opened.info.fingerprint:
        raise StateError(
            f"Data set {dataset.name} has changed since the negatives {name} were mined.",
            "Mine them again: hybench mine, with --force.",
        )
    return dataset


def read_mined(opened: Negatives, dataset: Dataset) -> pl.DataFrame:
    """The entries of mined negatives of a set."""
    frames = [
        opened.rows(language).with_columns(query_language=pl.lit(language)).select(*ENTRIES)
        for language in opened.languages
        if language in dataset.table_languages("pairs")
    ]
    return pl.concat([pl.DataFrame(schema=ENTRIES), *frames])


def _source(name: str, opened: Negatives, frame: pl.DataFrame) -> Source:
    counts = {"entries": frame.height, "queries": frame.n_unique(["pair_id", "query_language"])}
    costs = [cost for each in opened.info.costs.values() for cost in each]
    return Source(name, opened.info.request, counts, opened.info.teacher, costs)
