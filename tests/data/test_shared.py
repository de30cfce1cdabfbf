"""What pairs share, against a look at all pairs of pairs."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hybench.data.shared import NOTHING, Shared

THINGS = st.lists(st.lists(st.integers(0, 7), max_size=4), min_size=1, max_size=12)


def shared_of(things: list[list[int]]) -> Shared:
    pair = [at for at, own in enumerate(things) for _ in own]
    thing = [each for own in things for each in own]
    return Shared.of(np.array(pair, np.int64), np.array(thing, np.int64))


def meet(things: list[list[int]]) -> set[tuple[int, int]]:
    every = combinations(range(len(things)), 2)
    return {(a, b) for a, b in every if {*things[a]} & {*things[b]}}


def meeting(shared: Shared, pairs: int) -> set[tuple[int, int]]:
    return meet([shared.thing[shared.pair == pair].tolist() for pair in range(pairs)])


def components(things: list[list[int]]) -> list[int]:
    group = list(range(len(things)))
    for _ in things:
        for a, b in meet(things):
            group[a] = group[b] = min(group[a], group[b])
    return group


@given(things=THINGS, kept=st.sets(st.integers(0, 11)))
@settings(max_examples=200, deadline=None)
def test_edges_are_kept_among_all_and_among_some(things: list[list[int]], kept: set[int]) -> None:
    shared = shared_of(things)
    assert meeting(shared, len(things)) == meet(things)
    assert all((shared.thing == thing).sum() > 1 for thing in shared.thing)
    some = sorted(pair for pair in kept if pair < len(things))
    among = shared.among(np.array(some, np.int64))
    assert meeting(among, len(some)) == meet([things[pair] for pair in some])


@given(things=THINGS)
@settings(max_examples=200, deadline=None)
def test_cliques_are_groups_of_which_all_conflict(things: list[list[int]]) -> None:
    groups = components(things)
    found = shared_of(things).cliques(np.array(groups, np.int32))
    edges = meet(things)
    for group in set(groups):
        members = [pair for pair, of in enumerate(groups) if of == group]
        assert found[group] == all(pair in edges for pair in combinations(members, 2))


def test_three_that_meet_by_turns_are_a_clique_and_four_in_a_ring_are_not() -> None:
    ring = [[0, 1], [1, 2], [2, 0]]
    assert shared_of(ring).cliques(np.zeros(3, np.int32)).tolist() == [True]
    ring = [[0, 1], [1, 2], [2, 3], [3, 0]]
    assert shared_of(ring).cliques(np.zeros(4, np.int32)).tolist() == [False]


@given(things=THINGS)
@settings(max_examples=200, deadline=None)
def test_as_many_as_are_told_may_meet(things: list[list[int]]) -> None:
    found = shared_of(things).apart(len(things))
    edges = meet(things)
    most = (
        max(
            size
            for size in range(1, len(things) + 1)
            for chosen in combinations(range(len(things)), size)
            if not any(pair in edges for pair in combinations(chosen, 2))
        )
        if len(things) <= 8
        else found
    )
    assert 1 <= found <= most
    groups = components(things)
    if all(shared_of(things).cliques(np.array(groups, np.int32))[groups]):
        assert found == len(set(groups))


def test_nothing_is_shared_by_nobody() -> None:
    assert NOTHING.apart(5) == 5
    assert NOTHING.cliques(np.arange(2, dtype=np.int32)).tolist() == [True, True]
