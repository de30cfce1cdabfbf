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
from hybench.indexes.options import IndexOptions
from hybench.indexes.search_worker import Share, read_found, write_loads
from hybench.runs.run import Run
from hybench.workers.engine import Workers, make_pool

WORTH = 4_000_000_000
"""Pairs of queries and passages from which on processes are worth their start: about half a minute
of two cores."""


class SearchCrew:
    """Processes that search until the block ends; they are started when there is work.

    Args:
        workers: the processes.
        shared: a folder that they have, for what they are asked and find; None for this machine's.
    """

    def __init__(self, workers: Workers, shared: Path | None = None) -> None:
        self._workers, self._shared = workers, shared

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

        with TemporaryDirectory(prefix=".search-", dir=self._shared) as name:
            folder = Path(name).resolve()
            file = folder / "loads.npz"
            write_loads(file, loads)
            shares = list(_shares(pool, len(self)))
            found = [folder / f"found-{number}.npz" for number in range(len(shares))]
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
def search_crew(run: Run, options: IndexOptions) -> Iterator[SearchCrew | None]:
    """The processes that share searches, until the block ends; None where there is one.

    Args:
        run: whose folder the processes of a cluster share.
        options: how many, and where.

    Raises:
        UsageError: there are fewer GPUs than processes, or Ray is not installed.
        StateError: there is no cluster at the address.
    """
    if options.processes == 1 and options.engine == "local":
        yield None
        return
    workers = make_pool(
        search_worker.__name__, options.device, options.processes, options.engine, options.address
    )
    with SearchCrew(workers, run.path if options.engine == "ray" else None) as crew:
        yield crew


def _shares(pool: Pool, count: int) -> Iterator[list[Share]]:
    """The rows of a pool, all in files, in shares of about the same size, of whole blocks."""
    folders = [str(part.folder.resolve()) for part in pool.parts if part.folder is not None]
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
                folder=folders[number],
                part=number,
                start=pool.starts[number],
                first=firsts[0],
                last=min(firsts[-1] + PASSAGE_BLOCK, len(pool.parts[number].vectors)),
            )
            for number, firsts in own.items()
        ]
