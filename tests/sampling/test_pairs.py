"""Tables of pairs: what they share is kept among fewer pairs, and in one language."""

from __future__ import annotations

import numpy as np

from hybench.data.shared import Shared
from hybench.sampling import BatchSampler, PairTable


def chained(missing: dict[int, tuple[int, ...]] | None = None) -> PairTable:
    """Twelve pairs in two languages: 0-1-2 is a chain, 3 and 4 share one thing, others nothing."""
    rows = np.tile(np.arange(12, dtype=np.int32)[:, None], (1, 2))
    for language, pairs in (missing or {}).items():
        rows[list(pairs), language] = -1
    groups = np.array([0, 0, 0, 1, 1, *range(2, 9)], dtype=np.int32)
    shared = Shared.of(np.array([0, 1, 1, 2]), np.array([7, 7, 8, 8]))
    ids = tuple(f"p{at}" for at in range(12))
    return PairTable("set", ("a", "b"), ids, rows, groups, shared)


def met(table: PairTable) -> set[tuple[int, int]]:
    """Pairs of pairs of one monolingual batch, over many."""
    made = BatchSampler((table,), alpha=1.0, batch_size=12, seed=0)
    found = set()
    for number in range(200):
        pairs = sorted(made.batch(number).pairs.tolist())
        found |= {(one, other) for at, other in enumerate(pairs) for one in pairs[:at]}
    return found


def test_the_ends_of_a_chain_may_meet() -> None:
    every = {(one, other) for other in range(12) for one in range(other)}
    assert every - met(chained()) == {(0, 1), (1, 2), (3, 4)}


def test_ends_may_meet_where_the_middle_is_missing() -> None:
    """The language has no pair 1: what is left of the chain shares nothing."""
    table = chained({0: (1, 5, 6, 7, 8, 9, 10, 11), 1: (1,)})
    made = BatchSampler((table,), alpha=1.0, batch_size=12, seed=0)
    sizes = {len(made.batch(number)) for number in range(50)}
    assert sizes == {3, 10}, "0, 2 and one of 3 and 4; and seven more"
    whole = np.ones(12, dtype=np.bool_)
    whole[1] = False
    kept = chained().kept(chained().rows, whole)
    assert not kept.chained.any()
    assert len({*kept.groups[:2].tolist()}) == 2
    assert kept.groups[2] == kept.groups[3]
    assert len(BatchSampler((kept,), alpha=1.0, batch_size=11, seed=0).batch(0)) == 10


def test_what_is_shared_is_renumbered_with_the_pairs() -> None:
    mask = np.ones(12, dtype=np.bool_)
    mask[[0, 5]] = False
    kept = chained().kept(chained().rows, mask)
    assert kept.pair_ids[:2] == ("p1", "p2")
    assert sorted(kept.shared.pair.tolist()) == [0, 1]
    assert (0, 1) not in met(kept)
