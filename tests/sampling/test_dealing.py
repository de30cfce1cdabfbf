"""Dealing: conflicts by brute force, full batches, even turns, and purity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybench.data.shared import Ints, Shared
from hybench.sampling.colouring import ColouredEpochs
from hybench.sampling.dealing import ROUND, Batches, DealtEpochs, GroupedEpochs


def shared_of(things: list[list[int]]) -> Shared:
    pair = [at for at, own in enumerate(things) for _ in own]
    return Shared.of(
        np.array(pair, np.int64), np.array([thing for own in things for thing in own], np.int64)
    )


def epochs(things: list[list[int]], size: int) -> ColouredEpochs:
    batches = max(1, len(things) // size)
    return ColouredEpochs(
        shared_of(things), len(things), batches, size, lambda at: np.random.default_rng([3, at])
    )


def chain(length: int) -> list[list[int]]:
    """Pairs of which each shares something with the next one, and with no other."""
    return [[at, at + 1] for at in range(length)]


def web(pairs: int, sources: int) -> list[list[int]]:
    """Pairs of a random query and a random passage of so many each."""
    random = np.random.default_rng(0)
    queries, passages = random.integers(sources, size=(2, pairs))
    return [[int(a), sources + int(b)] for a, b in zip(queries, passages, strict=True)]


def check(things: list[list[int]], batches: Batches, size: int) -> None:
    """No two pairs of a batch meet in a thing, and no pair that waits fits in anywhere."""
    dealt = [pair for batch in batches for pair in batch.tolist()]
    assert len(dealt) == len(set(dealt))
    waiting = set(range(len(things))) - set(dealt)
    for batch in batches:
        assert 1 <= len(batch) <= size
        for place, one in enumerate(batch):
            for other in batch[:place]:
                assert not {*things[one]} & {*things[other]}
        if len(batch) < size:
            held = {thing for pair in batch for thing in things[pair]}
            assert all(held & {*things[pair]} for pair in waiting)


@given(
    things=st.lists(st.lists(st.integers(0, 12), max_size=3, unique=True), min_size=2, max_size=40),
    size=st.integers(1, 12),
)
@settings(max_examples=150, deadline=None)
def test_no_two_that_share_anything_meet_and_nobody_waits_who_fits(
    things: list[list[int]], size: int
) -> None:
    dealt = epochs(things, size)
    for epoch in range(3):
        check(things, dealt.deal(epoch), size)


CHAIN, WEB = chain(400), web(400, 400)


@pytest.mark.parametrize(
    ("things", "size"), [(CHAIN, 16), (CHAIN, 64), (CHAIN, 128), (WEB, 16), (WEB, 32)]
)
def test_batches_are_full_and_turns_even(things: list[list[int]], size: int) -> None:
    """Where no thing is had by more pairs than there are batches."""
    dealt = epochs(things, size)
    shown = np.zeros(len(things))
    filled = []
    for epoch in range(40):
        batches = dealt.deal(epoch)
        check(things, batches, size)
        filled += [len(batch) for batch in batches]
        for batch in batches:
            shown[batch] += 1
    assert np.mean(filled) > 0.99 * size
    mean = shown.mean()
    assert max(shown.max() - mean, mean - shown.min()) < 0.1 * mean


def test_what_more_share_than_there_are_batches_takes_turns() -> None:
    """Twelve pairs of one passage, some of them in a chain, in four batches: a third each time."""
    things = [[0, 100 + at] for at in range(12)] + [[100 + at] for at in range(30)]
    dealt = epochs(things, 10)
    shown = np.zeros(len(things))
    for epoch in range(30):
        for batch in dealt.deal(epoch):
            shown[batch] += 1
    assert set(shown[:12]) <= {9, 10, 11}
    assert shown.sum() > 0.8 * 30 * 40  # four of twelve, and all others


def grouped(groups: list[int], size: int) -> GroupedEpochs:
    """Pairs of which those of a group all conflict."""
    batches = max(1, len(groups) // size)
    found = np.array(groups, np.int32)
    return GroupedEpochs(found, batches, size, lambda at: np.random.default_rng([3, at]))


@given(
    groups=st.lists(st.integers(0, 15), min_size=2, max_size=40),
    size=st.integers(1, 12),
    epoch=st.integers(0, 5),
)
@settings(max_examples=100, deadline=None)
def test_no_two_of_a_group_meet_and_only_what_has_no_room_waits(
    groups: list[int], size: int, epoch: int
) -> None:
    batches = grouped(groups, size).deal(epoch)
    dealt = [pair for batch in batches for pair in batch.tolist()]
    assert len(dealt) == len(set(dealt))
    for batch in batches:
        assert len(batch) <= size
        assert len({groups[pair] for pair in batch}) == len(batch)
    most = sum(min(groups.count(group), len(batches)) for group in set(groups))
    assert len(dealt) == min(most, len(batches) * size)


@pytest.mark.parametrize(("pairs", "size"), [(127, 64), (283, 32), (666, 32), (95, 32)])
def test_pairs_for_which_an_epoch_has_no_room_come_first_in_the_next(pairs: int, size: int) -> None:
    """Up to half of the pairs wait each time; after each epoch no two are more than one apart."""
    dealt = grouped([at - at % 2 if pairs > 2 * size else at for at in range(pairs)], size)
    shown = np.zeros(pairs)
    for epoch in range(ROUND):
        for batch in dealt.deal(epoch):
            shown[batch] += 1
        assert shown.max() - shown.min() <= 1


def test_a_group_of_more_than_there_are_batches_takes_turns() -> None:
    dealt = grouped([0] * 12 + [*range(1, 31)], 10)
    shown = np.zeros(42)
    for epoch in range(30):
        for batch in dealt.deal(epoch):
            shown[batch] += 1
    assert set(shown[:12]) <= {9, 10, 11}  # four of twelve each time
    assert set(shown[12:]) == {30}


def test_where_all_have_room_an_epoch_is_a_round_in_random_order() -> None:
    """As the first builds dealt it, which an epoch of whole batches still is."""
    groups = np.repeat(np.arange(24), 4)
    random = np.random.default_rng([3, 5])
    order = np.lexsort((random.random(96), random.random(24)[groups]))
    expected = [order[first::8] for first in random.permutation(8)]
    for one, other in zip(grouped(groups.tolist(), 12).deal(5), expected, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("way", ["coloured", "grouped"])
def test_an_epoch_does_not_depend_on_what_was_asked_before(way: str) -> None:
    def dealing() -> DealtEpochs:
        return epochs(web(60, 30), 8) if way == "coloured" else grouped([*range(45), *range(16)], 8)

    def same(one: list[Ints], other: list[Ints]) -> bool:
        return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))

    in_order = dealing()
    dealt = [in_order.deal(epoch) for epoch in range(ROUND + 3)]
    again = dealing()
    for epoch in (9, 2, 2, ROUND + 2, 30, ROUND):
        assert same(again.deal(epoch), dealt[epoch])
    assert not same(dealt[0], dealt[ROUND])
