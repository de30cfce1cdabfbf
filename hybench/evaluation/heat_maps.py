"""Heat maps: an arm's scores by query and passage language, and the reasons for gaps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from hybench.evaluation.means import language_matrix

FloatArray = npt.NDArray[np.float64]

NOT_EVALUATED = "not evaluated"


@dataclass(frozen=True)
class HeatMap:
    """Scores by query language (rows) and passage language (columns).

    Attributes:
        queries: query languages, sorted.
        passages: passage languages, sorted.
        values: means in the metric's unit, f64 [queries, passages]; NaN if missing.
        missing: the reason for every NaN, by query and passage language.
    """

    queries: tuple[str, ...]
    passages: tuple[str, ...]
    values: FloatArray
    missing: Mapping[tuple[str, str], str]

    @property
    def is_empty(self) -> bool:
        """Whether there is no value."""
        return not np.isfinite(self.values).any()

    def value(self, query: str, passage: str) -> float | None:
        """One mean; None if it is missing."""
        if query not in self.queries or passage not in self.passages:
            return None
        value = float(self.values[self.queries.index(query), self.passages.index(passage)])
        return None if np.isnan(value) else value

    def minus(self, other: HeatMap, name: str) -> HeatMap:
        """The differences, on the languages of either.

        Args:
            other: of the same metric.
            name: of its arm, for the reasons why differences are missing.
        """

        def why(query: str, passage: str) -> str:
            pair = (query, passage)
            if self.value(*pair) is None:
                return self.missing.get(pair, NOT_EVALUATED)
            return f"{other.missing.get(pair, NOT_EVALUATED)} ({name})"

        return _of_pairs(
            {*self.queries, *other.queries},
            {*self.passages, *other.passages},
            {
                (query, passage): value - base
                for query in self.queries
                for passage in self.passages
                if (value := self.value(query, passage)) is not None
                and (base := other.value(query, passage)) is not None
            },
            why,
        )


def heat_map(
    results: Sequence[pl.DataFrame | None], metric: str, languages: Collection[str] = ()
) -> HeatMap:
    """The map of an arm: the mono setting on the diagonal, cross beside it.

    A pair of languages has a value only where every run of the arm has one, so that all values are
    means over the same seeds.

    Args:
        results: tables of results by run; None for a run without results.
        metric: its name.
        languages: query languages to keep; empty for all.
    """
    scores: dict[tuple[str, str], list[float]] = {}
    for table in results:
        frame = None if table is None else language_matrix(table, metric)
        for row in () if frame is None else frame.iter_rows(named=True):
            query = row.pop("query_lang")
            for passage, value in row.items():
                if not languages or query in languages:
                    kept = scores.setdefault((query, passage), [])
                    kept += [] if value is None else [value]

    def why(query: str, passage: str) -> str:
        count = len(scores.get((query, passage), ()))
        if count == len(results):
            return "not a number"
        return f"in {count} of {len(results)} runs only" if count else NOT_EVALUATED

    return _of_pairs(
        {query for query, _ in scores},
        {passage for _, passage in scores},
        {
            pair: sum(values) / len(values)
            for pair, values in scores.items()
            if len(values) == len(results) and np.isfinite(values).all()
        },
        why,
    )


def _of_pairs(
    queries: Collection[str],
    passages: Collection[str],
    values: Mapping[tuple[str, str], float],
    why: Callable[[str, str], str],
) -> HeatMap:
    rows, columns = tuple(sorted(queries)), tuple(sorted(passages))
    pairs = [(query, passage) for query in rows for passage in columns]
    table = np.array([values.get(pair, np.nan) for pair in pairs], np.float64)
    missing = {pair: why(*pair) for pair in pairs if pair not in values}
    return HeatMap(rows, columns, table.reshape(len(rows), len(columns)), missing)
