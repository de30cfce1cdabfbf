"""How large a difference is beside its spread, and how many queries it takes to see one."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt

from hybench.compare.statistics import FloatArray

DETECTABLE = 1.959963984540054 + 0.8416212335729143
"""z(.975) + z(.80): two-sided level .05, power .80."""


def query_variance(strata: Sequence[FloatArray]) -> float | None:
    """Variance of the mean over languages of the mean difference, from queries alone.

    Args:
        strata: differences by language, each f64 [queries].

    Returns:
        None where a language has a single query.
    """
    if any(len(stratum) < 2 for stratum in strata):
        return None
    return sum(float(stratum.var(ddof=1)) / len(stratum) for stratum in strata) / len(strata) ** 2


def effect_size(strata: Sequence[FloatArray]) -> float | None:
    """Mean difference over the standard deviation of the queries' differences (Cohen's d_z).

    Over languages: the mean of their means over the root of the mean of their variances.

    Args:
        strata: differences by language, each f64 [queries].

    Returns:
        None where the differences do not vary, or a language has a single query.
    """
    if any(len(stratum) < 2 for stratum in strata):
        return None
    variance = sum(float(stratum.var(ddof=1)) for stratum in strata) / len(strata)
    mean = sum(float(stratum.mean()) for stratum in strata) / len(strata)
    # Equal differences have a variance of rounding errors.
    return mean / sqrt(variance) if variance > 1e-24 else None


def detectable_difference(strata: Sequence[FloatArray], seeds: float = 0.0) -> float | None:
    """Smallest true difference that a test at .05 finds with 80 % power at this n and spread.

    Normal approximation: (z(.975) + z(.80)) times the standard error of the mean difference.

    Args:
        strata: differences by language, each f64 [queries].
        seeds: variance of the mean difference from seeds alone.

    Returns:
        A difference in the metric's unit; None where a language has a single query.
    """
    variance = query_variance(strata)
    return None if variance is None else DETECTABLE * sqrt(variance + seeds)


def needed_queries(strata: Sequence[FloatArray], margin: float, seeds: float = 0.0) -> int | None:
    """Queries with which a true difference of `margin` is found at .05 with 80 % power.

    Over languages: in all of them together, in the proportions of now.

    Args:
        strata: differences by language, each f64 [queries].
        margin: the difference, in the metric's unit.
        seeds: variance of the mean difference from seeds alone, which no query makes smaller.

    Returns:
        None without a margin or a spread, and where the seeds alone vary too much.
    """
    variance = query_variance(strata)
    left = (margin / DETECTABLE) ** 2 - seeds
    if not variance or margin <= 0 or left <= 0:
        return None
    return ceil(sum(len(stratum) for stratum in strata) * variance / left)
