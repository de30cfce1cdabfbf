"""Ragged rows against lists."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hybench.negatives.ragged import Ragged


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=6), st.data())
def test_rows_are_those_of_lists(lists: list[list[int]], data: st.DataObject) -> None:
    rows = np.array([at for at, each in enumerate(lists) for _ in each], np.int64)
    values = np.array([value for each in lists for value in each], np.int64)
    ragged = Ragged.of(rows, values, len(lists))
    assert len(ragged) == len(lists)
    asked = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=5))
    places, found = ragged.take(np.array(asked, np.int64))
    expected = [(at, value) for at, row in enumerate(asked) for value in lists[row]]
    assert [*zip(places.tolist(), found.tolist(), strict=True)] == expected
