"""Streams of batches: a set's monolingual batches in a language, or those of several languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hybench.data.shared import Ints, Shared
from hybench.errors import UsageError
from hybench.sampling.batch import BatchKind
from hybench.sampling.colouring import ColouredEpochs
from hybench.sampling.dealing import Batches, DealtEpochs, GroupedEpochs
from hybench.sampling.pairs import PairTable
from hybench.sampling.randomness import generator


class Stream(NamedTuple):
    """What a batch is drawn from.

    Attributes:
        kind: of its batches.
        table: index of the set.
        language: index of the language of monolingual batches; else -1.
    """

    kind: BatchKind
    table: int
    language: int

    @property
    def path(self) -> tuple[str, int, int]:
        """The path of its randomness; SeedSequence takes no negative numbers."""
        return self.kind, self.table, self.language + 1


@dataclass(frozen=True)
class Members:
    """The pairs of a stream.

    Attributes:
        pairs: int64 [n], indexes into the set's pairs, sorted.
        groups: int32 [n], as in `PairTable`.
        shared: what they share, each numbered by its place; None where the pairs of a group all
            conflict.
    """

    pairs: Ints
    groups: NDArray[np.int32]
    shared: Shared | None

    @classmethod
    def of(cls, table: PairTable, pairs: Ints) -> Members:
        """Some of the pairs of a set."""
        groups = table.groups[pairs]
        return cls(pairs, groups, table.among(pairs) if table.chained[pairs].any() else None)

    @property
    def apart(self) -> int:
        """How many pairs were found that may all be in one batch."""
        if self.shared is None:
            return len(np.unique(self.groups))
        return self.shared.apart(len(self.pairs))

    def epochs(self, seed: int, stream: Stream, batches: int, size: int) -> Epochs:
        """Their epochs as batches."""
        return Epochs(self, seed, stream, batches, size)


class Epochs:
    """The epochs of a stream, dealt when asked for.

    Args:
        members: its pairs.
        seed: of the training.
        stream: which it is.
        batches: of an epoch.
        size: pairs in a batch, at most.
    """

    def __init__(
        self, members: Members, seed: int, stream: Stream, batches: int, size: int
    ) -> None:
        def random(epoch: int) -> np.random.Generator:
            return generator(seed, "order", *stream.path, epoch)

        self._pairs = members.pairs
        self._epochs: DealtEpochs
        if members.shared is None:
            self._epochs = GroupedEpochs(members.groups, batches, size, random)
        else:
            count = len(members.pairs)
            self._epochs = ColouredEpochs(members.shared, count, batches, size, random)

    def batches(self, epoch: int) -> Batches:
        """The pairs of each batch of an epoch, indexes into the set's pairs."""
        return [self._pairs[places] for places in self._epochs.deal(epoch)]


def collect_streams(
    tables: Sequence[PairTable], kinds: Sequence[BatchKind], *, alone: bool
) -> dict[Stream, Members]:
    """The streams of some kinds that have at least two pairs which may meet.

    Args:
        tables: the training sets.
        kinds: which kinds of batches there are.
        alone: whether pairs of a single language take part in mixed batches.
    """
    found: dict[Stream, Members] = {}
    for index, table in enumerate(tables):
        for kind in kinds:
            for language, pairs in _candidates(table, kind, alone=alone):
                members = Members.of(table, pairs)
                if members.apart > 1:
                    found[Stream(kind, index, language)] = members
    return found


def _candidates(table: PairTable, kind: BatchKind, *, alone: bool) -> list[tuple[int, Ints]]:
    """The pairs of each stream of a kind, by its language."""
    if kind == "mono":
        return [
            (language, np.flatnonzero(column)) for language, column in enumerate(table.present.T)
        ]
    least = 1 if kind == "mixed" and alone else 2
    return [(-1, np.flatnonzero(table.present.sum(axis=1) >= least))]


def no_batches(tables: Sequence[PairTable], kind: BatchKind, *, alone: bool) -> UsageError:
    """The error of sets that cannot make a batch of a kind; arguments as of `collect_streams`."""
    names = ", ".join(table.name for table in tables)
    several = any(
        len(pairs) > 1 for table in tables for _, pairs in _candidates(table, kind, alone=alone)
    )
    if several:
        where = "of a language" if kind == "mono" else f"that suit {kind} batches"
        return UsageError(
            f"{names}: any two pairs {where} share a query or a passage, so that no batch can have "
            "two of them.",
            "Remove repeated texts, or add a set with more distinct ones.",
        )
    if kind == "mono":
        return UsageError(f"{names}: no language has two distinct pairs.", "Train on a larger set.")
    return UsageError(
        f"{names}: no two distinct pairs exist in two languages, which X-Y batches need.",
        "Use --alpha 1, or train on a parallel set as well.",
    )
