"""Paired statistics as pure functions on arrays: what a difference between two runs is worth.

All of them take differences per query (a run minus the baseline, in the metric's own unit), never
the two runs' scores apart. Randomness is a generator that the caller passes in. A macro-average
over languages keeps each language as a stratum of its own: the null distribution (or the
bootstrap distribution) of the mean is the mean of the languages' distributions, draw by draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

EXACT_UP_TO = 16
"""So many differences that are not zero are enumerated: at most 2^16 sign assignments."""

DRAWS = 10_000
"""Random sign assignments, and bootstrap resamples, where nothing else is asked for."""

ALPHA = 0.05
"""Level of every test, and one minus the level of every interval."""

_TIE = 1e-12
"""Two statistics nearer than this, relative to the largest that signs can reach, are equal."""

_BLOCK = 200_000
"""Numbers in a block of draws: 1.6 MB of f64 stay in the processor's cache."""

_ONE_THREAD = 262_144
"""Multiplications up to which OpenBLAS uses one thread."""


@dataclass(frozen=True, slots=True)
class PValue:
    """A two-sided p-value.

    Attributes:
        p: in (0, 1].
        error: its Monte Carlo standard error, 0 where all assignments were enumerated.
        assignments: sign assignments looked at.
        exact: whether those were all of them.
    """

    p: float
    error: float
    assignments: int
    exact: bool


def philox(seed: int, *names: str) -> np.random.Generator:
    """A counter-based generator of its own for each (seed, names), whatever else is drawn."""
    words = [len(names)] + [word for name in names for word in (len(name), *name.encode("utf-8"))]
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, *words])))


