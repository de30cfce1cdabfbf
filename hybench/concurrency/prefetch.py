"""Work on a stream's items ahead of their use, by a few threads, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import polars as pl

MOST_THREADS = 4
"""More would wait for the one that reads, and each holds an item in memory."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None
) -> Generator[Result, None, None]:
    """Yield `function` of each item, in their order; few items are held at a time.

    It pays where the time goes to numpy and Polars, which leave Python's lock to others. With one
    thread, the items are worked on one after the other while the next ones are made.
    """
    threads = threads or min(MOST_THREADS, pl.thread_pool_size())
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
