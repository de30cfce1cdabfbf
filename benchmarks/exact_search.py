"""Exact search compared with faiss and usearch: `python -m benchmarks.exact_search`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.harness import (
    Check,
    Options,
    Report,
    Side,
    Timing,
    Work,
    main,
    measure,
    speedup,
)
from benchmarks.vectors import NOTES, write_vectors

K = 100
HYBENCH, FAISS, USEARCH = "hybench", "faiss IndexFlatIP", "usearch exact"
FLOAT32, BFLOAT16 = "float32 products alone", "bfloat16 products alone"
PATHS = ("int8", "bfloat16", "float32")
_BLOCK = 8192
_GROUP = 500

THREADS = {"GOMP_SPINCOUNT": "1000"}
"""As the command line sets it."""

AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "FAISS_OPT_LEVEL": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}
"""For every library's kernels: those of a processor with AVX2 and no more."""


def on_avx2(name: str) -> str:
    """A side's name, where it is kept to AVX2."""
    return f"{name}, AVX2 alone"


def hybench_side(vectors: Path, queries: Path, paths: Sequence[str]) -> Work:
    """Search in memory-mapped vectors, like an index, by one of some paths."""
    from hybench.indexes.exact.search import Part, Pool

    mapped, asked = np.load(vectors, mmap_mode="r"), np.load(queries)
    pool = Pool([Part("en", mapped, np.arange(len(mapped), dtype=np.uint32))])
    pool.precisions = tuple(each for each in pool.precisions if each.name in paths)
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


def paths_here() -> list[str]:
    """The paths that this processor has."""
    from hybench.indexes.exact.screens.chosen import precisions

    return [each.name for each in precisions("cpu")]


def by_path(name: str) -> str:
    """The name of the side that takes one path."""
    return f"{HYBENCH}, {name}"


def sides(files: tuple[Path, Path]) -> list[Side]:
    """hybench by itself and by each path, and its peers; all of them again on AVX2 alone."""
    here = paths_here()
    capped = {**THREADS, **AVX2}
    every = [
        Side(HYBENCH, hybench_side, (*files, PATHS), environment=THREADS),
        *(
            Side(by_path(each), hybench_side, (*files, [each]), environment=THREADS)
            for each in here
        ),
        Side(FAISS, faiss_side, files, ("faiss-cpu",)),
        Side(USEARCH, usearch_side, files, ("usearch",), rounds=1),
        Side(FLOAT32, products_side, ("float32", *files), environment=THREADS),
        Side(BFLOAT16, products_side, ("bfloat16", *files), environment=THREADS),
    ]
    alone = [
        Side(HYBENCH, hybench_side, (*files, ["int8", "float32"])),
        Side(by_path("float32"), hybench_side, (*files, ["float32"])),
        Side(FAISS, faiss_side, files),
        Side(FLOAT32, products_side, ("float32", *files)),
    ]
    return [*every, *(replace(each, name=on_avx2(each.name), environment=capped) for each in alone)]


def path_bars(timings: Mapping[str, Timing]) -> list[Check]:
    """How each path stands beside faiss and beside the bare product of its numbers."""
    bare = {"float32": FLOAT32, "bfloat16": BFLOAT16, "int8": FLOAT32}
    pairs = [
        *((by_path(each), FAISS, bare[each]) for each in PATHS if by_path(each) in timings),
        *(
            (on_avx2(name), on_avx2(FAISS), on_avx2(FLOAT32))
            for name in (HYBENCH, by_path("float32"))
        ),
    ]
    return [
        speedup(timings, ours, other, bar)
        for ours, faiss, product in pairs
        for other, bar in ((faiss, 1.1), (product, 0.9))
    ]


def same_instructions(timings: Mapping[str, Timing]) -> list[tuple[str, str]]:
    """hybench's paths, each with the side whose scores have the same last bits: numpy's sums
    depend on the instructions that it may use."""
    suffix = on_avx2("")
    return [
        (name, on_avx2(HYBENCH) if name.endswith(suffix) else HYBENCH)
        for name in timings
        if name.startswith(HYBENCH)
    ]


def benchmark(options: Options) -> Report:
    """Queries per second, and whether all return the same."""
    passages, queries = (20_000, 500) if options.quick else (200_000, 2_000)
    with TemporaryDirectory() as folder:
        files = write_vectors(Path(folder), passages, queries)
        timings = measure(sides(files), options.rounds)
        found = timings[HYBENCH].result
        differing = {
            peer: beyond_ties(found, timings[peer].result, *files) for peer in (FAISS, USEARCH)
        }
        unlike = sum(
            not np.array_equal(timings[name].result, timings[own].result)
            for name, own in same_instructions(timings)
        )
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
            *path_bars(timings),
            Check(
                "paths whose hits differ from hybench's on the same instructions", unlike, "≤", 0
            ),
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
                f"This processor has the paths {', '.join(paths_here())}; hybench takes the one "
                "that the first block of vectors shows to be the fastest: products of 8-bit "
                "integers and of bfloat16 are faster, but leave more pairs to be scored where "
                "scores lie close together, as those of static embeddings do."
            ),
            (
                "On AVX2 alone, all libraries are kept to the kernels that a processor without "
                "AVX-512 gets, where integers go up to 79 so that sums in 16 bits cannot saturate."
            ),
            (
                f"The bare float32 product has {bare[FLOAT32]:.2f} times faiss's speed, the bare "
                f"bfloat16 product, with nothing looked for in it, {bare[BFLOAT16]:.2f} times, and "
                f"hybench {reached:.2f} times that one's. Pairs are dropped by a proven bound, "
                "those that remain scored exactly: on the same instructions, all paths find the "
                "same, bit for bit."
            ),
        ),
    )


if __name__ == "__main__":
    main("exact_search", benchmark, ("faiss-cpu", "usearch"))
