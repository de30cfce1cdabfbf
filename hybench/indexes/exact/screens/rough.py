"""Approximate products of queries with a block of passages, and what they tell of the scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hybench.indexes.exact.keys import Floats, Rows
from hybench.indexes.exact.products import as_column, true_places

_APART = 8
"""Products of which only the largest is used in a first pass."""


class Rough:
    """Products that are near the scores.

    Args:
        products: tensor [q, n], which a screen's own kind turns into values (`values`).
        slack: float32 [q], bound of the difference between a score and a value, apart from what
            `off` adds.
    """

    def __init__(self, products: Any, slack: Floats) -> None:
        self._products, self._slack = products, slack

    def __len__(self) -> int:
        """q."""
        return len(self._products)

    @property
    def width(self) -> int:
        """n."""
        return int(self._products.shape[1])

    def best(self, k: int) -> Floats:
        """About the k largest values of each query, float32 [q, k], never more than those."""
        queries = np.arange(len(self))
        best = [self.values(queries, each) for each in _best(self._products, k).T]
        return np.stack(best, axis=1)

    def reached(self, k: int) -> Floats:
        """A score that k passages of each query reach, float32 [q]; k is at most `width`."""
        queries = np.arange(len(self))
        values = self.values(queries, _best(self._products, k).min(axis=1))
        return values - self.off(queries, values)

    def reaching(self, scores: Floats) -> tuple[Rows, Rows, Floats]:
        """Queries, ascending, columns and values where the score may be at least the query's.

        Args:
            scores: float32 [q].
        """
        import torch

        queries, columns = true_places(self.mask(scores - self._slack))
        flat = torch.from_numpy(queries * self.width + columns)
        return queries, columns, self.values(queries, self._products.take(flat).float().numpy())

    def share(self, scores: Floats) -> float:
        """Of all pairs, those whose score may be at least that of the query, float32 [q]."""
        return float(self.mask(scores - self._slack).mean())

    def off(self, queries: Rows, values: Floats) -> Floats:
        """How far values of queries can be from their scores, float32 [m]."""
        del values
        return self._slack[queries]

    def values(self, queries: Rows, products: Floats) -> Floats:
        """The values of some products, float32 [m], of queries, int64 [m]."""
        del queries
        return products

    def mask(self, limits: Floats) -> npt.NDArray[np.bool_]:
        """Products, [q, n], whose value may be at least their query's limit, float32 [q]."""
        mask: npt.NDArray[np.bool_] = self._products.numpy() >= as_column(limits, np.empty(0))
        return mask


def _best(products: Any, k: int) -> Floats:
    """About the k largest products of each query, float32 [q, k], never more than those.

    Args:
        products: tensor [q, n].
        k: at most n.
    """
    import torch

    parts = products.shape[1] // _APART
    if parts >= 4 * k:
        products = products[:, : parts * _APART].view(len(products), _APART, parts).amax(dim=1)
    best: Floats = torch.topk(products.float(), k, dim=1, sorted=False).values.numpy()
    return best
