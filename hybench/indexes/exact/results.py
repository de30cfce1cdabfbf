"""What is asked of a search in a pool, and what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hybench.indexes.exact.keys import Floats, Rows


@dataclass(frozen=True)
class Hits:
    """The best rows per query, best first.

    Attributes:
        rows: int64 [queries, k], rows of the pool, -1 beyond the last hit.
        scores: float32 [queries, k], NaN beyond the last hit.
    """

    rows: Rows
    scores: Floats


@dataclass(frozen=True)
class Wanted:
    """Rows whose ranks are requested.

    Attributes:
        queries: int64 [m], places of the queries; any order.
        rows: int64 [m], rows of the pool.
    """

    queries: Rows
    rows: Rows

    @classmethod
    def none(cls) -> Wanted:
        """No rows."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))

    def at(self, places: Rows) -> Wanted:
        """Some of them."""
        return Wanted(self.queries[places], self.rows[places])


@dataclass(frozen=True)
class Request:
    """Queries that are searched for together.

    Attributes:
        queries: float32 [q, d].
        depths: hits per query by part.
        k: hits per query in the whole pool; None for no hits or ranks there.
        wanted: rows to rank.
    """

    queries: Floats
    depths: Sequence[int]
    k: int | None = None
    wanted: Wanted = field(default_factory=Wanted.none)


@dataclass(frozen=True)
class Ranked:
    """The ranks of `Wanted` rows, in their order.

    Attributes:
        ranks: int64 [m], from 1; 0 where the row was not retrieved.
        scores: float32 [m], NaN where the row was not retrieved.
    """

    ranks: Rows
    scores: Floats


@dataclass(frozen=True)
class Parted:
    """The results of a search in each part of a pool alone, and in the whole pool.

    Attributes:
        parts: hits by part, in rows of the pool.
        whole: hits in the pool; empty if not requested.
        part_ranks: int64 [m], the ranks of the wanted rows, each in its own part, from 1.
        ranks: int64 [m], their ranks in the pool; 0 if not requested.
        scores: float32 [m].
    """

    parts: tuple[Hits, ...]
    whole: Hits
    part_ranks: Rows
    ranks: Rows
    scores: Floats
