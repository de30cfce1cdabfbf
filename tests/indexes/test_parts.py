"""Each language alone and all as one, from the same products."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybench.indexes.exact import one_pass, products, search, spans
from hybench.indexes.exact.products import Screen
from hybench.indexes.exact.results import Wanted
from tests.indexes.exact.test_search import DEVICES, brute_force, make_pool, small_integers


@given(
    seed=st.integers(0, 2**16),
    sizes=st.lists(st.integers(1, 90), min_size=1, max_size=4),
    query_count=st.integers(0, 7),
    k=st.integers(1, 40) | st.none(),
    device=st.sampled_from(DEVICES),
    sort_from=st.sampled_from([0, 2, 10**6]),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_parts_and_pool_agree_with_sorting(
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    sizes: list[int],
    query_count: int,
    k: int | None,
    device: str,
    sort_from: int,
) -> None:
    monkeypatch.setattr(one_pass, "QUERY_BLOCK", 3)
    monkeypatch.setattr(search, "PASSAGE_BLOCK", 40)
    monkeypatch.setattr(spans, "PASSAGE_BLOCK", 40)
    monkeypatch.setattr(products, "SORT_FROM", sort_from)
    pool, ids = make_pool(seed, sizes, 3, device)
    queries = small_integers(seed + 99, query_count, 3)
    generator = np.random.default_rng(seed)
    asked = generator.integers(0, 30 * query_count + 1)
    at = generator.integers(0, max(query_count, 1), asked)
    rows = generator.integers(0, len(pool), asked)
    depths = generator.integers(0, 50, len(sizes)).tolist()
    found = pool.search_parts(queries, depths, k, Wanted(at, rows))
    expected = [brute_force(pool, ids, query) for query in queries]
    assert found.whole.rows.tolist() == [one[: k or 0] for one in expected]
    by_part = []
    for part, (first, last) in enumerate(zip(pool.starts[:-1], pool.starts[1:], strict=True)):
        own = [[row for row in one if first <= row < last] for one in expected]
        assert found.parts[part].rows.tolist() == [one[: depths[part]] for one in own]
        by_part.append(own)
    parts = np.searchsorted(pool.starts, rows, side="right") - 1
    assert found.part_ranks.tolist() == [
        by_part[part][query].index(row) + 1
        for part, query, row in zip(parts, at, rows, strict=True)
    ]
    assert found.ranks.tolist() == [
        0 if k is None else expected[query].index(row) + 1
        for query, row in zip(at, rows, strict=True)
    ]
    vectors = np.concatenate([part.vectors for part in pool.parts])
    assert (found.scores == (queries[at] * vectors[rows]).sum(axis=1)).all()


@pytest.mark.parametrize("sort_from", [0, 10**6])
@pytest.mark.parametrize("device", DEVICES)
def test_blocks_count_queries_that_stand_several_times(
    sort_from: int, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "SORT_FROM", sort_from)
    queries, vectors = small_integers(1, 6, 4), small_integers(2, 50, 4)
    asked = np.array([5, 0, 5, 5, 2, 0])
    scores = np.array([0, 1, 2, 99, -99, 1], np.float32)
    table = queries @ vectors.T
    screen = Screen(queries, device)
    screen.load(vectors)
    above, places, columns = screen.multiply(slice(0, 6)).count(asked, scores)
    assert above.tolist() == (table[asked] > scores[:, None]).sum(axis=1).tolist()
    equal = {(at, row) for at, row in np.argwhere(table[asked] == scores[:, None])}
    assert set(zip(places, columns, strict=True)) == equal
