"""How large a difference is beside its spread, and how many queries it takes to see one."""

from __future__ import annotations

from math import ceil, sqrt

from hybench.compare.clusters import Moments
from hybench.compare.statistics import ALPHA, Estimate, t_quantile

POWER = 0.8
"""The chance to find a difference that `detectable_difference` speaks of."""


def effect_size(difference: float, moments: Moments | None) -> float | None:
    """Mean difference over the standard deviation of the sources' differences (Cohen's d_z).

    Args:
        difference: of the means.
        moments: of it, from chance in the sources alone.

    Returns:
        None where the differences do not vary, or there is a single source.
    """
    # Equal differences have a variance of rounding errors.
    if moments is None or moments.spread <= 1e-24:
        return None
    return difference / sqrt(moments.spread)


def _reach(freedom: float) -> float:
    """So many standard errors a difference found with 80 % power is large."""
    return t_quantile(1 - ALPHA / 2, freedom) + t_quantile(POWER, freedom)


def detectable_difference(estimate: Estimate) -> float:
    """Smallest true difference that a test at .05 finds with 80 % power at this n and spread.

    (t(.975) + t(.80)) standard errors, at the degrees of freedom of sources and seeds.

    Returns:
        A difference in the metric's unit.
    """
    return _reach(estimate.freedom) * estimate.error


def needed_sources(
    sources: int, moments: Moments | None, estimate: Estimate, margin: float
) -> int | None:
    """Source queries with which a true difference of `margin` is found at .05 with 80 % power.

    Over languages: in all of them together, in the proportions of now.

    Args:
        sources: how many there are.
        moments: of the difference, from chance in the sources alone.
        estimate: of the difference; what seeds add to its variance no query makes smaller.
        margin: the difference, in the metric's unit.

    Returns:
        None without a margin or a spread, and where the seeds alone vary too much.
    """
    if moments is None or moments.variance <= 0 or margin <= 0:
        return None
    of_seeds = estimate.variance - moments.variance
    left = (margin / _reach(estimate.freedom)) ** 2 - of_seeds
    return ceil(sources * moments.variance / left) if left > 0 else None
