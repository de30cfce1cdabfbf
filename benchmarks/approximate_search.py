"""Approximate search compared with faiss and hnswlib: `python -m benchmarks.approximate_search`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.harness import Check, Options, Report, Side, Work, main, measure, speedup
from benchmarks.vectors import NOTES, write_vectors

K = 100
RECALL = 0.99
EFS = range(120, 1001, 20)
HYBENCH, FAISS, HNSWLIB = "hybench", "faiss HNSW", "hnswlib"
MEBIBYTE = 2**20


def recall(found: Any, exact: Any) -> float:
    """Mean share of the exact hits that were retrieved."""
    shared = [len(np.intersect1d(one, other)) for one, other in zip(found, exact, strict=True)]
    return float(np.mean(shared)) / K


def least_ef(search: Callable[[int], Any], exact: Any) -> int:
    """The smallest of `EFS` at which the recall is reached, or the largest."""
    low, high = 0, len(EFS) - 1
    while low < high:
        middle = (low + high) // 2
        if recall(search(EFS[middle]), exact) >= RECALL:
            high = middle
        else:
            low = middle + 1
    return EFS[low]


def hybench_side(vectors: Path, queries: Path, exact: Path) -> Work:
    """The defaults of ``hybench index``; the graph and the vectors are memory-mapped."""
    from hybench.indexes.approximate.graph import Graph, GraphOptions
    from hybench.indexes.exact.search import Part, Pool

    mapped, asked, truth = np.load(vectors, mmap_mode="r"), np.load(queries), np.load(exact)
    options = GraphOptions()
    file = vectors.with_name("hybench.usearch")
    begun = time.perf_counter()
    graph = Graph.build(mapped, options)
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    Graph.build(mapped, replace(options, threads=0))
    threaded = time.perf_counter() - begun
    graph.save(file)
    graph = Graph.load(file, mapped.shape[1], options, graph.scale)
    order = np.arange(len(mapped), dtype=np.uint32)
    pool = Pool([Part("en", mapped, order)])

    def search() -> Any:
        return pool.decode(graph.search(asked, K, mapped, order)).rows

    figures = {
        "recall": recall(search(), truth),
        "size": file.stat().st_size / MEBIBYTE,
        "build": f"{seconds:.0f} s; {threaded:.0f} s in all threads",
        "settings": f"M {options.connectivity}, {options.dtype}, ef {options.expansion_search}",
    }

    def work() -> dict[str, Any]:
        search()
        return figures

    return work


def faiss_side(connections: int, vectors: Path, queries: Path, exact: Path) -> Work:
    """IndexHNSWFlat by inner product, efConstruction 200, with its default threads."""
    import faiss

    asked, truth = np.load(queries), np.load(exact)
    index = faiss.IndexHNSWFlat(asked.shape[1], connections, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 200
    begun = time.perf_counter()
    index.add(np.load(vectors))
    seconds = time.perf_counter() - begun
    file = vectors.with_name("faiss")
    faiss.write_index(index, str(file))

    def search(ef: int) -> Any:
        index.hnsw.efSearch = ef
        return index.search(asked, K)[1]

    return _tuned(search, connections, truth, file, seconds)


def hnswlib_side(connections: int, vectors: Path, queries: Path, exact: Path) -> Work:
    """Inner product, ef_construction 200, with a thread per core."""
    import hnswlib

    passages, asked, truth = np.load(vectors), np.load(queries), np.load(exact)
    index = hnswlib.Index("ip", passages.shape[1])
    index.init_index(len(passages), M=connections, ef_construction=200, random_seed=1)
    begun = time.perf_counter()
    index.add_items(passages)
    seconds = time.perf_counter() - begun
    file = vectors.with_name("hnswlib")
    index.save_index(str(file))

    def search(ef: int) -> Any:
        index.set_ef(ef)
        return index.knn_query(asked, K)[0]

    return _tuned(search, connections, truth, file, seconds)


def _tuned(
    search: Callable[[int], Any], connections: int, exact: Any, file: Path, seconds: float
) -> Work:
    ef = least_ef(search, exact)
    figures = {
        "recall": recall(search(ef), exact),
        "size": file.stat().st_size / MEBIBYTE,
        "build": f"{seconds:.0f} s in all threads",
        "settings": f"M {connections}, f32, ef {ef}",
    }
    file.unlink()

    def work() -> dict[str, Any]:
        search(ef)
        return figures

    return work


def benchmark(options: Options) -> Report:
    """Queries per second at one recall, and the cost of the index."""
    passages, queries = (10_000, 300) if options.quick else (200_000, 2_000)
    with TemporaryDirectory() as name:
        files = (*write_vectors(Path(name), passages, queries), Path(name) / "exact.npy")
        from hybench.indexes.exact.search import Part, Pool

        pool = Pool([Part("en", np.load(files[0]), np.arange(passages, dtype=np.uint32))])
        np.save(files[2], pool.search(np.load(files[1]), K)[0].rows)
        del pool
        sides = [
            Side(HYBENCH, hybench_side, files, ("usearch",), {"GOMP_SPINCOUNT": "1000"}),
            Side(FAISS, faiss_side, (32, *files), ("faiss-cpu",)),
            Side(HNSWLIB, hnswlib_side, (16, *files), ("hnswlib",)),
        ]
        timings = measure(sides, options.rounds)
    figures = {side: timing.result for side, timing in timings.items()}
    timings = {side: replace(timing, result=None) for side, timing in timings.items()}
    return Report(
        f"Approximate search: {passages:,} × 384, {queries:,} queries, top {K}",
        timings,
        [
            *(
                Check(f"recall@{K}: {side}", each["recall"], "≥", RECALL)
                for side, each in figures.items()
            ),
            *(
                check
                for peer in (FAISS, HNSWLIB)
                for check in (
                    speedup(timings, HYBENCH, peer, 0.9),
                    Check(
                        f"index memory: {HYBENCH} ÷ {peer}",
                        figures[HYBENCH]["size"] / figures[peer]["size"],
                        "≤",
                        0.75,
                    ),
                )
            ),
        ],
        unit="queries",
        amount=queries,
        notes=(
            *NOTES,
            f"The peers' ef is the smallest multiple of 20 at which recall@{K} reaches {RECALL};",
            "hybench runs with its defaults. Index: the size of the saved index, all of which",
            "is in memory in a search. hybench also reads the vectors that lie on disk",
            f"({passages * 384 * 4 / MEBIBYTE:.0f} MiB, memory-mapped), which the peers' holds.",
        ),
        columns={
            side: {
                "recall": f"{each['recall']:.4f}",
                "index MiB": f"{each['size']:.0f}",
                "built in": each["build"],
                "settings": each["settings"],
            }
            for side, each in figures.items()
        },
    )


if __name__ == "__main__":
    main("approximate_search", benchmark, ("faiss-cpu", "hnswlib", "usearch"))
