"""Rows of different lengths in flat arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Ragged:
    """n rows of whole numbers.

    Attributes:
        starts: int64 [n + 1], where each row begins; the last entry is the total.
        values: int64 [total].
    """

    starts: Rows
    values: Rows

    def __len__(self) -> int:
        return len(self.starts) - 1

    @classmethod
    def of(cls, rows: NDArray[np.integer], values: NDArray[np.integer], size: int) -> Ragged:
        """Row `rows[i]` of `size` has `values[i]`, among others; values keep their order."""
        order = np.argsort(rows, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=size))])
        return cls(starts.astype(np.int64), np.asarray(values, np.int64)[order])

    def lengths(self, rows: Rows) -> Rows:
        """Values in each of `rows`, int64 [m]."""
        return self.starts[rows + 1] - self.starts[rows]

    def take(self, rows: Rows) -> tuple[Rows, Rows]:
        """The values of `rows`, one after the other, and the place of each value's row in `rows`.

        Returns:
            Places int64 [t], ascending, and values int64 [t].
        """
        lengths = self.lengths(rows)
        places = np.repeat(np.arange(len(rows)), lengths)
        before = np.cumsum(lengths) - lengths
        inside = np.arange(len(places)) - np.repeat(before, lengths)
        return places, self.values[np.repeat(self.starts[rows], lengths) + inside]
