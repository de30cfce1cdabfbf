"""The vectors of a set's texts, from which maps are computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.derived import Matrix
from hybench.derived.options import ALL
from hybench.encoders.encoder import Encoder
from hybench.encoders.prompts import TextKind
from hybench.errors import DataError, UsageError
from hybench.values.languages import check_languages

_KINDS: dict[str, tuple[TextKind, ...]] = {
    "passages": ("passage",),
    "queries": ("query",),
    "both": ("query", "passage"),
}
_SOURCES: dict[TextKind, str] = {"query": "query_source_id", "passage": "source_id"}


@dataclass(frozen=True)
class Statistics:
    """Vectors of texts by language; a text and its translations have the same source.

    Attributes:
        encoded: float32 [n, d] by language, each of unit length.
        sources: the source of each row, by language, each once.
    """

    encoded: Mapping[str, NDArray[np.float32]]
    sources: Mapping[str, tuple[str, ...]]

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes, sorted."""
        return tuple(sorted(self.encoded))

    @property
    def counts(self) -> dict[str, int]:
        """Texts by language."""
        return {language: len(self.encoded[language]) for language in self.languages}

    def vectors(self, language: str) -> Matrix:
        """float64 [n, d]."""
        return self.encoded[language].astype(np.float64)

    def mean(self, language: str) -> Matrix:
        """The mean vector of a language, float64 [d]."""
        return np.asarray(self.encoded[language].mean(axis=0, dtype=np.float64))

    def aligned(self, language: str, pivot: str) -> tuple[Matrix, Matrix]:
        """The vectors of the texts that two languages have in common, row by row, float64 [n, d].

        Raises:
            UsageError: the pivot has no texts, or they have none in common.
        """
        if pivot not in self.encoded:
            raise UsageError(
                f"--toward is {pivot}, and the set has no texts in it.",
                f"Choose one of: {' '.join(self.languages)}.",
            )
        there = {source: row for row, source in enumerate(self.sources[pivot])}
        own = [row for row, source in enumerate(self.sources[language]) if source in there]
        if not own:
            raise UsageError(
                f"{language} and {pivot} have no text in common: the set is not parallel.",
                "Use a parallel set, or a method that needs none, such as --method center.",
            )
        other = [there[self.sources[language][row]] for row in own]
        one, two = self.encoded[language][own], self.encoded[pivot][other]
        return one.astype(np.float64), two.astype(np.float64)

    def against(self, language: str, point: str) -> tuple[Matrix, Matrix]:
        """The mean vector of a language and that of the point it is compared with, float64 [d].

        Args:
            language: its code.
            point: ``all``, the mean of the languages' means; or a language, of which both have the
                same texts.

        Raises:
            UsageError: the point is a language without texts in common.
        """
        if point == ALL:
            means = [self.mean(each) for each in self.languages]
            return self.mean(language), np.asarray(np.mean(means, axis=0))
        own, other = self.aligned(language, point)
        return own.mean(axis=0), other.mean(axis=0)


def encode_texts(
    dataset: Dataset,
    encoder: Encoder,
    texts: str,
    sample: int,
    languages: tuple[str, ...] | None = None,
    progress: ProgressCallback = ignore,
) -> Statistics:
    """Encode texts of a set's training pairs: never its corpus or its queries, which are tested on.

    Where there are more than `sample` in a language, sources are taken at equal distances, sorted:
    the same in all languages of a parallel set.

    Args:
        dataset: the set.
        encoder: the model.
        texts: ``passages``, ``queries`` or ``both``.
        sample: most texts per language.
        languages: codes, None for all that have pairs.
        progress: called with the number of texts encoded.

    Raises:
        UsageError: the set has no training pairs, or none in a language.
        DataError: a table is damaged, or the model gives NaN or infinity.
    """
    known = dataset.table_languages("pairs")
    if not known:
        raise UsageError(
            f"{dataset.name} has no training pairs, and its corpus and queries are for tests.",
            "Name a set with pairs: hybench prepare --list.",
        )
    chosen = known if languages is None else check_languages(languages, known, "--languages")
    encoded, sources = {}, {}
    for language in sorted(chosen):
        rows = _rows(dataset, language, texts)
        parts = []
        kept = []
        for kind, every in rows.items():
            found = _sampled(every, sample // len(rows))
            told = partial(_tell, progress, f"encode {language}", len(found))
            given = language if encoder.languages else None
            parts.append(encoder.encode(found["text"].to_list(), kind, told, given))
            kept += [f"{kind}:{source}" for source in found["source"]]
        vectors = np.concatenate(parts)
        if not np.isfinite(vectors).all():
            raise DataError(
                f"The model returns vectors of {language} with NaN or infinity.",
                "Its training diverged: derive from another run.",
            )
        encoded[language], sources[language] = vectors, tuple(kept)
    return Statistics(encoded, sources)


def _rows(dataset: Dataset, language: str, texts: str) -> dict[TextKind, pl.DataFrame]:
    """source and text, each source once, by kind of text."""
    pairs = dataset.pairs(language)
    return {
        kind: pairs.select(source=pl.col(_SOURCES[kind]), text=pl.col(kind))
        .unique("source", keep="first", maintain_order=True)
        .sort("source")
        for kind in _KINDS[texts]
    }


def _sampled(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    step = -(-len(rows) // max(1, most))
    return rows.gather_every(max(1, step))


def _tell(progress: ProgressCallback, task: str, total: int, done: int) -> None:
    progress(Progress(task, done, total, "texts"))
