"""What pairs share: two pairs conflict if they have a query or a passage in common.

A thing that several pairs have, such as a passage, makes all of them conflict with each other. So
conflicts are kept as pairs and the things they have; edges between pairs, of which there are many
more, are not listed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Shared:
    """Which pairs have which things.

    Attributes:
        pair: int64 [e], sorted.
        thing: int64 [e], a number from 0; a pair and a thing stand together once.
    """

    pair: Ints
    thing: Ints

    @classmethod
    def of(cls, pair: Ints, thing: Ints) -> Shared:
        """The pairs that have a thing in common with another; things get new numbers.

        Args:
            pair: int64 [m], in any order.
            thing: int64 [m], what the pair has; the same may stand there several times.
        """
        if not len(pair):
            return NOTHING
        order = np.lexsort((thing, pair))
        pair, thing = pair[order], thing[order]
        new = np.r_[True, (np.diff(pair) != 0) | (np.diff(thing) != 0)]
        _, number, count = np.unique(thing[new], return_inverse=True, return_counts=True)
        several = count[number] > 1
        _, number = np.unique(number[several], return_inverse=True)
        return cls(pair[new][several], number.astype(np.int64))

    def among(self, pairs: Ints) -> Shared:
        """What the given pairs share with each other, each numbered by its place.

        Args:
            pairs: int64 [n], sorted, each once.
        """
        place = np.searchsorted(pairs, self.pair)
        here = place < len(pairs)
        here[here] = pairs[place[here]] == self.pair[here]
        return Shared.of(place[here], self.thing[here])

    def starts(self, pairs: int) -> Ints:
        """Where each pair's things begin, int64 [n + 1], for pairs 0 to n - 1."""
        return np.searchsorted(self.pair, np.arange(pairs + 1))

    def cliques(self, groups: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Whether all pairs of a group conflict with each other, bool by group number.

        Args:
            groups: int32 [n], the component of each pair that these things join.
        """
        size = np.bincount(groups)
        is_clique: NDArray[np.bool_] = size == 1
        if not len(self.pair):
            return is_clique
        group = groups[self.pair]
        having = np.bincount(self.thing)[self.thing]
        is_clique[group[having == size[group]]] = True  # one thing that all of them have
        # Pairs may also meet each other by turns: a with b, b with c, and a with c.
        others = np.bincount(self.pair, having - 1, len(groups))
        may_be = ~is_clique
        may_be[groups[others < size[groups] - 1]] = False
        chosen = may_be[group]
        if chosen.any():
            from scipy.sparse import csr_array

            pairs, row = np.unique(self.pair[chosen], return_inverse=True)
            has = csr_array((np.ones(len(row), np.int32), (row, self.thing[chosen])))
            met = np.diff((has @ has.T).indptr)
            may_be[groups[pairs[met < size[groups[pairs]]]]] = False
        is_clique |= may_be
        return is_clique

    def apart(self, pairs: int) -> int:
        """How many of the pairs 0 to n - 1 were found that share nothing with each other.

        Pairs are taken in the order of what they share, least first: where things make cliques it
        is the most that there are, elsewhere it may be less.
        """
        starts = self.starts(pairs)
        others = np.bincount(self.pair, np.bincount(self.thing)[self.thing] - 1.0, pairs)
        bound = np.flatnonzero(np.diff(starts))
        found = pairs - len(bound)
        things, at, taken = self.thing.tolist(), starts.tolist(), set[int]()
        for pair in bound[np.argsort(others[bound], kind="stable")].tolist():
            own = things[at[pair] : at[pair + 1]]
            if taken.isdisjoint(own):
                taken.update(own)
                found += 1
        return found


NOTHING = Shared(np.empty(0, np.int64), np.empty(0, np.int64))
