"""A graph in parts that fit into memory finds what one graph finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hybench.errors import UsageError
from hybench.indexes.approximate import parts
from hybench.indexes.approximate.graph import GraphOptions, overlap
from hybench.indexes.approximate.parts import GraphParts, graph_files
from hybench.indexes.exact.keys import hit_keys
from hybench.indexes.exact.search import Part, Pool
from tests.indexes.approximate.test_graph import ORDER, QUERIES, VECTORS

MEMORY = 450_000
"""Enough for about a third of the vectors."""


def test_graphs_are_built_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "GROUP_ROWS", 200)
    options, told = GraphOptions(), list[int]()
    graph = GraphParts.build(VECTORS, options, tmp_path, MEMORY, told.append)
    assert len(graph.rows) > 2
    assert sum(graph.rows) == told[-1] == len(VECTORS)
    assert told == sorted(told)
    assert sorted(file.name for file in tmp_path.iterdir()) == list(graph_files(graph.rows))
    found = graph.search(QUERIES, 100, VECTORS, ORDER)
    exact, _ = Pool([Part("en", VECTORS, ORDER)]).search(QUERIES, 100)
    assert overlap(found, hit_keys(exact.scores, ORDER[exact.rows])) >= 0.97
    again = GraphParts.load(tmp_path, graph.rows, 48, options, graph.scale)
    assert np.array_equal(found, again.search(QUERIES, 100, VECTORS, ORDER))


def test_one_graph_where_it_fits(tmp_path: Path) -> None:
    graph = GraphParts.build(VECTORS, GraphOptions(), tmp_path, 2**30, lambda _: None)
    assert graph.rows == (3000,)
    assert [file.name for file in tmp_path.iterdir()] == ["index.usearch"]


def test_too_little_memory_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--memory is") as error:
        GraphParts.build(VECTORS, GraphOptions(), tmp_path, 10_000, lambda _: None)
    assert "--exact" in error.value.do
