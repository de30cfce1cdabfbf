"""Which precision is the fastest: by what the processor has, and by how the vectors lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hybench.indexes.exact.keys import Floats
from hybench.indexes.exact.screens.bfloat16 import BFLOAT16, multiplies_bfloat16
from hybench.indexes.exact.screens.float32 import FLOAT32
from hybench.indexes.exact.screens.int8 import exact_level, int8, multiplies_int8
from hybench.indexes.exact.screens.precision import Memory, Precision

_PAIR = 50_000
"""Time of a pair that stays in the race, in components of a float32 product: 1 µs in .02 ns."""

_PASSAGES = 2048
_QUERIES = 128
"""How many tell how many pairs stay."""


def precisions(device: str) -> tuple[Precision, ...]:
    """Those that a device, as torch names it, multiplies fast; none but on a CPU."""
    if device != "cpu":
        return ()
    level = exact_level()
    integers = () if level is None or not multiplies_int8() else (int8(level),)
    return (*integers, BFLOAT16, FLOAT32) if multiplies_bfloat16() else (*integers, FLOAT32)


def fastest(
    known: Sequence[Precision], queries: Floats, vectors: Floats, share: float
) -> Precision:
    """The precision that a search with some vectors is the fastest in, by a small part of them.

    A product's time counts, and the pairs that it cannot tell from a hit: they are many where
    scores lie close together.

    Args:
        known: one or more.
        queries: float32 [q, d], q ≥ 1.
        vectors: float32 [n, d], n ≥ 1.
        share: of the passages that are looked for.
    """
    if len(known) == 1:
        return known[0]
    queries = queries[:: -(-len(queries) // _QUERIES)]
    vectors = np.ascontiguousarray(vectors[:: -(-len(vectors) // _PASSAGES)])
    rank = min(len(vectors), max(1, round(share * len(vectors))))
    exact = np.partition(queries @ vectors.T, -rank, axis=1)[:, -rank]
    times = []
    for each in known:
        rough = each.queries(queries).multiply(each.passages(vectors), Memory())
        times.append(each.time * vectors.shape[1] + _PAIR * rough.share(exact))
    return known[int(np.argmin(times))]
