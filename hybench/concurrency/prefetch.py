"""Work on streams in threads, in order, with bounded memory."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

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
    import polars as pl  # starting is cheap for those who only read ahead

    threads = threads or min(MOST_THREADS, pl.thread_pool_size())
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_POLL = 0.1
"""Seconds after which a thread whose items nobody takes looks whether it is still wanted."""


@dataclass(frozen=True)
class _Ended:
    """The end of a stream, with the error that ended it."""

    error: BaseException | None = None


class _Streams:
    """Streams that threads read, each into a queue of its own.

    Args:
        streams: what opens each.
        most: items of a stream that wait to be taken.
    """

    def __init__(self, streams: Sequence[Callable[[], Iterable[Any]]], most: int) -> None:
        self._streams = streams
        self._next = iter(range(len(streams)))
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.queues: list[queue.Queue[Any]] = [queue.Queue(most) for _ in streams]

    def stop(self) -> None:
        """Let the threads end."""
        self._stopped.set()

    def read(self) -> None:
        """Read the next stream that no thread reads, until there is none."""
        while not self._stopped.is_set():
            with self._lock:
                number = next(self._next, None)
            if number is None:
                return
            self._read(number)

    def _read(self, number: int) -> None:
        try:
            for item in self._streams[number]():
                if not self._put(number, item):
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the items are taken
            self._put(number, _Ended(error))
        else:
            self._put(number, _Ended())

    def _put(self, number: int, item: object) -> bool:
        """Put an item; False if nobody wants it any more."""
        while not self._stopped.is_set():
            try:
                self.queues[number].put(item, timeout=_POLL)
            except queue.Full:
                continue
            return True
        return False


def read_ahead(
    streams: Sequence[Callable[[], Iterable[Item]]], at_once: int, most: int = 1
) -> Generator[Item, None, None]:
    """Yield what streams give, one stream after the other, while threads read several at a time.

    The threads end with the program: nobody waits for what is being read.

    Args:
        streams: what opens each; called in a thread.
        at_once: streams that are read at a time.
        most: items of each that wait to be taken.

    Raises:
        BaseException: what a stream raised, after its items before that.
    """
    reading = _Streams(streams, most)
    for _ in range(min(at_once, len(streams))):
        threading.Thread(target=reading.read, daemon=True).start()
    try:
        for items in reading.queues:
            while not isinstance(item := items.get(), _Ended):
                yield item
            if item.error is not None:
                raise item.error
    finally:
        reading.stop()
