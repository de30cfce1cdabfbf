"""Tokenised texts in flat arrays: tokenised once, gathered for every batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tokens:
    """n tokenised texts.

    Attributes:
        ids: int32 [total], the token ids of all texts, one text after the other.
        offsets: int64 [n + 1], where each text begins; the last entry is the total.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """int64 [n], tokens of each text."""
        return np.diff(self.offsets)

    @classmethod
    def from_lists(cls, lists: Sequence[list[int]]) -> Tokens:
        """From one list of token ids per text."""
        offsets = _offsets([len(ids) for ids in lists])
        return cls(np.fromiter(chain.from_iterable(lists), np.int32, int(offsets[-1])), offsets)

    @classmethod
    def concatenate(cls, parts: list[Tokens]) -> Tokens:
        """The texts of all parts, in order."""
        if not parts:
            return cls.from_lists([])
        lengths = np.concatenate([part.lengths for part in parts])
        return cls(np.concatenate([part.ids for part in parts]), _offsets(lengths))

    def take(self, rows: NDArray[np.int64]) -> Tokens:
        """The texts in `rows`, in that order."""
        return self._gather(self.offsets[rows], self.lengths[rows])

    def replaced(self, rows: NDArray[np.int64], others: Tokens) -> Tokens:
        """The texts with those in `rows` replaced by `others`."""
        if not len(rows):
            return self
        order = np.arange(len(self))
        order[rows] = len(self) + np.arange(len(rows))
        return Tokens.concatenate([self, others]).take(order)

    def cut(self, longest: int) -> Tokens:
        """The first `longest` tokens of each text."""
        lengths = self.lengths
        if lengths.max(initial=0) <= longest:
            return self
        return self._gather(self.offsets[:-1], np.minimum(lengths, longest))

    def _gather(self, begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> Tokens:
        """Texts that begin at `begins` and have `lengths` tokens."""
        offsets = _offsets(lengths)
        # Source position minus target position, the same for all tokens of a text.
        shifts = np.repeat(begins - offsets[:-1], lengths)
        return Tokens(self.ids[shifts + np.arange(offsets[-1])], offsets)

    def surrounded(self, before: list[int], after: list[int]) -> Tokens:
        """The texts with the same ids added before and after each."""
        more = [*before, *after]
        if not more:
            return self
        n, ends = len(self), self.offsets
        places = np.repeat(
            np.column_stack([ends[:-1], ends[1:]]), [len(before), len(after)], axis=1
        )
        ids = np.insert(self.ids, places.ravel(), np.tile(more, n))
        return Tokens(ids, ends + len(more) * np.arange(n + 1))

    def padded(self, padding: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ids and attention mask, both int64 [n, longest], padded on the right."""
        lengths = self.lengths
        mask = np.arange(lengths.max(initial=0)) < lengths[:, None]
        ids = np.full(mask.shape, padding, dtype=np.int64)
        ids[mask] = self.ids
        return ids, mask.astype(np.int64)


def _offsets(lengths: NDArray[np.int64] | list[int]) -> NDArray[np.int64]:
    """int64 [n + 1], where each of n texts begins, and the total."""
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)], dtype=np.int64)
