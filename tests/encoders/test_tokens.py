"""Flat tokens: gathering and batching lose nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hybench.encoders.tokens import Tokens, length_batches

texts = st.lists(st.lists(st.integers(0, 1000), max_size=12), min_size=1, max_size=20)


def as_lists(tokens: Tokens) -> list[list[int]]:
    ends = tokens.offsets
    return [tokens.ids[ends[row] : ends[row + 1]].tolist() for row in range(len(tokens))]


@given(texts, st.data())
def test_take_gives_the_texts_asked_for(lists: list[list[int]], data: st.DataObject) -> None:
    tokens = Tokens.from_lists(lists)
    assert as_lists(tokens) == lists
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=10))
    taken = tokens.take(np.array(rows, dtype=np.int64))
    assert as_lists(taken) == [lists[row] for row in rows]
    assert taken.lengths.tolist() == [len(lists[row]) for row in rows]


@given(texts, texts)
def test_concatenate(one: list[list[int]], other: list[list[int]]) -> None:
    both = Tokens.concatenate([Tokens.from_lists(one), Tokens.from_lists(other)])
    assert as_lists(both) == one + other


@given(texts)
def test_padding_is_masked(lists: list[list[int]]) -> None:
    ids, mask = Tokens.from_lists(lists).padded(-7)
    assert [row[keep.astype(bool)].tolist() for row, keep in zip(ids, mask, strict=True)] == lists
    assert (ids[mask == 0] == -7).all()


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(1, 200), st.integers(1, 9)
)
def test_length_batches_hold_every_row_within_the_budget(
    lengths: list[int], budget: int, most: int
) -> None:
    array = np.array(lengths)
    batches = list(length_batches(array, budget, most))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    for rows in batches:
        assert len(rows) <= most
        assert len(rows) == 1 or array[rows].max() * len(rows) <= budget


def test_no_texts() -> None:
    assert len(Tokens.from_lists([])) == 0
    assert len(Tokens.concatenate([])) == 0
    assert list(length_batches(np.empty(0, np.int64), 10, 10)) == []
