"""Map a function over a stream in threads, in order, with bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import polars as pl

MOST_THREADS = 4
"""More threads would wait for the reader, and each holds an item in memory."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def prefetched(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None
) -> Generator[Result, None, None]:
    """Yield `function(item)` for each item, in order; few items are in memory at a time.

    It is faster where `function` spends its time in numpy or Polars, which release the GIL. With
    one thread, the items are processed one after the other while the next ones are read.
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
