from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hybench.indexes.exact.keys import NO_HIT, hit_keys, id_order, key_orders, key_scores

IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
SCORES = st.floats(width=32, allow_nan=False) | st.sampled_from([0.0, -0.0, 1.0, -1.0])


@given(st.lists(IDS, unique=True, min_size=1, max_size=20))
def test_ids_are_ordered_by_their_bytes(ids: list[str]) -> None:
    order = id_order(pl.Series(ids))
    by_bytes = sorted(ids, key=lambda one: one.encode())
    assert [by_bytes[place] for place in order] == ids


@given(st.lists(st.tuples(SCORES, IDS), min_size=1, max_size=20, unique_by=lambda hit: hit[1]))
def test_keys_are_ordered_by_score_then_id(hits: list[tuple[float, str]]) -> None:
    scores = np.array([score for score, _ in hits], np.float32)
    order = id_order(pl.Series([one for _, one in hits]))
    keys = hit_keys(scores, order)
    expected = sorted(hits, key=lambda hit: (hit[0], hit[1].encode()))
    assert [hits[place] for place in np.argsort(keys)] == expected
    assert (key_scores(keys) == scores).all()
    assert (key_orders(keys) == order).all()
    assert (keys > NO_HIT).all()
