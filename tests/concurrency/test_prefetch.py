from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

import pytest

from hybench.concurrency.prefetch import read_ahead
from tests.waiting import HANG


def _numbers(first: int) -> Iterator[int]:
    yield from range(first, first + 3)


@pytest.mark.parametrize("at_once", [1, 2, 9])
def test_streams_come_in_their_order(at_once: int) -> None:
    streams = [partial(_numbers, first) for first in range(0, 60, 3)]
    assert list(read_ahead(streams, at_once)) == [*range(60)]


def test_several_are_read_at_a_time() -> None:
    together = threading.Barrier(3, timeout=HANG)

    def meet(number: int) -> Iterator[int]:
        together.wait()
        yield number

    assert list(read_ahead([partial(meet, number) for number in range(3)], 3)) == [0, 1, 2]


def test_an_error_comes_where_its_item_would() -> None:
    def broken() -> Iterator[int]:
        yield 7
        raise ValueError("broken off")

    parts: list[Callable[[], Iterator[int]]] = [partial(_numbers, 0), broken, partial(_numbers, 9)]
    items = read_ahead(parts, 2)
    assert [next(items) for _ in range(4)] == [0, 1, 2, 7]
    with pytest.raises(ValueError, match="broken off"):
        next(items)


def test_what_nobody_takes_is_not_read_to_its_end() -> None:
    ended = threading.Event()
    read = []

    def endless() -> Iterator[int]:
        try:
            for number in range(10**9):
                read.append(number)
                yield number
        finally:
            ended.set()

    with closing(read_ahead([endless], 1)) as items:
        assert [next(items) for _ in range(3)] == [0, 1, 2]
    assert ended.wait(HANG)
    assert len(read) <= 6
