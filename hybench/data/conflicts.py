"""Conflicts between training pairs, which may not share a batch as in-batch negatives.

Pairs that share a query or a passage would be false negatives: by id, which is the same in
translations, or by text after `hybench.data.folding.folded`, whatever the language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hybench.data.dataset import Dataset
from hybench.data.folding import folded
from hybench.data.shared import Shared

_SOURCES = ("query_source_id", "source_id")
_TEXTS = ("query", "passage")

Codes = NDArray[np.uint64]


@dataclass(frozen=True)
class PairRows:
    """The rows of a set's pairs tables, one after the other.

    Attributes:
        pair_ids: n ids, sorted.
        pair: int64 [r], the pair of each row, an index into `pair_ids`.
        language: int32 [r], an index into the requested languages.
        row: uint32 [r], the row in its language's table.
        codes: uint64 [4, r], digests of what pairs may share: the two source ids, query, passage.
            Equal digests mean equal values.
    """

    pair_ids: pl.Series
    pair: NDArray[np.int64]
    language: NDArray[np.int32]
    row: NDArray[np.uint32]
    codes: Codes

    def groups(self) -> NDArray[np.int32]:
        """The group of each pair, int32 [n]: pairs that share an id or a text, or hang together by
        others that do.
        """
        return self._components(*self._repeated(self.codes))

    def shared(self) -> Shared:
        """Which pairs have which ids and texts in common with others."""
        codes, pair = self._repeated(self.codes)
        _, thing = np.unique(codes, return_inverse=True)
        return Shared.of(pair, thing.astype(np.int64))

    def repeated_texts(self) -> int:
        """Number of pairs that share a text with another pair but no id, directly or by a chain."""
        of_ids = len(_SOURCES)
        text, pair = self._repeated(self.codes[of_ids:])
        if not len(text):
            return 0
        by_id = self._components(*self._repeated(self.codes[:of_ids]))
        shared = pl.DataFrame({"text": text, "pair": pair, "group": by_id[pair]})
        several = shared.filter(pl.col("group").n_unique().over("text") > 1)
        return several["pair"].n_unique()

    def _repeated(self, codes: Codes) -> tuple[Codes, NDArray[np.int64]]:
        """The digests that several pairs have, by row, and the pair of each row."""
        ordered = np.sort(codes, axis=None)
        repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        if not len(repeated):
            return repeated, np.empty(0, np.int64)
        flat = codes.ravel()
        place = np.minimum(np.searchsorted(repeated, flat), len(repeated) - 1)
        matches = np.flatnonzero(repeated[place] == flat)
        pair, digest = self.pair[matches % codes.shape[1]], place[matches]
        first = np.full(len(repeated), len(self.pair_ids), np.int64)
        last = np.full(len(repeated), -1, np.int64)
        np.minimum.at(first, digest, pair)
        np.maximum.at(last, digest, pair)
        several = (first < last)[digest]
        return flat[matches][several], pair[several]

    def _components(self, codes: Codes, pair: NDArray[np.int64]) -> NDArray[np.int32]:
        """The components, int32 [n], of pairs that are joined by the digests they have."""
        pairs = len(self.pair_ids)
        if not len(codes):
            return np.arange(pairs, dtype=np.int32)
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        distinct, node = np.unique(codes, return_inverse=True)
        nodes = pairs + len(distinct)
        edges = coo_array((np.ones(len(pair), np.int8), (pair, pairs + node)), (nodes, nodes))
        _, labels = connected_components(edges, directed=False)
        return np.asarray(labels[:pairs], dtype=np.int32)


def read_pair_rows(dataset: Dataset, languages: Sequence[str]) -> PairRows:
    """Read the ids and text digests of a set's pairs, in languages that it has pairs in.

    Ids and digests are held in memory; texts are read in parts.
    """
    # One namespace for both source ids, others for queries and for passages.
    codes = [pl.col(name).hash(0).alias(name) for name in _SOURCES]
    codes += [folded(pl.col(name)).hash(seed).alias(name) for seed, name in enumerate(_TEXTS, 1)]
    frame = pl.concat(
        dataset.scan("pairs", language)
        .with_row_index("row")
        .select("pair_id", "row", *codes, language=pl.lit(number, dtype=pl.Int32))
        .collect(engine="streaming")
        for number, language in enumerate(languages)
    )
    ids = frame.select(pl.col("pair_id").unique().sort()).with_row_index("pair")
    pair = frame.select("pair_id").join(ids, on="pair_id", maintain_order="left")["pair"]
    return PairRows(
        ids["pair_id"],
        pair.cast(pl.Int64).to_numpy(),
        frame["language"].to_numpy(),
        frame["row"].to_numpy(),
        frame.select(*_SOURCES, *_TEXTS).to_numpy().T,
    )
