"""Dealing the pairs of an epoch to batches, so that no two that conflict meet.

Two ways. Where pairs that hang together all conflict, a round through the batches keeps them apart.
Elsewhere batches are coloured (`hybench.sampling.colouring`). Either way those pairs for which an
epoch has no room are the first of the next one, so that all are shown alike.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hybench.data.shared import Ints

Batches = list[Ints]

DEALING = 2
"""Changes with the batches that a seed draws: what was begun with others cannot go on."""

ROUND = 64
"""Epochs over which pairs take their turns; a later epoch is dealt without those before its round.
Changing it changes the batches of a seed."""


class DealtEpochs(ABC):
    """The epochs of a stream, each a partition of its pairs without conflicts.

    Args:
        pairs: n.
        batches: of an epoch.
        size: pairs in a batch, at most.
        random: gives the randomness of an epoch.

    Attributes:
        shown: how often each pair was shown in this round, int64 [n].
    """

    def __init__(
        self,
        pairs: int,
        batches: int,
        size: int,
        random: Callable[[int], np.random.Generator],
    ) -> None:
        self._pairs = pairs
        self._batches = batches
        self._size = size
        self._random = random
        self._next = -1
        self.shown = np.zeros(pairs, np.int64)

    def deal(self, epoch: int) -> Batches:
        """Places of pairs, by batch; a pure function of the epoch."""
        first = self._round_start(epoch)
        if not first < self._next <= epoch:
            self._next, self.shown = first, np.zeros(self._pairs, np.int64)
        while True:
            random = self._random(self._next)
            dealt = self._dealt(random)
            for batch in dealt:
                self.shown[batch] += 1
            self._next += 1
            if self._next > epoch:
                break
        return [dealt[at] for at in random.permutation(self._batches)]

    def _round_start(self, epoch: int) -> int:
        """The epoch from which on turns decide about this one."""
        return epoch - epoch % ROUND

    @abstractmethod
    def _dealt(self, random: np.random.Generator) -> Batches:
        """An epoch's batches in any order, after those of its round that went before."""


class GroupedEpochs(DealtEpochs):
    """The epochs of a stream whose groups of pairs all conflict within.

    A batch has at most one pair of a group. Of a group with more pairs than there are batches,
    others wait each time.

    Args:
        groups: int32 [n], of n pairs.
        batches: of an epoch.
        size: pairs in a batch, at most.
        random: gives the randomness of an epoch.
    """

    def __init__(
        self,
        groups: NDArray[np.int32],
        batches: int,
        size: int,
        random: Callable[[int], np.random.Generator],
    ) -> None:
        super().__init__(len(groups), batches, size, random)
        _, self._group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
        self._groups = len(sizes)
        self._all_fit = len(groups) <= batches * size and sizes.max() <= batches

    def _round_start(self, epoch: int) -> int:
        return epoch if self._all_fit else super()._round_start(epoch)

    def _dealt(self, random: np.random.Generator) -> Batches:
        # Groups in random order, each group's pairs in random order; dealt round-robin, the pairs
        # of one group land in different batches: as many batches as such pairs are needed.
        lot, group_lot = random.random(self._pairs), random.random(self._groups)
        order = np.lexsort((lot, group_lot[self._group]))
        if not self._all_fit:
            order = order[self._has_turn(lot)[order]]
        return [order[first :: self._batches] for first in range(self._batches)]

    def _has_turn(self, lot: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether an epoch has room for each pair; those that were shown least come first."""
        by_turn = np.lexsort((lot, self.shown))
        # The place of each pair among those of its group.
        grouped = by_turn[np.argsort(self._group[by_turn], kind="stable")]
        starts = np.flatnonzero(np.diff(self._group[grouped], prepend=-1))
        within = np.empty(self._pairs, np.int64)
        within[grouped] = np.arange(self._pairs) - starts[self._group[grouped]]
        fits = by_turn[within[by_turn] < self._batches]
        has_turn = np.zeros(self._pairs, np.bool_)
        has_turn[fits[: self._batches * self._size]] = True
        return has_turn
