"""Exact search: blocked products over vectors that may be on disk, with a running top k.

Vectors that do not fit into memory are read once for as many queries as do; `passes` goes through
them, here or in processes that have a share each. Scores depend on neither. Order and ties are
trec_eval's (`keys`); a pool of several languages orders equal scores by the id
``{language}/{passage_id}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from hybench.indexes.exact.budget import Budget
from hybench.indexes.exact.keys import (
    NO_HIT,
    Floats,
    Keys,
    Orders,
    Vectors,
    hit_keys,
    key_orders,
    key_scores,
)
from hybench.indexes.exact.loads import Asked, Found, Load
from hybench.indexes.exact.passes import Tell, search_spans
from hybench.indexes.exact.products import Screen
from hybench.indexes.exact.results import Hits, Parted, Ranked, Request, Wanted
from hybench.indexes.exact.screens.chosen import precisions
from hybench.indexes.exact.screens.precision import Precision
from hybench.indexes.exact.sharded import release
from hybench.indexes.exact.spans import PASSAGE_BLOCK, Span

_FEW_ROWS = 1024
"""Rows of a file that are read here and there before their memory is given back."""


@dataclass(frozen=True)
class Part:
    """The vectors of one language.

    Attributes:
        language: its code.
        vectors: float32 [n, d], L2-normalised, in memory or memory-mapped.
        order: uint32 [n], the place of each row's passage id among them (`id_order`).
        folder: of the index that they are of, for other processes; None for vectors in memory.
    """

    language: str
    vectors: Vectors
    order: Orders
    folder: Path | None = None


class Crew(Protocol):
    """Processes that search a pool together."""

    def __len__(self) -> int:
        """How many they are."""

    def worth(self, pool: Pool, loads: Sequence[Load]) -> bool:
        """Whether they are faster than this process alone."""

    def search(self, pool: Pool, loads: Sequence[Load], tell: Tell) -> list[Found]:
        """As `hybench.indexes.exact.passes.search_spans` does, of all the pool."""


def _inverse(order: Orders) -> Orders:
    """The row of each place, uint32 [n]."""
    rows = np.empty(len(order), dtype=np.uint32)
    rows[order] = np.arange(len(order), dtype=np.uint32)
    return rows


def _decode(keys: Keys, rows_by_order: Orders) -> Hits:
    keys = np.sort(keys, axis=1)[:, ::-1]
    missing = keys == NO_HIT
    rows = rows_by_order[np.where(missing, 0, key_orders(keys))].astype(np.int64)
    scores = np.where(missing, np.float32(np.nan), key_scores(keys))
    return Hits(np.where(missing, -1, rows), scores)


def decode_keys(keys: Keys, order: Orders) -> Hits:
    """The rows and scores of `keys` [queries, k], best first, in a pool whose rows have `order`."""
    return _decode(keys, _inverse(order))


class Pool:
    """The passages of one or several languages, searched as one; rows count through its parts.

    Args:
        parts: vectors by language; they are not copied.
        device: ``cpu`` or a CUDA device as torch names it.
        memory: bytes that a search may hold; None for half of the machine's.
        crew: processes to search with where they are worth it; None for none.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        device: str = "cpu",
        memory: int | None = None,
        crew: Crew | None = None,
    ) -> None:
        # Sorted so that a part's ids all come before the next one's, as ids with languages do.
        self.parts = tuple(sorted(parts, key=lambda part: f"{part.language}/".encode()))
        self._device, self._crew = device, crew
        lengths = [len(part.vectors) for part in self.parts]
        self.starts: tuple[int, ...] = tuple(int(n) for n in np.cumsum([0, *lengths]))
        dimension = self.parts[0].vectors.shape[1] if self.parts else 0
        self._budget = Budget(memory, len(self), dimension)

    @cached_property
    def precisions(self) -> tuple[Precision, ...]:
        """What pairs that only compete for the first k may be screened in; none for no screen."""
        return precisions(self._device)

    @property
    def streams(self) -> bool:
        """Whether vectors are read block by block, as they do not fit into memory."""
        return self._budget.streams

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """A span for each part."""
        return tuple(
            Span(number, start, part.vectors, self.order[start : start + len(part.vectors)])
            for number, (part, start) in enumerate(zip(self.parts, self.starts, strict=False))
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """The parts' languages, in the order of their rows."""
        return tuple(part.language for part in self.parts)

    def __len__(self) -> int:
        """Number of rows."""
        return self.starts[-1]

    @cached_property
    def order(self) -> Orders:
        """uint32 [n], the place of each row's ``{language}/{passage_id}`` among all of the pool."""
        orders = [
            part.order + np.uint32(start)
            for part, start in zip(self.parts, self.starts, strict=False)
        ]
        return np.concatenate(orders)

    @cached_property
    def _rows_by_order(self) -> Orders:
        return _inverse(self.order)

    def decode(self, keys: Keys) -> Hits:
        """The rows and scores of `keys` [queries, k], best first."""
        return _decode(keys, self._rows_by_order)

    def search(self, queries: Floats, k: int, wanted: Wanted | None = None) -> tuple[Hits, Ranked]:
        """The k best rows per query, and the exact ranks in the whole pool of the rows wanted.

        Args:
            queries: float32 [q, d].
            k: hits per query.
            wanted: rows to rank.
        """
        depths = [0] * len(self.parts)
        result = self.search_parts(queries, depths, k, wanted)
        return result.whole, Ranked(result.ranks, result.scores)

    def search_parts(
        self,
        queries: Floats,
        depths: Sequence[int],
        k: int | None = None,
        wanted: Wanted | None = None,
    ) -> Parted:
        """Search each part alone, and all as one, from the same products.

        Args:
            queries: float32 [q, d].
            depths: hits per query by part.
            k: hits per query in the whole pool; None for no hits or ranks there.
            wanted: rows to rank.
        """
        [found] = self.search_all([Request(queries, depths, k, wanted or Wanted.none())])
        return found

    def search_all(
        self, requests: Iterable[Request], tell: Tell = lambda _: None
    ) -> Iterator[Parted]:
        """What `search_parts` finds for each request, in their order.

        Where the vectors do not fit into memory, they are read once for as many requests as do.

        Args:
            requests: taken as they are searched for.
            tell: called with the rows that are done, from 0 in each pass.

        Raises:
            UsageError: a single request takes more memory than there is.
        """
        crew = 0 if self._crew is None else len(self._crew)
        passes = self._budget.passes(
            map(self._load, requests), sharing=self.streams or crew > 1, processes=max(1, crew)
        )
        for loads in passes:
            for load, found in zip(loads, self._search(loads, tell), strict=True):
                yield self._parted(load, found)

    def _search(self, loads: Sequence[Load], tell: Tell) -> list[Found]:
        if self._crew is not None and self._crew.worth(self, loads):
            return self._crew.search(self, loads, tell)
        return search_spans(
            self.spans,
            loads,
            device=self._device,
            precisions=self.precisions,
            streams=self.streams,
            tell=tell,
        )

    def _parted(self, load: Load, found: Found) -> Parted:
        *of_parts, whole = map(self.decode, found.best)
        ranks = found.better + int(load.in_whole)
        return Parted(
            tuple(of_parts), whole, found.part_better + 1, ranks, key_scores(load.asked.keys)
        )

    def _load(self, request: Request) -> Load:
        sizes = [
            min(depth, len(part.vectors))
            for depth, part in zip(request.depths, self.parts, strict=True)
        ]
        sizes.append(min(request.k or 0, len(self)))
        asked = self._asked(request.queries, request.wanted)
        return Load(request.queries, tuple(sizes), asked, request.k is not None)

    def _asked(self, queries: Floats, wanted: Wanted) -> Asked:
        """The wanted rows with their parts and keys."""
        if not len(wanted.rows):
            return Asked(wanted.queries, wanted.rows, np.empty(0, np.uint64))
        screen = Screen(queries, self._device)
        scores = np.empty(len(wanted.rows), np.float32)
        parts = np.searchsorted(self.starts, wanted.rows, side="right") - 1
        at_once = _FEW_ROWS if self.streams else PASSAGE_BLOCK
        for number, (part, start) in enumerate(zip(self.parts, self.starts, strict=False)):
            places = np.nonzero(parts == number)[0]
            for first in range(0, len(places), at_once):
                some = places[first : first + at_once]
                screen.load(part.vectors[wanted.rows[some] - start])
                scores[some] = screen.score(wanted.queries[some], np.arange(len(some)))
                if self.streams:
                    release(part.vectors)
        return Asked(wanted.queries, parts, hit_keys(scores, self.order[wanted.rows]))
