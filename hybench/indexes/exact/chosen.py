"""Vectors of several places, read as one array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybench.indexes.exact.keys import Floats, Rows, Vectors
from hybench.indexes.exact.sharded import ShardedVectors


class ChosenVectors(ShardedVectors):
    """Rows of vectors in files, and other vectors in memory between them, read as one array [n, d].

    Args:
        vectors: float32 [m, d], usually in files.
        rows: int64 [n], rows of `vectors`; -1 for the next one of `others`.
        others: float32 [k, d].
    """

    def __init__(self, vectors: Vectors, rows: Rows, others: Floats) -> None:
        self._vectors, self._rows, self._others = vectors, rows, others
        self._place = np.cumsum(rows < 0) - 1
        self.shape = (len(rows), int(others.shape[1]))

    @property
    def shards(self) -> tuple[NDArray[Any], ...]:
        """The arrays that the vectors in files lie in."""
        vectors = self._vectors
        return vectors.shards if isinstance(vectors, ShardedVectors) else (np.asarray(vectors),)

    def __getitem__(self, rows: slice | Rows) -> Floats:
        """The vectors of a slice, or of int64 rows in their order."""
        chosen = np.arange(len(self))[rows] if isinstance(rows, slice) else np.asarray(rows)
        return self.take(chosen)

    def take(
        self, rows: Rows, axis: int = 0, out: Floats | None = None, mode: str = "clip"
    ) -> Floats:
        """As `numpy.ndarray.take`, along the first axis; rows lie within the array."""
        del axis, mode
        found = np.empty((len(rows), self.shape[1]), np.float32) if out is None else out
        there = self._rows[rows]
        in_files = np.flatnonzero(there >= 0)
        found[in_files] = self._vectors[there[in_files]]
        others = np.flatnonzero(there < 0)
        found[others] = self._others[self._place[rows[others]]]
        return found
