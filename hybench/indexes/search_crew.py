"""Several processes that search a pool together, each a share of its vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from hybench.indexes import search_worker
from hybench.indexes.exact.loads import Found, Load, merged
from hybench.indexes.exact.passes import Tell
from hybench.indexes.exact.search import Pool
from hybench.indexes.exact.spans import PASSAGE_BLOCK
from hybench.indexes.search_worker import Share, read_found, write_loads
from hybench.workers.pool import WorkerPool, worker_devices

WORTH = 4_000_000_000
"""Pairs of queries and passages from which on processes are worth their start: about half a minute
of two cores."""


class SearchCrew:
    """Processes that search until the block ends; they are started when there is work.

    Args:
        devices: one for each process, see `hybench.workers.pool.worker_devices`.
    """

    def __init__(self, devices: Sequence[str]) -> None:
        self._workers = WorkerPool(search_worker.__name__, devices)

    def __enter__(self) -> SearchCrew:
        return self

    def __exit__(self, *error: object) -> None:
        self._workers.__exit__(*error)

    def __len__(self) -> int:
        """Number of processes."""
        return len(self._workers)

    def worth(self, pool: Pool, loads: Sequence[Load]) -> bool:
        """Whether there is enough to do, in vectors that lie in files."""
        there = all(part.folder is not None for part in pool.parts)
        return there and sum(len(load.queries) for load in loads) * len(pool) >= WORTH

    def search(self, pool: Pool, loads: Sequence[Load], tell: Tell) -> list[Found]:
        """What is found in a pool; the share of a process that dies is searched by another.

        Raises:
            HybenchError: a process cannot do it, or all have died.
        """
        far: dict[int, int] = {}

        def tell_all(number: int, done: int) -> None:
            far[number] = done
            tell(sum(far.values()))

        with TemporaryDirectory(prefix="hybench-search-") as folder:
            file = Path(folder) / "loads.npz"
            write_loads(file, loads)
            shares = list(_shares(pool, len(self)))
            found = [Path(folder) / f"found-{number}.npz" for number in range(len(shares))]
            requests = [
                {
                    "loads": str(file),
                    "found": str(target),
                    "shares": [asdict(each) for each in share],
                    "streams": pool.streams,
                }
                for share, target in zip(shares, found, strict=True)
            ]
            self._workers.run(requests, tell_all)
            return [
                merged([read_found(path, number, len(load.sizes)) for path in found])
                for number, load in enumerate(loads)
            ]


@contextmanager
def search_crew(device: str, processes: int) -> Iterator[SearchCrew | None]:
    """The processes that share searches, until the block ends; None where there is one.

    Raises:
        UsageError: there are fewer GPUs.
    """
    if processes == 1:
        yield None
        return
    with SearchCrew(worker_devices(device, processes)) as crew:
        yield crew


def _shares(pool: Pool, count: int) -> Iterator[list[Share]]:
    """The rows of a pool in shares of about the same size, of whole blocks."""
    every = [
        (number, first)
        for number, part in enumerate(pool.parts)
        for first in range(0, len(part.vectors), PASSAGE_BLOCK)
    ]
    size = max(1, -(-len(every) // count))
    for begin in range(0, len(every), size):
        own: dict[int, list[int]] = {}
        for number, first in every[begin : begin + size]:
            own.setdefault(number, []).append(first)
        yield [
            Share(
                folder=str(pool.parts[number].folder),
                part=number,
                start=pool.starts[number],
                first=firsts[0],
                last=min(firsts[-1] + PASSAGE_BLOCK, len(pool.parts[number].vectors)),
            )
            for number, firsts in own.items()
        ]
