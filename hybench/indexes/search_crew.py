"""Several processes that search a pool together, each a share of its vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hybench.files.atomic import MANIFEST
from hybench.indexes import search_worker
from hybench.indexes.exact.loads import Found, Load, merged
from hybench.indexes.exact.passes import Tell
from hybench.indexes.exact.search import Pool
from hybench.indexes.exact.spans import PASSAGE_BLOCK
from hybench.indexes.manifest import IDS, read_manifest
from hybench.indexes.options import IndexOptions
from hybench.indexes.search_worker import read_found, write_loads
from hybench.runs.run import Run
from hybench.workers.engine import Workers
from hybench.workers.requests import Reads, Writes

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
                    "loads": Reads(file, once=True),
                    "found": Writes(target),
                    "shares": share,
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
        HybenchError: see `IndexOptions.workers`.
    """
    if options.alone:
        yield None
        return
    workers = options.workers(search_worker.__name__)
    with SearchCrew(workers, run.path if options.folders_are_shared else None) as crew:
        yield crew


def _shares(pool: Pool, count: int) -> Iterator[list[dict[str, Any]]]:
    """The rows of a pool, all in files, in shares of about the same size, of whole blocks.

    Each share is of values of `Share`, by the parts of the pool.
    """
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
            _share(pool, number, firsts[0], firsts[-1] + PASSAGE_BLOCK)
            for number, firsts in own.items()
        ]


def _share(pool: Pool, number: int, first: int, end: int) -> dict[str, Any]:
    """The values of a `Share`: rows of a part of a pool from the first, at most to the end."""
    part = pool.parts[number]
    last = min(end, len(part.vectors))
    assert part.folder is not None  # noqa: S101 - only such pools are shared
    manifest = read_manifest(part.folder)
    names = () if manifest is None else manifest.files_between(first, last)[0]
    return {
        "folder": Reads(part.folder, (MANIFEST, IDS, *names)),
        "part": number,
        "start": pool.starts[number],
        "first": first,
        "last": last,
    }
