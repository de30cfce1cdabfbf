"""Paired statistics as pure functions on arrays: what a difference between two runs is worth.

All of them take what each *source query* adds to the difference (`hybench.compare.clusters`), never
the two runs' scores apart. Randomness is a generator that the caller passes in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

EXACT_UP_TO = 16
"""So many differences that are not zero are enumerated: at most 2^16 sign assignments."""

DRAWS = 10_000
"""Random sign assignments, where nothing else is asked for."""

ALPHA = 0.05
"""Level of every test, and one minus the level of every interval."""

FEWEST = 6
"""Sources that differ for a verdict: of five, all better, a sign test gives p = .0625 at best."""

_NODES, _CROWDED = 32, 4
"""Places at which a distribution is integrated, and how closely they crowd at its long end."""

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

    @property
    def floor(self) -> bool:
        """Whether no drawn assignment reached the difference: p may be smaller."""
        return not self.exact and self.p <= 1 / (self.assignments + 1)


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


def sign_flip_sums(
    parts: FloatArray, generator: np.random.Generator, draws: int = DRAWS
) -> FloatArray:
    """Sums of what sources add, under random signs.

    Args:
        parts: f64 [sources, columns]. All columns get the same signs, which keeps each one's test
            valid, makes them share the work, and lets a difference of two columns be taken later.
        generator: source of the signs.
        draws: sign assignments.

    Returns:
        f64 [draws, columns].
    """
    sources, columns = parts.shape
    sums = np.empty((draws, columns))
    # sum(sign * d) with sign = 2 * bit - 1 is 2 * (bits @ d) - sum(d).
    total = parts.sum(axis=0)
    for block in _blocks(draws, sources):
        rows = block.stop - block.start
        packed = generator.integers(0, 256, size=(rows, -(-sources // 8)), dtype=np.uint8)
        bits = np.unpackbits(packed, axis=1, count=sources).astype(np.float64)
        sums[block] = 2 * _products(bits, parts) - total
    return sums


def exact_p(parts: FloatArray) -> PValue | None:
    """Two-sided paired randomisation test by all sign assignments.

    The statistic is the sum of the parts; a sign is flipped for each source. Parts of zero have no
    sign, so they change neither statistic nor distribution.

    Args:
        parts: f64 [sources], what each adds to the difference.

    Returns:
        The p-value, or None where more than `EXACT_UP_TO` parts are not zero.
    """
    own = parts[parts != 0]
    if len(own) > EXACT_UP_TO:
        return None
    sums = np.zeros(1)
    for part in own:
        sums = np.concatenate([sums + part, sums - part])
    hits = np.count_nonzero(np.abs(sums) >= _threshold(parts))
    return PValue(hits / len(sums), 0.0, len(sums), exact=True)


def _threshold(parts: FloatArray) -> float:
    return abs(float(parts.sum())) - _TIE * float(np.abs(parts).sum())


def monte_carlo_p(parts: FloatArray, null: FloatArray) -> PValue:
    """Two-sided paired randomisation test from a drawn null distribution.

    p = (hits + 1) / (draws + 1), so that the test holds its level at any number of draws
    (Phipson and Smyth 2010, doi 10.2202/1544-6115.1585).

    Args:
        parts: f64 [sources], what each adds to the difference.
        null: f64 [draws], the sum of those parts under random signs.
    """
    draws = len(null)
    hits = int(np.count_nonzero(np.abs(null) >= _threshold(parts)))
    p = (hits + 1) / (draws + 1)
    return PValue(p, float(np.sqrt(p * (1 - p) / draws)), draws, exact=False)


def randomisation_test(
    parts: FloatArray, generator: np.random.Generator, draws: int = DRAWS
) -> PValue:
    """Two-sided paired randomisation test: enumerated where feasible, else drawn.

    Args:
        parts: f64 [sources], what each adds to the difference.
        generator: source of the signs.
        draws: sign assignments where they are drawn.
    """
    exact = exact_p(parts)
    if exact is not None:
        return exact
    return monte_carlo_p(parts, sign_flip_sums(parts[:, None], generator, draws)[:, 0])


@lru_cache(maxsize=4096)
def t_quantile(level: float, freedom: float) -> float:
    """The value below which Student's t lies with probability `level`."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, level))


