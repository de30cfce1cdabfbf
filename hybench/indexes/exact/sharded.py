"""Vectors that lie in several files, read as one array."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybench.indexes.exact.keys import Floats, Rows, Vectors


class ShardedVectors:
    """Shards one after the other, read as one float32 array [n, d].

    It is sliced, gathered and taken from as an array is. A slice that lies in one float32 shard is
    a view of it; float16 shards are widened as they are read, a slice at a time.

    Args:
        shards: one or more arrays [m, d] of float32 or float16, usually memory-mapped.
    """

    dtype = np.dtype(np.float32)
    ndim = 2

    def __init__(self, shards: Sequence[NDArray[Any]]) -> None:
        self._shards = tuple(shards)
        self._starts = np.cumsum([0, *map(len, shards)])
        self.shape = (int(self._starts[-1]), int(shards[0].shape[1]))

    @property
    def shards(self) -> tuple[NDArray[Any], ...]:
        """The arrays that they lie in."""
        return self._shards

    def __len__(self) -> int:
        """Number of vectors."""
        return self.shape[0]

    def __getitem__(self, rows: slice | Rows) -> Floats:
        """The vectors of a slice, or of int64 rows in their order."""
        if not isinstance(rows, slice):
            found = np.empty((len(rows), self.shape[1]), np.float32)
            return self.take(np.asarray(rows), out=found)
        first, last, step = rows.indices(len(self))
        if step < 1:
            raise IndexError("Shards are sliced forwards.")
        parts: list[Floats] = []
        for shard, start in zip(self._shards, self._starts.tolist(), strict=False):
            skipped = max(0, start - first)
            begin = first + -(-skipped // step) * step - start
            if begin < len(shard) and begin + start < last:
                part = shard[begin : min(last - start, len(shard)) : step]
                parts.append(part.astype(np.float32, copy=False))
        if not parts:
            return np.empty((0, self.shape[1]), np.float32)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def take(
        self, rows: Rows, axis: int = 0, out: Floats | None = None, mode: str = "clip"
    ) -> Floats:
        """As `numpy.ndarray.take`, along the first axis; rows lie within the array."""
        del axis, mode
        found = np.empty((len(rows), self.shape[1]), np.float32) if out is None else out
        home = np.searchsorted(self._starts, rows, side="right") - 1
        for number in np.unique(home).tolist():
            places = np.flatnonzero(home == number)
            found[places] = self._shards[number][rows[places] - self._starts[number]]
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All of them in memory."""
        del copy
        return self[:].astype(dtype or np.float32, copy=False)


def between(vectors: Vectors, first: int, last: int) -> Vectors:
    """Some rows, one after the other, which are not read yet."""
    if not isinstance(vectors, ShardedVectors):
        rows: Vectors = vectors[first:last]
        return rows
    starts = np.cumsum([0, *map(len, vectors.shards)]).tolist()
    parts = [
        shard[max(0, first - start) : max(0, last - start)]
        for shard, start in zip(vectors.shards, starts, strict=False)
    ]
    return ShardedVectors([part for part in parts if len(part)] or parts[:1])


def release(vectors: Vectors) -> None:
    """Give back the memory that reading mapped files has taken; they can be read again."""
    for shard in vectors.shards if isinstance(vectors, ShardedVectors) else (vectors,):
        mapped = getattr(shard, "base", None)
        while isinstance(mapped, np.ndarray):
            mapped = mapped.base
        if isinstance(mapped, mmap.mmap):
            mapped.madvise(mmap.MADV_DONTNEED)
