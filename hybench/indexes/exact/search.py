"""Exact search: blocked products over vectors that may be on disk, with a running top k.

The vectors are read once, whatever the number of queries; `products` multiplies
and scores; `bf16_screen` scores fewer pairs where no ranks are requested. Order and
ties are trec_eval's (`keys`); a pool of several languages orders equal scores by the id
``{language}/{passage_id}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hybench.indexes.exact.bf16_screen import multiplies_bfloat16, search_coarsely
from hybench.indexes.exact.keys import (
    NO_HIT,
    Floats,
    Keys,
    Orders,
    Rows,
    Vectors,
    hit_keys,
    key_orders,
    key_scores,
)
from hybench.indexes.exact.one_pass import Asked, OnePass
from hybench.indexes.exact.products import PASSAGE_BLOCK, Screen, blocks

FEW = 64
"""Queries below which rounding the passages to bfloat16 costs more than it saves."""


@dataclass(frozen=True)
class Part:
    """The vectors of one language.

    Attributes:
        language: its code.
        vectors: float32 [n, d], L2-normalised, in memory or memory-mapped.
        order: uint32 [n], the place of each row's passage id among them (`id_order`).
    """

    language: str
    vectors: Vectors
    order: Orders


@dataclass(frozen=True)
class Hits:
    """The best rows per query, best first.

    Attributes:
        rows: int64 [queries, k], rows of the pool, -1 beyond the last hit.
        scores: float32 [queries, k], NaN beyond the last hit.
    """

    rows: Rows
    scores: Floats


@dataclass(frozen=True)
class Wanted:
    """Rows whose ranks are requested.

    Attributes:
        queries: int64 [m], places of the queries; any order.
        rows: int64 [m], rows of the pool.
    """

    queries: Rows
    rows: Rows

    @classmethod
    def none(cls) -> Wanted:
        """No rows."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))

    def at(self, places: Rows) -> Wanted:
        """Some of them."""
        return Wanted(self.queries[places], self.rows[places])


@dataclass(frozen=True)
class Ranked:
    """The ranks of `Wanted` rows, in their order.

    Attributes:
        ranks: int64 [m], from 1; 0 where the row was not retrieved.
        scores: float32 [m], NaN where the row was not retrieved.
    """

    ranks: Rows
    scores: Floats


@dataclass(frozen=True)
class Parted:
    """The results of a search in each part of a pool alone, and in the whole pool.

    Attributes:
        parts: hits by part, in rows of the pool.
        whole: hits in the pool; empty if not requested.
        part_ranks: int64 [m], the ranks of the wanted rows, each in its own part, from 1.
        ranks: int64 [m], their ranks in the pool; 0 if not requested.
        scores: float32 [m].
    """

    parts: tuple[Hits, ...]
    whole: Hits
    part_ranks: Rows
    ranks: Rows
    scores: Floats


def _inverse(order: Orders) -> Rows:
    """The row of each place, int64 [n]."""
    rows = np.empty(len(order), dtype=np.int64)
    rows[order] = np.arange(len(order))
    return rows


def _decode(keys: Keys, rows_by_order: Rows) -> Hits:
    keys = np.sort(keys, axis=1)[:, ::-1]
    missing = keys == NO_HIT
    rows = rows_by_order[np.where(missing, 0, key_orders(keys))]
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
    """

    def __init__(self, parts: Iterable[Part], device: str = "cpu") -> None:
        # Sorted so that a part's ids all come before the next one's, as ids with languages do.
        self.parts = tuple(sorted(parts, key=lambda part: f"{part.language}/".encode()))
        self._device = device
        lengths = [len(part.vectors) for part in self.parts]
        self.starts: tuple[int, ...] = tuple(int(n) for n in np.cumsum([0, *lengths]))

    @cached_property
    def _coarse(self) -> bool:
        """Whether pairs that only compete for the first k are screened in bfloat16."""
        return self._device == "cpu" and multiplies_bfloat16()

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
    def _rows_by_order(self) -> Rows:
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
        result = self.search_parts(queries, [0] * len(self.parts), k, wanted)
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
        sizes = [
            min(depth, len(part.vectors)) for depth, part in zip(depths, self.parts, strict=True)
        ]
        sizes.append(min(k or 0, len(self)))
        vectors = [part.vectors for part in self.parts]
        if self._coarse and len(queries) >= FEW and (wanted is None or not len(wanted.rows)):
            best = search_coarsely(vectors, self.order, queries, sizes)
            none = np.zeros(0, np.int64)
            return self._parted(best, none, none, np.empty(0, np.float32))
        screen = Screen(queries, self._device)
        asked = self._asked(screen, wanted or Wanted.none())
        result = OnePass(screen, len(queries), sizes, asked, in_whole=k is not None)
        for number, start, passages in blocks(vectors):
            result.take(number, passages, self.order[start : start + len(passages)])
        return self._parted(result.best, result.part_ranks, result.ranks, key_scores(asked.keys))

    def _parted(
        self, best: Sequence[Keys], part_ranks: Rows, ranks: Rows, scores: Floats
    ) -> Parted:
        *of_parts, whole = map(self.decode, best)
        return Parted(tuple(of_parts), whole, part_ranks, ranks, scores)

    def _asked(self, screen: Screen, wanted: Wanted) -> Asked:
        """The wanted rows with their parts and keys."""
        scores = np.empty(len(wanted.rows), np.float32)
        parts = np.searchsorted(self.starts, wanted.rows, side="right") - 1
        for number, (part, start) in enumerate(zip(self.parts, self.starts, strict=False)):
            places = np.nonzero(parts == number)[0]
            for first in range(0, len(places), PASSAGE_BLOCK):
                some = places[first : first + PASSAGE_BLOCK]
                screen.load(part.vectors[wanted.rows[some] - start])
                scores[some] = screen.score(wanted.queries[some], np.arange(len(some)))
        return Asked(wanted.queries, parts, hit_keys(scores, self.order[wanted.rows]))
