"""Estimates with their uncertainty: intervals, p-values, equivalence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from hybench.statistics.paired_tests import ALPHA, FloatArray

FEWEST = 6
"""Least differing sources for a verdict: with five, a sign test gives p = .0625 at best."""

_NODES, _CROWDED = 32, 4
"""Nodes for integrating a distribution, and how densely they lie in its long tail."""

_EQUAL = 1e-12
"""Numbers no further apart than this, relative to the larger, differ by rounding."""


@lru_cache(maxsize=4096)
def t_quantile(level: float, freedom: float) -> float:
    """The value below which Student's t lies with probability `level`."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, level))


@lru_cache(maxsize=512)
def inverse_chi_square(freedom: float) -> tuple[FloatArray, FloatArray]:
    """Ratios of a true variance to its estimate: the freedom over a chi-square's values.

    Returns:
        f64 [nodes] and their weights, which add up to 1: averaging over them integrates over the
        distribution, its long tail included.
    """
    from scipy.special import chdtri

    places, weights = np.polynomial.legendre.leggauss(_NODES)
    unit = (places + 1) / 2
    # In the tail the small values of the chi-square count: nodes are dense there.
    below, weights = unit**_CROWDED, weights / 2 * _CROWDED * unit ** (_CROWDED - 1)
    return freedom / chdtri(freedom, 1 - below), weights / weights.sum()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, or the difference of two, with its uncertainty.

    The error is distributed as a mixture of Student's t: each of the variances may be the true one.

    Attributes:
        value: the estimate.
        queries: variance of it from chance in the sources alone; 0 if nothing varied.
        third: third central moment of it.
        freedom: degrees of freedom of `queries`.
        seeds: f64 [nodes], what seeds may add to the variance; a single 0 if unknown.
        weights: f64 [nodes], how likely each is.
    """

    value: float
    queries: float
    third: float
    freedom: float
    seeds: FloatArray = field(default_factory=lambda: np.zeros(1))
    weights: FloatArray = field(default_factory=lambda: np.ones(1))

    @property
    def certain(self) -> bool:
        """Whether nothing varied, so that there is no spread."""
        return self.queries == 0 and not self.seeds.any()

    def _below(self, distance: float) -> float:
        """The probability that chance moves the estimate further down than this."""
        from scipy.special import stdtr

        return float(self.weights @ stdtr(self.freedom, self._in_errors(-distance)))

    def _in_errors(self, distance: float) -> FloatArray:
        """A distance over each of the standard errors; where nothing varies it is 0 or infinite."""
        errors = np.sqrt(self.queries + self.seeds)
        found: FloatArray = np.full(
            errors.shape, np.copysign(np.inf, distance) if distance else 0.0
        )
        np.divide(distance, errors, out=found, where=errors > 0)
        return found

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
        most = single * float(errors.max())
        if most <= least * (1 + _EQUAL):
            return least
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
        """One-sided p of the hypothesis that the true value is `end` or more.

        The larger of Student's and the one corrected for skewness (Hall 1992, J. R. Statist. Soc. B
        54): if a few sources differ by much, a mean that missed them by chance has too small a
        spread as well.
        """
        from scipy.special import stdtr

        if self.certain:
            return 1.0 if self.value >= end else 0.0
        t = self._in_errors(self.value - end)
        varies = np.isfinite(t)
        cubes = np.sqrt(self.queries + self.seeds) ** 3
        skew = np.divide(self.third, cubes, out=np.zeros(cubes.shape), where=cubes > 0)
        corrected = t.copy()
        some, bent = t[varies], skew[varies]
        corrected[varies] = some + bent * some**2 / 3 + bent**2 * some**3 / 27 + bent / 6
        tails = [float(self.weights @ stdtr(self.freedom, at)) for at in (t, corrected)]
        return max(tails)

    def p_above(self, end: float) -> float:
        """One-sided p of the hypothesis that the true value is `end` or less."""
        return replace(self, value=-self.value, third=-self.third).p_below(-end)


def rare_differences_p(differing: int, units: float, margin: float) -> float:
    """Chance to see so few sources differ if a share `margin` of them differed by 1.

    A mean difference of `margin` between scores of 0 to 1 takes at least such a share. So this is a
    p-value of the hypothesis that the difference is `margin` or more, whatever its distribution
    (with none differing, the rule of three).

    Args:
        differing: sources whose scores differ.
        units: sources, in units of the largest weight.
        margin: in (0, 1).
    """
    from scipy.special import bdtr

    count = int(units * (1 + _EQUAL))  # weights of whole sources add up to it only nearly
    return 1.0 if differing >= count else float(bdtr(differing, count, min(1.0, margin)))


def equivalence_p(
    estimate: Estimate | None, margin: float, *, differing: int, units: float, share: bool
) -> float:
    """Two one-sided tests that a mean difference is smaller than the margin (Schuirmann 1987).

    The larger p of the two, and at least the chance of differing sources too rare to be among these
    (`rare_differences_p`). With fewer than `FEWEST` sources that differ, whose spread is
    meaningless, that alone decides.

    Args:
        estimate: of the difference; None with a single source.
        margin: larger than 0, in the metric's unit; at 0 nothing is equivalent.
        differing: sources whose scores differ.
        units: sources, in units of the largest weight.
        share: whether the metric lies between 0 and 1.
    """
    if margin <= 0:
        return 1.0
    if differing < FEWEST or estimate is None:
        return rare_differences_p(differing, units, margin) if share else 1.0
    p = max(estimate.p_below(margin), estimate.p_above(-margin))
    return max(p, rare_differences_p(0, units, margin)) if share else p
