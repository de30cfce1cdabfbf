"""What chance in queries does to a row, once more: slowly, plainly, by what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

Table = dict[str, list[tuple[int, float]]]
"""By language, the source of each query and the difference of two arms in it."""


def mean_of_means(table: Table, weight: Callable[[int], float] = lambda _: 1.0) -> float:
    """Mean over languages of means over queries, each difference times its source's `weight`."""
    return float(np.mean([np.mean([weight(s) * d for s, d in of]) for of in table.values()]))


def sources_of(table: Table) -> list[int]:
    """Every source once."""
    return sorted({source for queries in table.values() for source, _ in queries})


def flip_p(table: Table, draws: int | None, random: np.random.Generator) -> float:
    """Two-sided p of sign flips, one sign a source: all assignments, or so many draws."""
    sources = sources_of(table)
    signs: Iterator[tuple[int, ...]] = product([-1, 1], repeat=len(sources))
    if draws is not None:
        signs = (tuple(random.choice([-1, 1], len(sources))) for _ in range(draws))
    found = [mean_of_means(table, dict(zip(sources, each, strict=True)).__getitem__)
             for each in signs]  # fmt: skip
    hits = np.count_nonzero(np.abs(found) >= abs(mean_of_means(table)) - 1e-12)
    return float(hits / len(found) if draws is None else (hits + 1) / (draws + 1))


def resampled_means(table: Table, draws: int, random: np.random.Generator) -> list[float]:
    """Means when sources are drawn with replacement among those in the same languages."""
    strata: dict[tuple[str, ...], list[int]] = {}
    for source in sources_of(table):
        inside = tuple(name for name, of in table.items() if source in {s for s, _ in of})
        strata.setdefault(inside, []).append(source)
    means = []
    for _ in range(draws):
        times = np.zeros(max(sources_of(table)) + 1)
        for stratum in strata.values():
            np.add.at(times, random.choice(stratum, len(stratum)), 1)
        means.append(
            np.mean([
                np.average([d for _, d in of], weights=[times[s] for s, _ in of])
                for of in table.values()
            ])
        )  # fmt: skip
    return [float(mean) for mean in means]
