"""Exact search compared with faiss and usearch: `python -m benchmarks.exact_search`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.harness import Check, Options, Report, Side, Work, main, measure, speedup
from benchmarks.vectors import NOTES, write_vectors

K = 100
HYBENCH, FAISS, USEARCH = "hybench", "faiss IndexFlatIP", "usearch exact"
FLOAT32, BFLOAT16 = "float32 products alone", "bfloat16 products alone"
_BLOCK = 8192
_GROUP = 500


def hybench_side(vectors: Path, queries: Path) -> Work:
    """Search in memory-mapped vectors, like an index."""
    from hybench.indexes.exact.search import Part, Pool

    mapped, asked = np.load(vectors, mmap_mode="r"), np.load(queries)
    pool = Pool([Part("en", mapped, np.arange(len(mapped), dtype=np.uint32))])
    return lambda: pool.search(asked, K)[0].rows


def faiss_side(vectors: Path, queries: Path) -> Work:
    """All queries at once, with its default threads."""
    import faiss

    asked = np.load(queries)
    index = faiss.IndexFlatIP(asked.shape[1])
    index.add(np.load(vectors))
    return lambda: index.search(asked, K)[1]


def usearch_side(vectors: Path, queries: Path) -> Work:
    """All queries at once, with a thread per core."""
    from usearch.index import search

    passages, asked = np.load(vectors), np.load(queries)
    return lambda: np.asarray(search(passages, asked, K, "ip", exact=True).keys)


def products_side(precision: str, vectors: Path, queries: Path) -> Work:
    """All products, block by block, without a search in them."""
    import torch

    passages, asked = np.load(vectors), np.load(queries)
    if precision == "float32":

        def multiply() -> None:
            out = np.empty((_GROUP, _BLOCK), np.float32)
            for start in range(0, len(passages), _BLOCK):
                block = passages[start : start + _BLOCK].T
                for group in np.split(asked, len(asked) // _GROUP):
                    np.matmul(group, block, out=out[:, : block.shape[1]])

        return multiply
    left, right = (torch.from_numpy(each).bfloat16() for each in (asked, passages))
    memory = torch.empty(_GROUP * _BLOCK, dtype=torch.bfloat16)

    def multiply_coarsely() -> None:
        for start in range(0, len(right), _BLOCK):
            block = right[start : start + _BLOCK].T
            out = memory[: _GROUP * block.shape[1]].view(_GROUP, -1)
            for first in range(0, len(left), _GROUP):
                torch.mm(left[first : first + _GROUP], block, out=out)

    return multiply_coarsely


def beyond_ties(found: Any, expected: Any, vectors: Path, queries: Path) -> int:
    """Queries whose hits differ by more than ties in float32's precision."""
    passages, asked = np.load(vectors, mmap_mode="r"), np.load(queries)
    wrong = 0
    for one, other, query in zip(found, expected, asked, strict=True):
        scores = [
            passages[rows.astype(np.int64)].astype(np.float64) @ query for rows in (one, other)
        ]
        wrong += bool((np.abs(scores[0] - scores[1]) > 1e-6).any())
    return wrong


def benchmark(options: Options) -> Report:
    """Queries per second, and whether all return the same."""
    passages, queries = (20_000, 500) if options.quick else (200_000, 2_000)
    # As the command line sets it.
    threads = {"GOMP_SPINCOUNT": "1000"}
    with TemporaryDirectory() as folder:
        files = write_vectors(Path(folder), passages, queries)
        timings = measure(
            [
                Side(HYBENCH, hybench_side, files, environment=threads),
                Side(FAISS, faiss_side, files, ("faiss-cpu",)),
                Side(USEARCH, usearch_side, files, ("usearch",), rounds=1),
                Side(FLOAT32, products_side, ("float32", *files), environment=threads),
                Side(BFLOAT16, products_side, ("bfloat16", *files), environment=threads),
            ],
            options.rounds,
        )
        found = timings[HYBENCH].result
        differing = {
            peer: beyond_ties(found, timings[peer].result, *files) for peer in (FAISS, USEARCH)
        }
    bare = {name: timings[FAISS].median / timings[name].median for name in (FLOAT32, BFLOAT16)}
    reached = timings[BFLOAT16].median / timings[HYBENCH].median
    for name, timing in timings.items():
        timings[name] = replace(timing, result=None)
    return Report(
        f"Exact search: {passages:,} × 384, {queries:,} queries, top {K}",
        timings,
        [
            speedup(timings, HYBENCH, FAISS, 3.5),
            speedup(timings, HYBENCH, USEARCH, 8),
            *(
                Check(f"queries whose hits differ from those of {peer}", count, "≤", 0)
                for peer, count in differing.items()
            ),
        ],
        unit="queries",
        amount=queries,
        notes=(
            *NOTES,
            "hybench's vectors are memory-mapped, in the page cache; the others' are in memory.",
            "Hits differ where scores at one rank are more than 1e-6 apart.",
            (
                f"The limit is the product: the bare float32 product has {bare[FLOAT32]:.2f} times "
                "faiss's speed. hybench screens with a bfloat16 product and a proven bound, then "
                "scores exactly what is left; the bare bfloat16 product, with nothing looked for "
                f"in it, has {bare[BFLOAT16]:.2f} times faiss's speed, and hybench {reached:.2f} "
                "of that. An 8-bit product was tried in its place: it takes half the time, but "
                "quantising and what its wider bound leaves to be scored take most of what it "
                "saves; it is not built in."
            ),
        ),
    )


if __name__ == "__main__":
    main("exact_search", benchmark, ("faiss-cpu", "usearch"))
