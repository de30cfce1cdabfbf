"""Texts that are nearly equal: the Jaccard index of their character shingles, exactly.

Two sets of shingles x, y with ``|x ∩ y| ≥ s·|x ∪ y|`` share at least ``⌈s·|x|⌉`` of x, so that one
of any ``|x| - ⌈s·|x|⌉ + 1`` shingles of x is in y: the prefix filter of Chaudhuri et al. 2006
(ICDE) and Bayardo et al. 2007 (WWW). The rarest shingles of each known text are looked up, and only
pairs that share one are compared. Shingles are compared by 64 bits of a polynomial hash.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SHINGLE = 5
"""Characters of a shingle."""

ALIKE = 0.8
"""Least Jaccard index of texts that are nearly equal."""

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_FILTER_BITS = 22
"""Most shingles of other texts are rejected by a table of 2 ** _FILTER_BITS flags."""

Hashes = NDArray[np.uint64]
Rows = NDArray[np.int64]


def shingles(texts: Sequence[str]) -> tuple[Hashes, Rows]:
    """The shingles of n texts, repeats included.

    Returns:
        uint64 [total], their hashes, one text after the other; int64 [n + 1], where each text
        begins. A text shorter than a shingle has none.
    """
    characters = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    begins = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    counts = np.maximum(0, lengths - SHINGLE + 1)
    starts = np.concatenate([[0], np.cumsum(counts)])
    places = np.repeat(begins - starts[:-1], counts) + np.arange(starts[-1])
    codes = characters.astype(np.uint64)
    hashes = np.zeros(len(places), dtype=np.uint64)
    for offset in range(SHINGLE):
        hashes = hashes * _BASE + codes[places + offset] + np.uint64(1)
    hashes ^= hashes >> np.uint64(31)
    hashes *= _MIX
    return hashes ^ (hashes >> np.uint64(29)), starts


def jaccard(one: Hashes, other: Hashes) -> float:
    """Shared over all shingles of two texts, each given once."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


@dataclass
class NearDuplicates:
    """Finds which of some known texts are nearly equal to any of many others.

    Attributes:
        found: bool [n], the known texts found so far.
    """

    found: NDArray[np.bool_]
    _sets: list[Hashes]
    _sizes: Rows
    _keys: Hashes
    _owners: Rows
    _flags: NDArray[np.bool_]

    @classmethod
    def of(cls, texts: Sequence[str]) -> NearDuplicates:
        """Index n known texts; memory grows with their characters."""
        hashes, starts = shingles(texts)
        sets = [np.unique(hashes[a:b]) for a, b in pairwise(starts)]
        values, counts = np.unique(np.concatenate([*sets, hashes[:0]]), return_counts=True)
        keys, owners = [], []
        for row, own in enumerate(sets):
            taken = len(own) - math.ceil(ALIKE * len(own)) + 1 if len(own) else 0
            rarest = np.argsort(counts[np.searchsorted(values, own)], kind="stable")[:taken]
            keys.append(own[rarest])
            owners.append(np.full(len(rarest), row))
        joined = np.concatenate([*keys, hashes[:0]])
        order = np.argsort(joined, kind="stable")
        flags = np.zeros(1 << _FILTER_BITS, dtype=np.bool_)
        flags[joined & np.uint64(len(flags) - 1)] = True
        rows = np.concatenate([*owners, starts[:0]]).astype(np.int64)
        sizes = np.fromiter(map(len, sets), np.int64, len(sets))
        found = np.zeros(len(texts), np.bool_)
        return cls(found, sets, sizes, joined[order], rows[order], flags)

    def look(self, texts: Sequence[str]) -> None:
        """Compare other texts with the known ones; memory grows with these texts' characters."""
        if not len(self._keys) or not texts:
            return
        hashes, starts = shingles(texts)
        at = np.flatnonzero(self._flags[hashes & np.uint64(len(self._flags) - 1)])
        low = np.searchsorted(self._keys, hashes[at], "left")
        counts = np.searchsorted(self._keys, hashes[at], "right") - low
        ends = np.cumsum(counts)
        places = np.repeat(low - (ends - counts), counts) + np.arange(ends[-1] if len(ends) else 0)
        known = self._owners[places]
        others = np.searchsorted(starts, np.repeat(at, counts), "right") - 1
        # Repeats included, an upper limit of the other text's shingles.
        possible = ~self.found[known] & (np.diff(starts)[others] >= ALIKE * self._sizes[known])
        codes, matches = np.unique(
            others[possible] * len(self._sizes) + known[possible], return_counts=True
        )
        others, rows = np.divmod(codes, len(self._sizes))
        begins = np.flatnonzero(np.diff(others, prepend=-1))
        for begin, end in pairwise([*begins.tolist(), len(others)]):
            other = int(others[begin])
            own = np.unique(hashes[starts[other] : starts[other + 1]])
            for row in self._likely(len(own), rows[begin:end], matches[begin:end]).tolist():
                self.found[row] = jaccard(own, self._sets[row]) >= ALIKE

    def _likely(self, size: int, rows: Rows, matches: Rows) -> Rows:
        """Those of some known texts, not yet found, that can be like a text.

        A Jaccard index of J needs J / (1 + J) of both sizes shared. At most the matches in a known
        text's prefix and all that follows it are (the positional filter of Xiao et al. 2008).

        Args:
            size: shingles of the text.
            rows: of the known texts.
            matches: of each one's prefix in the text, repeats included.
        """
        sizes = self._sizes[rows]
        rest = np.ceil(ALIKE * sizes) - 1
        least = np.ceil(ALIKE / (1 + ALIKE) * (sizes + size) - 1e-6)
        possible = (matches + rest >= least) & (size * ALIKE <= sizes) & ~self.found[rows]
        likely: Rows = rows[possible]
        return likely
