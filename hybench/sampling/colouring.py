"""Dealing pairs that conflict in chains: a greedy colouring of their conflicts.

Batches are the colours (Welsh & Powell 1967): each pair goes to the next batch that has room and
nothing of what the pair has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hybench.data.shared import Ints, Shared
from hybench.sampling.dealing import Batches, DealtEpochs

_ASKED = 50
"""Pairs, at most, that are asked to leave their batch for another."""

_MISSED = 3
"""After so many for whom none could leave, the others wait."""


class ColouredEpochs(DealtEpochs):
    """The epochs of a stream whose pairs conflict in chains.

    Those pairs whose turn it is come first; the others fill what room is left.

    Args:
        shared: what its n pairs share.
        pairs: n.
        batches: of an epoch.
        size: pairs in a batch, at most.
        random: gives the randomness of an epoch.
    """

    def __init__(
        self,
        shared: Shared,
        pairs: int,
        batches: int,
        size: int,
        random: Callable[[int], np.random.Generator],
    ) -> None:
        super().__init__(pairs, batches, size, random)
        self._shared = shared

    def _dealt(self, random: np.random.Generator) -> Batches:
        order = np.lexsort((random.random(self._pairs), self.shown))
        turns, waiting = np.split(order, [self._batches * self._size])
        hand = _Hand(self._shared, self._pairs, self._batches, self._size)
        bound = hand.is_bound[turns]
        hand.place_at_once(turns[bound])
        hand.fill(turns[~bound])
        hand.place(waiting)
        if self._batches > 1:
            hand.exchange(order)
        return hand.batches()


class _Hand:
    """The batches of one epoch while they are dealt; arguments as of `ColouredEpochs`."""

    def __init__(self, shared: Shared, pairs: int, batches: int, size: int) -> None:
        self._shared = shared
        self._starts = shared.starts(pairs)
        self._room = np.full(batches, size)
        self._colour = np.full(pairs, -1)
        self.is_bound: NDArray[np.bool_] = np.diff(self._starts) > 0

    def place_at_once(self, pairs: Ints) -> None:
        """Deal pairs round-robin; those that meet an earlier one with something of theirs look for
        another batch.
        """
        colour = np.arange(len(pairs)) % len(self._room)
        counts = self._starts[pairs + 1] - self._starts[pairs]
        owner = np.repeat(np.arange(len(pairs)), counts)
        at = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        thing = self._shared.thing[self._starts[pairs][owner] + at]
        _, first = np.unique(thing * len(self._room) + colour[owner], return_index=True)
        fits = np.bincount(owner[first], minlength=len(pairs)) == counts
        self._colour[pairs[fits]] = colour[fits]
        self._room -= np.bincount(colour[fits], minlength=len(self._room))
        self.place(pairs[~fits])

    def place(self, pairs: Iterable[int]) -> None:
        """Deal pairs one by one, each to the next batch with room that it fits in, if there is
        one.
        """
        pairs = np.asarray(pairs)
        things, starts = self._shared.thing.tolist(), self._starts.tolist()
        room = self._room.tolist()
        held = self._held_of(pairs)
        open_ = [colour for colour, free in enumerate(room) if free]
        at = 0
        for pair in pairs.tolist():
            own = [held[thing] for thing in things[starts[pair] : starts[pair + 1]]]
            if any(len(colours) == len(room) for colours in own):
                continue
            for probe in range(at, at + len(open_)):
                place = probe % len(open_)
                colour = open_[place]
                if any(colour in colours for colours in own):
                    continue
                for colours in own:
                    colours.add(colour)
                self._colour[pair] = colour
                room[colour] -= 1
                at = place + 1
                if not room[colour]:
                    del open_[place]
                    at = place
                break
        self._room = np.array(room)

    def _held_of(self, pairs: Ints) -> dict[int, set[int]]:
        """The batches that have each of the things of some pairs."""
        is_own = np.zeros(self._shared.thing.max(initial=-1) + 1, np.bool_)
        chosen = np.zeros(len(self._colour), np.bool_)
        chosen[pairs] = True
        is_own[self._shared.thing[chosen[self._shared.pair]]] = True
        held: dict[int, set[int]] = {thing: set() for thing in np.flatnonzero(is_own).tolist()}
        colour = self._colour[self._shared.pair]
        known = is_own[self._shared.thing] & (colour >= 0)
        for thing, of in zip(
            self._shared.thing[known].tolist(), colour[known].tolist(), strict=True
        ):
            held[thing].add(of)
        return held

    def fill(self, pairs: Ints) -> None:
        """Deal pairs that share nothing, to the batches with most room first."""
        colour = np.repeat(np.arange(len(self._room)), self._room)
        free = np.arange(len(colour)) - np.repeat(np.cumsum(self._room) - self._room, self._room)
        chosen = colour[np.lexsort((colour, -free))][: len(pairs)]
        self._colour[pairs[: len(chosen)]] = chosen
        self._room -= np.bincount(chosen, minlength=len(self._room))

    def exchange(self, order: Ints) -> None:
        """Make room for pairs that fit into no batch with room: each takes the place of another
        pair, which does.

        Args:
            order: all pairs; those that come first are tried first.
        """
        waiting = order[self._colour[order] < 0]
        placed = order[self._colour[order] >= 0][:_ASKED].tolist()
        missed = 0
        for pair in waiting.tolist():
            rooms = np.flatnonzero(self._room)
            if not len(rooms) or missed == _MISSED:
                return
            for other in placed:
                colour, room = int(self._colour[other]), int(rooms[0])
                if self._fits(other, room, -1) and self._fits(pair, colour, other):
                    self._colour[[other, pair]] = room, colour
                    self._room[room] -= 1
                    break
            else:
                missed += 1

    def _fits(self, pair: int, colour: int, without: int) -> bool:
        """Whether a pair fits into a batch, but for one that leaves it."""
        order, ends = self._by_thing
        for thing in self._shared.thing[self._starts[pair] : self._starts[pair + 1]].tolist():
            having = self._shared.pair[order[ends[thing] : ends[thing + 1]]]
            if np.any((self._colour[having] == colour) & (having != without)):
                return False
        return True

    @cached_property
    def _by_thing(self) -> tuple[Ints, Ints]:
        """The order of what is shared by thing, and where each thing begins in it."""
        order = np.argsort(self._shared.thing, kind="stable")
        things = np.arange(self._shared.thing.max(initial=-1) + 2)
        return order, np.searchsorted(self._shared.thing[order], things)

    def batches(self) -> Batches:
        """Places of pairs, by batch."""
        order = np.argsort(self._colour, kind="stable")
        ends = np.searchsorted(self._colour[order], np.arange(len(self._room) + 1))
        return [order[start:end] for start, end in pairwise(ends)]
