"""Score and passage id in one 64-bit number, so that a comparison is trec_eval's.

trec_eval orders hits by score, compared as float32, and equal scores by docid, the larger bytes
first (trec_eval, form_res_rels.c). A hit's key has the score's bits, made monotone, above the
place of its id among all ids of the pool: the order of the keys is the order of the hits.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float32]


class Vectors(Protocol):
    """Vectors float32 [n, d] that may lie in files: an array, or `ShardedVectors`."""

    @property
    def shape(self) -> Any:
        """n and d."""

    def __len__(self) -> int:
        """n."""

    def __getitem__(self, rows: Any, /) -> Any:
        """float32 [m, d], the vectors of a slice or of int64 rows."""

    def take(self, rows: Any, /, axis: int, *, out: Any, mode: Any) -> Any:
        """The vectors of int64 rows, written to `out`, float32 [m, d]."""


Orders = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]

NO_HIT = np.uint64(0)
"""A key below that of every score that is a number."""

_SIGN = np.uint32(0x8000_0000)


def id_order(ids: pl.Series) -> Orders:
    """The place of each id among `ids` by its UTF-8 bytes, the smallest being 0; uint32 [n]."""
    order = np.empty(len(ids), dtype=np.uint32)
    order[ids.arg_sort().to_numpy()] = np.arange(len(ids), dtype=np.uint32)
    return order


def hit_keys(scores: Floats, order: npt.NDArray[Any]) -> Keys:
    """Keys of hits, uint64, in the broadcast shape of `scores` and `order`; a larger key is better.

    Args:
        scores: float32 scores, none of them NaN.
        order: places from `id_order`.
    """
    # Adding zero turns -0.0, which equals 0.0, into 0.0.
    bits = (scores + np.float32(0)).view(np.uint32)
    monotone = np.where(bits & _SIGN, ~bits, bits | _SIGN)
    keys: Keys = (monotone.astype(np.uint64) << np.uint64(32)) | order.astype(np.uint64)
    return keys


def key_scores(keys: Keys) -> Floats:
    """The float32 scores in `keys`."""
    monotone = (keys >> np.uint64(32)).astype(np.uint32)
    return np.where(monotone & _SIGN, monotone ^ _SIGN, ~monotone).view(np.float32)


def key_orders(keys: Keys) -> Orders:
    """The places of the ids in `keys`, uint32."""
    return (keys & np.uint64(0xFFFF_FFFF)).astype(np.uint32)


def keep_best(best: npt.NDArray[Any], queries: Rows, values: npt.NDArray[Any]) -> None:
    """Merge values of queries into the k best of each, in place.

    Args:
        best: [q, k], keys or scores, in any order.
        queries: int64 [m], ascending.
        values: [m], of the dtype of `best`.
    """
    if not len(queries):
        return
    k = best.shape[1]
    counts = np.bincount(queries, minlength=len(best))
    touched = np.nonzero(counts)[0]
    places = np.arange(len(queries)) - np.repeat(np.cumsum(counts) - counts, counts)
    row_of = np.cumsum(counts > 0) - 1
    none = NO_HIT if best.dtype == np.uint64 else best.dtype.type(-np.inf)
    new = np.full((len(touched), k + int(counts.max())), none)
    new[:, :k] = best[touched]
    new[row_of[queries], k + places] = values
    best[touched] = np.partition(new, -k, axis=1)[:, -k:]
