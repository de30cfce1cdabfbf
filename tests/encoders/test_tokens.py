"""Flat tokens: gathering and batching lose nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hybench.encoders.tokens import Tokens

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


@given(texts, st.integers(0, 15), st.lists(st.integers(0, 9), max_size=3))
def test_cutting_and_surrounding(lists: list[list[int]], longest: int, more: list[int]) -> None:
    before, after = more[:1], more[1:]
    tokens = Tokens.from_lists(lists).cut(longest)
    assert as_lists(tokens) == [ids[:longest] for ids in lists]
    expected = [[*before, *ids[:longest], *after] for ids in lists]
    assert as_lists(tokens.surrounded(before, after)) == expected


@given(texts, st.data())
def test_replacing(lists: list[list[int]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), unique=True))
    others = [[-1] * number for number in range(len(rows))]
    replaced = Tokens.from_lists(lists).replaced(
        np.array(rows, dtype=np.int64), Tokens.from_lists(others)
    )
    for row, ids in zip(rows, others, strict=True):
        lists[row] = ids
    assert as_lists(replaced) == lists


def test_no_texts() -> None:
    assert len(Tokens.from_lists([])) == 0
    assert len(Tokens.concatenate([])) == 0
    assert len(Tokens.from_lists([]).surrounded([1], [2])) == 0
