"""The input of every metric: the ranks and the relevance of the relevant passages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Relevant:
    """The relevant passages of n queries, one entry for each, m in all.

    Attributes:
        query: int64 [m], the query's place.
        gain: float64 [m], the relevance, above 0.
        rank: float64 [m], from 1; infinity where not retrieved.
        found: float64 [m], number of the query's relevant passages at this rank or above.
        ideal: float64 [m], the passage's rank if the most relevant came first.
        queries: n.
    """

    query: Places
    gain: Values
    rank: Values
    found: Values
    ideal: Values
    queries: int

    @classmethod
    def of(cls, query: Places, gain: Values, rank: Values, queries: int) -> Relevant:
        """Compute the other attributes from the first three."""
        found, ideal = _count_up(query, rank), _count_up(query, -gain)
        return cls(query, gain, rank, found, ideal, queries)

    def within(self, depth: float) -> Relevant:
        """The same for rankings cut at a depth: passages below it count as not retrieved."""
        rank = np.where(self.rank <= depth, self.rank, np.inf)
        return Relevant.of(self.query, self.gain, rank, self.queries)

    def sum(self, values: Values | npt.NDArray[np.bool_]) -> Values:
        """Sum of values [m] by query, float64 [n]."""
        sums = np.bincount(self.query, weights=values, minlength=self.queries)
        return sums.astype(np.float64)

    @property
    def count(self) -> Values:
        """Number of relevant passages by query, retrieved or not; float64 [n]."""
        return np.bincount(self.query, minlength=self.queries).astype(np.float64)


_BEYOND = 2**32


def _count_up(query: Places, values: Values) -> Values:
    """Each value's place within its query, from 1, smallest first; float64 [m]."""
    # One number for both: rows are mostly grouped by query, and a stable sort is fast on nearly
    # sorted values. Ranks and gains are integers of 32 bits, and infinity is above them.
    within = np.clip(values, -_BEYOND, _BEYOND).astype(np.int64)
    order = np.argsort(query * (4 * _BEYOND) + within, kind="stable")
    first = np.searchsorted(query[order], query)
    places = np.empty(len(order))
    places[order] = np.arange(1, len(order) + 1)
    return places - first


def ratio(above: Values, below: Values) -> Values:
    """above / below, 0 where below is 0."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
