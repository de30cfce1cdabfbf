"""usearch graphs (HNSW, arXiv 1603.09320): built, stored next to the vectors, searched, re-scored.

A graph proposes rows; their scores are computed again from the float32 vectors, so that a low
precision in the graph costs recall but never changes a score or the order of two hits.

Most of a search's time is spent waiting for vectors from memory. So vectors that are near each
other are added, and queries searched, one after the other: their neighbours are then still in the
cache.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from hybench.concurrency.processes import MOST_THREADS
from hybench.errors import UsageError
from hybench.indexes.approximate.pivots import grouped, pivots_of
from hybench.indexes.exact.keys import NO_HIT, Floats, Keys, Orders, Vectors, hit_keys
from hybench.indexes.exact.products import score_pairs
from hybench.indexes.exact.sharded import release
from hybench.values.checks import flag, within

Precision = Literal["f32", "f16", "bf16", "i8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

SCALE_ROWS = 10_000
"""Least number of rows that the scale of i8 is computed from."""

_COMPONENT_BYTES = {"f32": 4, "f16": 2, "bf16": 2, "i8": 1}

_ADD_ROWS = 16_384
_GROUP_ROWS = 16 * _ADD_ROWS
"""Rows that are grouped at a time: rows of a large file that are read together are adjacent."""

_GROUP_QUERIES = 64
"""Least number of queries for which grouping is faster."""


@dataclass(frozen=True)
class GraphOptions:
    """How a graph is built.

    Attributes:
        dtype: precision of the vectors in the graph: f32, f16, bf16 or i8.
        connectivity: neighbours per node, M of HNSW.
        expansion_add: candidates per added node, efConstruction of HNSW.
        expansion_search: candidates per query, ef of HNSW; at least the requested k.
        threads: threads that build; with 1 the graph is the same each time, 0 uses all cores.
    """

    dtype: Precision = "i8"
    connectivity: int = 24
    expansion_add: int = 300
    expansion_search: int = 360
    threads: int = 1

    def __post_init__(self) -> None:
        """Check the values; more neighbours or candidates than help any graph are refused."""
        if self.dtype not in PRECISIONS:
            raise UsageError(f"--dtype is {self.dtype!r}.", f"Choose from: {' '.join(PRECISIONS)}.")
        for name in ("connectivity", "expansion_add", "expansion_search"):
            within(flag(name), getattr(self, name), 2, 10**5)
        within("--threads", self.threads, 0, MOST_THREADS)

    def candidates(self, k: int) -> int:
        """Number of rows that are taken from the graph and scored exactly for k hits."""
        return k + k // 4 + 16 if self.dtype == "i8" else k


def i8_scale(vectors: Vectors) -> float:
    """The factor that maps the 99.99th percentile of absolute components to 127.

    usearch's own cast to i8 leaves most of the range unused and caps recall. Of large arrays,
    every n-th row is used.
    """
    step = max(1, len(vectors) // SCALE_ROWS)
    limit = float(np.percentile(np.abs(vectors[::step]), 99.99))
    return 127.0 / limit if limit > 0 else 1.0


def own_scale(vectors: Vectors, options: GraphOptions) -> float:
    """The factor that a graph of these vectors has, see `Graph`."""
    return i8_scale(vectors) if options.dtype == "i8" else 1.0


def to_i8(vectors: Floats, scale: float) -> npt.NDArray[np.int8]:
    """Vectors times `scale`, rounded and clipped to [-127, 127]; int8, in the same shape."""
    scaled = np.clip(np.rint(vectors * np.float32(scale)), -127, 127)
    return np.asarray(scaled, dtype=np.int8)


def node_bytes(dimension: int, options: GraphOptions) -> int:
    """Bytes of a vector in a usearch file: key, level, neighbours in all levels, components.

    The lowest level has twice the neighbours; every M-th node of a level is in the next.
    """
    own = 8 + 2 + dimension * _COMPONENT_BYTES[options.dtype]
    lowest = 4 + 4 * 2 * options.connectivity
    above = (4 + 4 * options.connectivity) / (options.connectivity - 1)
    return round(own + lowest + above)


class Graph:
    """A usearch index over the rows of one language's vectors.

    Args:
        index: the usearch index; its keys are row numbers.
        options: how it was built.
        scale: the factor of `i8_scale`, 1.0 for other precisions.
    """

    def __init__(self, index: Any, options: GraphOptions, scale: float) -> None:
        self._index = index
        self.options = options
        self.scale = scale

    @classmethod
    def _empty(cls, dimension: int, options: GraphOptions) -> Any:
        from usearch.index import Index

        return Index(
            ndim=dimension,
            metric="ip",
            dtype=options.dtype,
            connectivity=options.connectivity,
            expansion_add=options.expansion_add,
            expansion_search=options.expansion_search,
        )

    @classmethod
    def build(
        cls,
        vectors: Vectors,
        options: GraphOptions,
        added: Callable[[int], None] = lambda _: None,
        *,
        scale: float | None = None,
        group_rows: int | None = None,
    ) -> Graph:
        """Build a graph over vectors.

        Args:
            vectors: float32 [n, d].
            options: how.
            added: receives the rows so far.
            scale: of i8; None for that of these vectors.
            group_rows: rows that are in memory at a time, if they lie in files; None for so many
                that more would change little.
        """
        if scale is None:
            scale = own_scale(vectors, options)
        graph = cls(cls._empty(vectors.shape[1], options), options, scale)
        pivots, at_once = pivots_of(vectors), group_rows or _GROUP_ROWS
        for start in range(0, len(vectors), at_once):
            order = start + grouped(vectors[start : start + at_once], pivots)
            for at in range(0, len(order), _ADD_ROWS):
                rows = order[at : at + _ADD_ROWS]
                keys = rows.astype(np.uint64)
                graph._index.add(keys, graph._cast(vectors[rows]), threads=options.threads)
                added(start + at + len(rows))
            if group_rows is not None:
                release(vectors)
        return graph

    @classmethod
    def load(cls, path: Path, dimension: int, options: GraphOptions, scale: float) -> Graph:
        """Map a saved graph into memory."""
        index = cls._empty(dimension, options)
        index.view(path)
        return cls(index, options, scale)

    def save(self, path: Path) -> None:
        """Write the graph in usearch's own format."""
        self._index.save(path)

    def _cast(self, vectors: Floats) -> npt.NDArray[Any]:
        if self.options.dtype == "i8":
            return to_i8(vectors, self.scale)
        return np.ascontiguousarray(vectors)

    def search(self, queries: Floats, k: int, vectors: Vectors, order: Orders) -> Keys:
        """The k best rows found per query, scored exactly.

        Args:
            queries: float32 [q, d].
            k: hits per query.
            vectors: float32 [n, d], over which the graph was built.
            order: uint32 [n], places of the ids.

        Returns:
            uint64 [q, min(k, n)], keys (`hybench.indexes.exact.keys`) in no order, `NO_HIT` where
            the graph found fewer rows.
        """
        count = min(self.options.candidates(k), len(vectors))
        k = min(k, len(vectors))
        self._index.expansion_search = max(self.options.expansion_search, count)
        keys = np.full((len(queries), count), NO_HIT)
        if not len(queries):
            return keys[:, :k]
        visited = np.arange(len(queries))
        if len(queries) >= _GROUP_QUERIES:
            visited = grouped(queries, pivots_of(vectors))
        # For a single query usearch returns another type, so it is searched twice.
        batch = np.resize(self._cast(queries[visited]), (max(2, len(queries)), queries.shape[1]))
        matches = self._index.search(batch, count)
        rows = np.asarray(matches.keys)[: len(queries)].astype(np.int64)
        # Rows are padded with key 0: only the first `counts` are hits.
        present = np.arange(count) < np.asarray(matches.counts)[: len(queries), None]
        at, _ = np.nonzero(present)
        scores = score_pairs(queries, vectors, visited[at], rows[present])
        keys[present] = hit_keys(scores, order[rows[present]])
        best = np.empty((len(queries), k), np.uint64)
        best[visited] = np.partition(keys, -k, axis=1)[:, -k:]
        return best


def overlap(proposed: Keys, exact: Keys) -> float:
    """Mean share per query of the exact hits that were found; keys [q, k] contain ids' places.

    This is recall@k of an approximate search against the exact one.
    """
    shares = []
    for one, other in zip(proposed, exact, strict=True):
        truth = other[other != NO_HIT] & np.uint64(0xFFFF_FFFF)
        hits = one[one != NO_HIT] & np.uint64(0xFFFF_FFFF)
        shares.append(len(np.intersect1d(hits, truth)) / max(1, len(truth)))
    return float(np.mean(shares)) if shares else 1.0