def _blocks(draws: int, width: int) -> Iterator[slice]:
    step = max(1, _BLOCK // max(1, width))
    for start in range(0, draws, step):
        yield slice(start, min(start + step, draws))


def _products(left: FloatArray, right: FloatArray) -> FloatArray:
    """left @ right, in pieces that BLAS leaves to one thread.

    Threads for so little work wait for each other for longer than it takes.
    """
    products = np.empty((len(left), right.shape[1]))
    step = max(1, _ONE_THREAD // max(1, right.size))
    for start in range(0, len(left), step):
        np.matmul(left[start : start + step], right, out=products[start : start + step])
    return products


def sign_flip_means(
    differences: FloatArray, generator: np.random.Generator, draws: int = DRAWS
) -> FloatArray:
    """Means of the differences under random signs: the null distribution of their mean.

    Args:
        differences: f64 [queries, comparisons]. All comparisons get the same signs, which keeps
            each one's test valid and makes them share the work.
        generator: source of the signs.
        draws: sign assignments.

    Returns:
        f64 [draws, comparisons].
    """
    queries, comparisons = differences.shape
    means = np.empty((draws, comparisons))
    # sum(sign * d) with sign = 2 * bit - 1 is 2 * (bits @ d) - sum(d).
    total = differences.sum(axis=0)
    for block in _blocks(draws, queries):
        rows = block.stop - block.start
        packed = generator.integers(0, 256, size=(rows, -(-queries // 8)), dtype=np.uint8)
        bits = np.unpackbits(packed, axis=1, count=queries).astype(np.float64)
        means[block] = 2 * _products(bits, differences) - total
    means /= queries
    return means


def bootstrap_means(
    differences: FloatArray, generator: np.random.Generator, resamples: int = DRAWS
) -> FloatArray:
    """Means of the differences over queries drawn with replacement.

    Args:
        differences: f64 [queries, comparisons]; all comparisons get the same queries.
        generator: source of the draws.
        resamples: how many means.

    Returns:
        f64 [resamples, comparisons].
    """
    queries, comparisons = differences.shape
    means = np.empty((resamples, comparisons))
    for block in _blocks(resamples, queries):
        rows = block.stop - block.start
        drawn = generator.integers(0, queries, size=(rows, queries), dtype=np.int64)
        drawn += np.arange(0, rows * queries, queries)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * queries).reshape(rows, queries)
        means[block] = _products(counts.astype(np.float64), differences)
    means /= queries
    return means


def macro(distributions: Sequence[FloatArray]) -> FloatArray:
    """Distribution of a mean over languages from those of the languages, drawn independently.

    Args:
        distributions: one f64 [draws, comparisons] per language.

    Returns:
        f64 [draws, comparisons].
    """
    mean: FloatArray = np.mean(np.stack(distributions), axis=0)
    return mean


def _scale(strata: Sequence[FloatArray]) -> float:
    """The largest absolute statistic that any signs reach: the mean of the mean |difference|."""
    return float(np.mean([np.abs(stratum).mean() for stratum in strata]))


def _observed(strata: Sequence[FloatArray]) -> float:
    return float(np.mean([stratum.mean() for stratum in strata]))


def exact_p(strata: Sequence[FloatArray]) -> PValue | None:
    """Two-sided paired randomisation test by all sign assignments.

    The statistic is the mean over strata of the mean difference; signs are flipped query by
    query. Differences of zero have no sign, so they change neither statistic nor distribution.

    Args:
        strata: differences by language, each f64 [queries].

    Returns:
        The p-value, or None where more than `EXACT_UP_TO` differences are not zero.
    """
    parts = np.concatenate([stratum / (len(strata) * len(stratum)) for stratum in strata])
    parts = parts[parts != 0]
    if len(parts) > EXACT_UP_TO:
        return None
    sums = np.zeros(1)
    for part in parts:
        sums = np.concatenate([sums + part, sums - part])
    hits = np.count_nonzero(np.abs(sums) >= _threshold(strata))
    return PValue(hits / len(sums), 0.0, len(sums), exact=True)


def _threshold(strata: Sequence[FloatArray]) -> float:
    return abs(_observed(strata)) - _TIE * _scale(strata)


def monte_carlo_p(strata: Sequence[FloatArray], null: FloatArray) -> PValue:
    """Two-sided paired randomisation test from a drawn null distribution.

    p = (hits + 1) / (draws + 1), so that the test holds its level at any number of draws
    (Phipson and Smyth 2010, doi 10.2202/1544-6115.1585).

    Args:
        strata: differences by language, each f64 [queries].
        null: f64 [draws], the statistic of those strata under random signs.
    """
    draws = len(null)
    hits = int(np.count_nonzero(np.abs(null) >= _threshold(strata)))
    p = (hits + 1) / (draws + 1)
    return PValue(p, float(np.sqrt(p * (1 - p) / draws)), draws, exact=False)


def randomisation_test(
    strata: Sequence[FloatArray], generator: np.random.Generator, draws: int = DRAWS
) -> PValue:
    """Two-sided paired randomisation test: enumerated where feasible, else drawn.

    Args:
        strata: differences by language, each f64 [queries] and not empty; one for one language.
        generator: source of the signs.
        draws: sign assignments where they are drawn.
    """
    exact = exact_p(strata)
    if exact is not None:
        return exact
    null = macro([sign_flip_means(stratum[:, None], generator, draws) for stratum in strata])
    return monte_carlo_p(strata, null[:, 0])


def percentile_interval(means: FloatArray, level: float = 1 - ALPHA) -> tuple[float, float]:
    """The middle `level` of a bootstrap distribution f64 [resamples]."""
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def interval_p(means: FloatArray) -> float:
    """Two-sided p of a bootstrap distribution f64 [resamples]: 1 - the level of the interval
    around it that just reaches 0."""
    tail = min(np.count_nonzero(means <= 0), np.count_nonzero(means >= 0))
    return min(1.0, 2 * (int(tail) + 1) / (len(means) + 1))


def equivalence_p(
    means: FloatArray, margin: float, strata: Sequence[int] = (), *, share: bool = False
) -> float:
    """Two one-sided tests that a mean difference is smaller than the margin (Schuirmann 1987).

    Each takes the part of the bootstrap distribution beyond its end of the margin; the larger is
    the p of both. A distribution knows nothing of differences too rare to be among the queries,
    so for a metric between 0 and 1 p is never below the chance to see none of them, were a share
    `margin` of the queries to differ by 1: exp(-n margin), the rule of three.

    Args:
        means: f64 [resamples], the bootstrap distribution of the mean difference.
        margin: larger than 0, in the metric's unit; at 0 nothing is equivalent.
        strata: queries by language.
        share: whether the metric lies between 0 and 1.
    """
    if margin <= 0:
        return 1.0
    beyond = max(np.count_nonzero(means >= margin), np.count_nonzero(means <= -margin))
    p = (int(beyond) + 1) / (len(means) + 1)
    if share and strata:
        p = max(p, float(np.exp(-margin * len(strata) * min(strata))))
    return min(1.0, p)


def paired_bootstrap(
    strata: Sequence[FloatArray], generator: np.random.Generator, resamples: int = DRAWS
) -> tuple[float, float]:
    """95 % percentile interval of the mean over languages of the mean difference.

    Queries are resampled within each language; languages are not resampled.

    Args:
        strata: differences by language, each f64 [queries] and not empty.
        generator: source of the draws.
        resamples: bootstrap resamples.
    """
    means = macro([bootstrap_means(stratum[:, None], generator, resamples) for stratum in strata])
    return percentile_interval(means[:, 0])


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction (Scand. J. Statistics 6, 1979), in the order given.

    An adjusted value is at most alpha exactly where Holm's procedure rejects at alpha.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(values[order] * factors))
    return [float(value) for value in adjusted]
