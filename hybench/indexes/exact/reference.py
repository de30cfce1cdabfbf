"""Exact search in its simplest form: the reference that faster searches equal bit by bit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from hybench.indexes.exact.keys import Floats, Keys, Orders, hit_keys


def search_plainly(
    parts: Sequence[Floats], order: Orders, queries: Floats, depths: Sequence[int]
) -> list[Keys]:
    """The best keys of queries in each part of a pool, and in all of it, best first.

    Every pair is scored in float32; keys are in trec_eval's order; the first ones are kept. See
    `hybench.indexes.exact.screened.search_coarsely` for arguments and values.
    """
    scores = np.concatenate([np.vecdot(queries[:, None], part) for part in parts], axis=1)
    keys = hit_keys(scores, order)
    starts = np.cumsum([0, *map(len, parts)])
    spans = [*pairwise(starts), (0, starts[-1])]
    return [
        np.sort(keys[:, first:end], axis=1)[:, ::-1][:, :depth]
        for (first, end), depth in zip(spans, depths, strict=True)
    ]
