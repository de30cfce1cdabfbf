"""What is looked for in a pool's vectors and what was found, by those who have some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybench.indexes.exact.keys import NO_HIT, Floats, Keys, Rows


@dataclass(frozen=True)
class Asked:
    """Rows of a pool whose ranks are requested.

    Attributes:
        queries: int64 [m], places of the queries; any order.
        parts: int64 [m], the number of the row's part.
        keys: uint64 [m], the row's keys (`hybench.indexes.exact.keys`).
    """

    queries: Rows
    parts: Rows
    keys: Keys


@dataclass(frozen=True)
class Load:
    """Queries, and what is to be found for them.

    Attributes:
        queries: float32 [q, d].
        sizes: hits per query by part, and in the whole pool; each at most the number of rows.
        asked: rows whose ranks are requested.
        in_whole: whether their ranks in the whole pool are requested, too.
    """

    queries: Floats
    sizes: tuple[int, ...]
    asked: Asked
    in_whole: bool


@dataclass(frozen=True)
class Found:
    """What some spans of a pool have of a load.

    Attributes:
        best: uint64 [q, size] keys by part, and in the whole pool; in any order.
        part_better: int64 [m], rows that are better than the requested ones, each in its own part.
        better: int64 [m], likewise in the pool; 0 if not requested.
    """

    best: list[Keys]
    part_better: Rows
    better: Rows

    @classmethod
    def nothing(cls, load: Load) -> Found:
        """What is found before anything was searched."""
        best = [np.full((len(load.queries), size), NO_HIT) for size in load.sizes]
        return cls(best, *np.zeros((2, len(load.asked.keys)), np.int64))


def merged(founds: Sequence[Found]) -> Found:
    """What several have found in different spans, as if one had searched them all.

    Keys hold scores and ids, so ties are ordered as anywhere; better rows add up.
    """
    if len(founds) == 1:
        return founds[0]
    best = []
    for each in zip(*(found.best for found in founds), strict=True):
        size = each[0].shape[1]
        every = np.concatenate(each, axis=1)
        best.append(np.partition(every, -size, axis=1)[:, -size:] if size else every)
    return Found(
        best,
        np.sum([found.part_better for found in founds], axis=0, dtype=np.int64),
        np.sum([found.better for found in founds], axis=0, dtype=np.int64),
    )
