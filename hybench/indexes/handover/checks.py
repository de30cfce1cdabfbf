"""Checks of vectors from elsewhere: that each id has one, and what they are as numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hybench.errors import DataError, UsageError
from hybench.indexes.exact.keys import Floats, Rows
from hybench.indexes.handover.folder import FOLDERS, VectorFiles
from hybench.wording.amounts import count, counted

Similarity = Literal["cosine", "dot"]

_UNIT = 1e-3
"""How far from 1 lengths may be that float16 or bfloat16 has rounded."""

_NAMED = 3
"""Ids that a message names."""


@dataclass(frozen=True)
class Placing:
    """Where vectors go.

    Attributes:
        places: int64 [n], the row of each id of the files among those of the set; -1 for ids that
            the set does not have.
        rows: how many rows there are.
    """

    places: Rows
    rows: int

    @property
    def extra(self) -> int:
        """Vectors that the set has no text of."""
        return int((self.places < 0).sum())

    @property
    def in_order(self) -> bool:
        """Whether they are in the order of the set, extra ones left out."""
        kept = self.places[self.places >= 0]
        return bool(np.array_equal(kept, np.arange(self.rows)))


def placing(files: VectorFiles, expected: pl.Series) -> Placing:
    """Where the vectors of files go among ids.

    Args:
        files: the vectors.
        expected: the ids that need one, in their order.

    Raises:
        DataError: one has none, or two.
    """
    ids, what = files.ids, f"{FOLDERS[files.kind]} ({files.language})"
    doubled = ids.filter(ids.is_duplicated()).unique(maintain_order=True)
    if len(doubled):
        raise DataError(
            f"{counted(len(doubled), 'ids')} of {what} have several vectors: {_some(doubled)}.",
            "Give each id one vector.",
        )
    missing = expected.filter(~expected.is_in(ids.implode()))
    if len(missing):
        raise DataError(
            f"{count(len(missing))} of {count(len(expected))} {what} have no vector: "
            f"{_some(missing)}.",
            "Make the missing ones; every text of the set needs one.",
        )
    known = pl.DataFrame({"id": expected}).with_row_index("place")
    found = ids.to_frame().join(known, on="id", how="left", maintain_order="left")
    places = found["place"].cast(pl.Int64).fill_null(-1).to_numpy()
    return Placing(places, len(expected))


def _some(ids: pl.Series) -> str:
    named = ", ".join(map(repr, ids.head(_NAMED)))
    return named if len(ids) <= _NAMED else f"{named}, …"


@dataclass
class Checked:
    """Vectors as they are searched: float32, finite, and of length 1 for cosines.

    Args:
        files: where they are from.
        similarity: ``cosine``, which sets their lengths to 1; ``dot``, which leaves them; None for
            vectors that have length 1.

    Attributes:
        least: the smallest length so far, as it was given.
        largest: the largest.
    """

    files: VectorFiles
    similarity: Similarity | None
    least: float = field(default=np.inf, init=False)
    largest: float = field(default=0.0, init=False)

    def vectors(self) -> Iterator[Floats]:
        """Some at a time, float32 [m, d].

        Raises:
            DataError: a vector has NaN or infinity, another dimension, or length 0 for a cosine.
            UsageError: lengths are not 1, and it was not said what to do.
        """
        first = 0
        for part in self.files.vectors():
            if part.shape[1] != self.files.dimension:
                raise DataError(
                    f"{self._at(first)}: it has {part.shape[1]} components, not "
                    f"{self.files.dimension}.",
                    "Make all vectors with one model.",
                )
            yield self._checked(part, first)
            first += len(part)

    def _checked(self, part: NDArray[Any], first: int) -> Floats:
        # A component beyond float32 becomes infinite in it.
        with np.errstate(over="ignore"):
            narrow: Floats = part.astype(np.float32)
        wrong = np.flatnonzero(~np.isfinite(narrow).all(axis=1))
        if len(wrong):
            raise DataError(
                f"{self._at(first + int(wrong[0]))}: it has NaN or infinity.",
                "Make the vectors again.",
            )
        lengths = np.linalg.norm(part.astype(np.float64), axis=1)
        self.least = min(self.least, float(lengths.min(initial=np.inf)))
        self.largest = max(self.largest, float(lengths.max(initial=0.0)))
        if self.similarity == "dot":
            return narrow
        if self.similarity == "cosine":
            zero = np.flatnonzero(lengths == 0)
            if len(zero):
                raise DataError(
                    f"{self._at(first + int(zero[0]))}: its length is 0, so it has no cosine.",
                    "Make it again, or use --similarity dot.",
                )
            unit: Floats = (part / lengths[:, None]).astype(np.float32)
            return unit
        off = np.flatnonzero(np.abs(lengths - 1) > _UNIT)
        if len(off):
            raise UsageError(
                f"{self._at(first + int(off[0]))}: its length is {lengths[off[0]]:.4g}, not 1.",
                "Say how scores are computed: --similarity cosine or --similarity dot.",
            )
        return narrow

    def _at(self, row: int) -> str:
        """A vector in a message."""
        files = self.files
        return f"The vector of {files.kind} {files.ids[row]!r} ({files.language})"
