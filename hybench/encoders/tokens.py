"""Tokenised texts, kept flat: tokenised once, gathered for every batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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
    def from_lists(cls, lists: Iterable[list[int]]) -> Tokens:
        """From one list of token ids per text."""
        arrays = [np.asarray(ids, dtype=np.int32) for ids in lists]
        lengths = [len(array) for array in arrays]
        ids = np.concatenate(arrays) if arrays else np.empty(0, dtype=np.int32)
        return cls(ids, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))

    @classmethod
    def concatenate(cls, parts: list[Tokens]) -> Tokens:
        """The texts of all parts, in order."""
        lengths = np.concatenate([part.lengths for part in parts]) if parts else np.empty(0)
        ids = np.concatenate([part.ids for part in parts]) if parts else np.empty(0, np.int32)
        return cls(ids, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))

    def take(self, rows: NDArray[np.int64]) -> Tokens:
        """The texts in `rows`, in that order."""
        lengths = self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        # Position of every token: its text's start plus its place in the text.
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        return Tokens(self.ids[np.repeat(self.offsets[rows], lengths) + within], offsets)

    def padded(self, padding: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ids and attention mask, both int64 [n, longest], padded on the right."""
        lengths = self.lengths
        mask = np.arange(lengths.max(initial=0)) < lengths[:, None]
        ids = np.full(mask.shape, padding, dtype=np.int64)
        ids[mask] = self.ids
        return ids, mask.astype(np.int64)


def length_batches(
    lengths: NDArray[np.int64], budget: int, most: int
) -> Iterator[NDArray[np.int64]]:
    """Row numbers in batches of similar length, longest first.

    Args:
        lengths: int64 [n], tokens of each text.
        budget: at most that many tokens in a padded batch (one text always fits).
        most: at most that many texts in a batch.
    """
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        longest = max(1, int(lengths[order[start]]))
        size = max(1, min(most, budget // longest))
        yield order[start : start + size]
        start += size
