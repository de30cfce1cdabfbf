"""Graphs over consecutive rows, each small enough to be built in memory, searched as one.

usearch builds a graph in memory, and maps a finished one from its file. So vectors whose graph
would not fit are cut into parts, each with a graph of its own: a search visits all of them, which
takes longer than one graph and finds no less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hybench.errors import UsageError
from hybench.indexes.approximate.graph import Graph, GraphOptions, node_bytes, own_scale
from hybench.indexes.exact.keys import Floats, Keys, Orders, Vectors
from hybench.indexes.exact.sharded import between
from hybench.values.byte_sizes import size_text

ONE_GRAPH = "index.usearch"
"""The file of a single graph."""

GROUP_ROWS = 16_384
"""Fewest rows that are grouped and added at a time."""

_MORE_BYTES = 96
"""Bytes of a vector in a graph that is being built, besides those of its file: what its memory is
rounded up to, and where its key is found."""

_COPIES = 4
"""Copies of the rows that are added: as read, in their order, rounded, and what they are compared
with."""


def graph_files(parts: Sequence[int]) -> tuple[str, ...]:
    """The files of graphs by the rows of each; of none for a single one."""
    names = tuple(f"index-{number:05d}.usearch" for number in range(len(parts)))
    return names or (ONE_GRAPH,)


@dataclass(frozen=True)
class GraphParts:
    """Graphs over consecutive rows of one language's vectors.

    Attributes:
        graphs: at least one; all have one scale.
        rows: of each.
    """

    graphs: tuple[Graph, ...]
    rows: tuple[int, ...]

    @property
    def scale(self) -> float:
        """See `Graph`."""
        return self.graphs[0].scale

    @classmethod
    def build(
        cls,
        vectors: Vectors,
        options: GraphOptions,
        folder: Path,
        memory: int | None,
        added: Callable[[int], None],
    ) -> GraphParts:
        """Build graphs in at most so much memory, and write them.

        Args:
            vectors: float32 [n, d].
            options: how.
            folder: where the graphs are written, see `graph_files`.
            memory: bytes; None for a single graph of any size.
            added: receives the rows so far.

        Raises:
            UsageError: there is too little memory.
        """
        if memory is None:
            graph = Graph.build(vectors, options, added)
            graph.save(folder / ONE_GRAPH)
            return cls((graph,), (len(vectors),))
        rows, group = _fitting(len(vectors), vectors.shape[1], options, memory)
        scale, dimension = own_scale(vectors, options), vectors.shape[1]
        sizes = tuple(min(rows, len(vectors) - first) for first in range(0, len(vectors), rows))
        starts = np.cumsum([0, *sizes]).tolist()
        names = graph_files(sizes if len(sizes) > 1 else ())
        for name, first, size in zip(names, starts, sizes, strict=False):

            def tell(done: int, first: int = first) -> None:
                added(first + done)

            own = between(vectors, first, first + size)
            graph = Graph.build(own, options, tell, scale=scale, group_rows=group)
            graph.save(folder / name)
            del graph  # before the next one
        return cls.load(folder, sizes, dimension, options, scale)

    @classmethod
    def load(
        cls,
        folder: Path,
        rows: Sequence[int],
        dimension: int,
        options: GraphOptions,
        scale: float,
    ) -> GraphParts:
        """Map saved graphs into memory; `rows` are those of each."""
        names = graph_files(rows if len(rows) > 1 else ())
        graphs = (Graph.load(folder / name, dimension, options, scale) for name in names)
        return cls(tuple(graphs), tuple(rows))

    def search(self, queries: Floats, k: int, vectors: Vectors, order: Orders) -> Keys:
        """As `Graph.search` does, over all graphs."""
        found, first = [], 0
        for graph, size in zip(self.graphs, self.rows, strict=True):
            own = between(vectors, first, first + size)
            found.append(graph.search(queries, k, own, order[first : first + size]))
            first += size
        if len(found) == 1:
            return found[0]
        keys = np.concatenate(found, axis=1)
        return np.partition(keys, -min(k, first), axis=1)[:, -min(k, first) :]


def _fitting(rows: int, dimension: int, options: GraphOptions, memory: int) -> tuple[int, int]:
    """Rows of a graph, and rows that are added to it at a time, that fit into memory.

    Raises:
        UsageError: too few do.
    """
    copies = dimension * 4 * _COPIES
    group = max(GROUP_ROWS, memory // 4 // copies // GROUP_ROWS * GROUP_ROWS)
    group = min(group, 16 * GROUP_ROWS)
    node = node_bytes(dimension, options) + _MORE_BYTES
    most = (memory - group * copies) // node
    if most < min(rows, GROUP_ROWS):
        least = GROUP_ROWS * (copies + node)
        raise UsageError(
            f"--memory is {size_text(memory)}: too little to build a graph of vectors with "
            f"{dimension} components.",
            f"Give {size_text(least)} or more, or omit the graph with --exact.",
        )
    if most >= rows:
        return rows, group
    count = -(-rows // most)
    return -(-rows // count), group
