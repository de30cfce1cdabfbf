"""A batch: which pairs, and in which languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

BatchKind = Literal["mono", "cross", "mixed"]


@dataclass(frozen=True)
class Batch:
    """One batch; b is the batch size, or less where too few pairs may meet.

    Attributes:
        number: n, from 0.
        kind: mono, cross, or mixed (hybrid by example).
        table: index of the training set.
        pairs: int64 [b], indexes into the table's pairs.
        query_languages: int64 [b], indexes into the table's languages.
        passage_languages: int64 [b], likewise.
    """

    number: int
    kind: BatchKind
    table: int
    pairs: NDArray[np.int64]
    query_languages: NDArray[np.int64]
    passage_languages: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.pairs)
