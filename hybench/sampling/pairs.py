"""The training pairs of a set, and which of them may not meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hybench.data.conflicts import read_pair_rows
from hybench.data.dataset import Dataset
from hybench.data.shared import NOTHING, Shared
from hybench.errors import UsageError


@dataclass(frozen=True)
class PairTable:
    """The training pairs of one data set.

    Two pairs conflict, and are never in one batch, if they share a query or a passage by id or by
    text. Pairs of different groups do not; pairs of one group all do, unless they are listed in
    `shared`, which says what each of them has.

    Attributes:
        name: the data set's name.
        languages: L language codes, sorted.
        pair_ids: n ids, sorted.
        rows: int32 [n, L], row of the pair in the language's pairs table, -1 if it has none.
        groups: int32 [n]; pairs of one group conflict, or hang together by others that do.
        shared: what pairs have in common, of the groups in which not all conflict.
        weight: the set is drawn so many times as often as its pairs alone would have it.
    """

    name: str
    languages: tuple[str, ...]
    pair_ids: tuple[str, ...]
    rows: NDArray[np.int32]
    groups: NDArray[np.int32]
    shared: Shared = NOTHING
    weight: float = 1.0

    @property
    def present(self) -> NDArray[np.bool_]:
        """bool [n, L]: whether the pair exists in the language."""
        return self.rows >= 0

    def kept(self, rows: NDArray[np.int32], mask: NDArray[np.bool_]) -> PairTable:
        """The table with other rows, int32 [n, L], and only the pairs of the mask, bool [n]."""
        pairs = np.flatnonzero(mask)
        ids = tuple(self.pair_ids[pair] for pair in pairs)
        shared = self.shared.among(pairs)
        groups = self.groups[pairs]
        # A pair that lost all that it shared is a group of its own.
        chained = np.zeros(len(mask), dtype=np.bool_)
        chained[self.shared.pair] = True
        alone = chained[pairs]
        alone[shared.pair] = False
        groups[alone] = groups.max(initial=0) + 1 + np.arange(alone.sum())
        return replace(self, pair_ids=ids, rows=rows[pairs], groups=groups, shared=shared)

    def among(self, pairs: NDArray[np.int64]) -> Shared:
        """All that some of the pairs share with each other, each numbered by its place.

        Args:
            pairs: int64 [m], sorted, each once.
        """
        own = self.shared.among(pairs)
        listed = np.zeros(len(self.pair_ids), dtype=np.bool_)
        listed[self.shared.pair] = True
        others = np.flatnonzero(~listed[pairs])
        whole = self.groups[pairs[others]].astype(np.int64)
        start = own.thing.max(initial=-1) + 1
        return Shared.of(np.r_[own.pair, others], np.r_[own.thing, start + whole])


def pair_table(dataset: Dataset, languages: Sequence[str] = ()) -> PairTable:
    """Read the training pairs of a set, in the given languages (all by default).

    Raises:
        UsageError: the set has no pairs in these languages.
    """
    chosen = tuple(
        language
        for language in dataset.table_languages("pairs")
        if not languages or language in languages
    )
    if not chosen:
        wanted = f" in {' '.join(languages)}" if languages else ""
        has = " ".join(dataset.table_languages("pairs")) or "none at all"
        raise UsageError(
            f"Data set {dataset.name} has no training pairs{wanted}.",
            f"It has pairs in: {has}.",
        )
    pair_rows = read_pair_rows(dataset, chosen)
    rows = np.full((len(pair_rows.pair_ids), len(chosen)), -1, dtype=np.int32)
    rows[pair_rows.pair, pair_rows.language] = pair_rows.row
    groups = pair_rows.groups()
    shared = pair_rows.shared()
    chained = ~shared.cliques(groups)[groups[shared.pair]]
    listed = Shared.of(shared.pair[chained], shared.thing[chained])
    return PairTable(dataset.name, chosen, tuple(pair_rows.pair_ids), rows, groups, listed)