@lru_cache(maxsize=512)
def inverse_chi_square(freedom: float) -> tuple[FloatArray, FloatArray]:
    """How many times its estimate a variance may be: the freedom over a chi-square's values.

    Returns:
        f64 [nodes] and their weights, which add up to 1: to average over them is to integrate over
        the distribution, its long end included.
    """
    from scipy.special import chdtri

    places, weights = np.polynomial.legendre.leggauss(_NODES)
    unit = (places + 1) / 2
    # Far out it is the small values of the chi-square that count: places crowd there.
    below, weights = unit**_CROWDED, weights / 2 * _CROWDED * unit ** (_CROWDED - 1)
    return freedom / chdtri(freedom, 1 - below), weights / weights.sum()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, or the difference of two, and how far chance may have moved it.

    What chance does is a mixture of Student's t: each of the variances may be the true one.

    Attributes:
        value: the estimate.
        queries: variance of it from chance in the sources alone; 0 where nothing varied.
        third: third central moment of it.
        freedom: degrees of freedom of `queries`.
        seeds: f64 [nodes], what seeds may add to the variance.
        weights: f64 [nodes], how likely each is.
    """

    value: float
    queries: float
    third: float
    freedom: float
    seeds: FloatArray
    weights: FloatArray

    @property
    def certain(self) -> bool:
        """Whether nothing varied, so that there is no spread to speak of."""
        return self.queries == 0 and not self.seeds.any()

    def _below(self, distance: float) -> float:
        """The probability that chance moves the estimate further down than so."""
        from scipy.special import stdtr

        errors = np.sqrt(self.queries + self.seeds)
        with np.errstate(divide="ignore"):
            return float(self.weights @ stdtr(self.freedom, -distance / errors))

    def quantile(self, level: float) -> float:
        """How far up chance moves the estimate with probability 1 - level, in its own unit.

        Args:
            level: above .5.
        """
        from scipy.optimize import brentq

        if self.certain:
            return 0.0
        single = t_quantile(level, self.freedom)
        errors = np.sqrt(self.queries + self.seeds)
        least = single * float(errors.min())
        if len(errors) == 1:
            return least
        most = single * float(errors.max())
        found = brentq(lambda at: self._below(at) - (1 - level), least, most, rtol=1e-6, xtol=1e-15)
        return float(found)

    def interval(self, level: float = 1 - ALPHA) -> tuple[float, float]:
        """The interval around it that holds the truth with this probability."""
        reach = self.quantile((1 + level) / 2)
        return self.value - reach, self.value + reach

    def p(self) -> float:
        """Two-sided p: one minus the level of the interval that just reaches 0."""
        if self.certain:
            return 1.0 if self.value == 0 else 0.0
        return min(1.0, 2 * self._below(abs(self.value)))

    def p_below(self, end: float) -> float:
        """One-sided p of the hypothesis that what is estimated is `end` or more.

        The larger of Student's and the one corrected for skewness (Hall 1992, J. R. Statist. Soc. B
        54): where a few sources differ by much, a mean that chanced to miss them has too small a
        spread as well.
        """
        from scipy.special import stdtr

        if self.certain:
            return 1.0 if self.value >= end else 0.0
        errors = np.sqrt(self.queries + self.seeds)
        t = (self.value - end) / errors
        skew = self.third / errors**3
        corrected = t + skew * t**2 / 3 + skew**2 * t**3 / 27 + skew / 6
        tails = [float(self.weights @ stdtr(self.freedom, at)) for at in (t, corrected)]
        return max(tails)

    def p_above(self, end: float) -> float:
        """One-sided p of the hypothesis that what is estimated is `end` or less."""
        return replace(self, value=-self.value, third=-self.third).p_below(-end)


def rare_differences_p(differing: int, units: float, margin: float) -> float:
    """Chance to see so few sources differ, were a share `margin` of them to differ by 1.

    A mean difference of `margin` between scores of 0 to 1 takes at least such a share. So this is a
    p-value of the hypothesis that the difference is `margin` or more, whatever its distribution
    (with none differing, the rule of three).

    Args:
        differing: sources whose scores differ.
        units: sources, as many as they weigh.
        margin: in (0, 1).
    """
    from scipy.special import bdtr

    count = int(units * (1 + _TIE))  # weights of a whole number of sources add up to it nearly
    return 1.0 if differing >= count else float(bdtr(differing, count, min(1.0, margin)))


def equivalence_p(
    estimate: Estimate | None, margin: float, *, differing: int, units: float, share: bool
) -> float:
    """Two one-sided tests that a mean difference is smaller than the margin (Schuirmann 1987).

    The larger p of the two, and never below what sources that differ too rarely to be among these
    leave open (`rare_differences_p`). With fewer than `FEWEST` sources that differ, which have no
    spread to speak of, that alone decides.

    Args:
        estimate: of the difference; None with a single source.
        margin: larger than 0, in the metric's unit; at 0 nothing is equivalent.
        differing: sources whose scores differ.
        units: sources, as many as they weigh.
        share: whether the metric lies between 0 and 1.
    """
    if margin <= 0:
        return 1.0
    if differing < FEWEST or estimate is None:
        return rare_differences_p(differing, units, margin) if share else 1.0
    p = max(estimate.p_below(margin), estimate.p_above(-margin))
    return max(p, rare_differences_p(0, units, margin)) if share else p


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
