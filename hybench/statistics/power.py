"""Effect size, detectable difference, and the number of queries needed to detect one."""

from __future__ import annotations

from math import ceil, sqrt

from hybench.statistics.clusters import Moments
from hybench.statistics.intervals import Estimate
from hybench.statistics.paired_tests import ALPHA
from hybench.statistics.seeds import SeedChance

POWER = 0.8
"""The power that `detectable_difference` refers to."""


def effect_size(difference: float, moments: Moments | None) -> float | None:
    """Mean difference over the standard deviation of the sources' differences (Cohen's d_z).

    Args:
        difference: of the means.
        moments: of it, from chance in the sources alone.

    Returns:
        None if the differences do not vary, or there is a single source.
    """
    # Equal differences have a variance of rounding errors.
    if moments is None or moments.spread <= 1e-24:
        return None
    return difference / sqrt(moments.spread)


def detectable_difference(estimate: Estimate) -> float:
    """Smallest true difference that a test at .05 finds with 80 % power at this n and spread.

    The distances that chance exceeds upwards in .025 and in .20 of the cases, added: of many
    queries, and without seeds, 2.80 standard errors.

    Returns:
        A difference in the metric's unit.
    """
    return estimate.quantile(1 - ALPHA / 2) + estimate.quantile(POWER)


def needed_sources(
    sources: int, estimate: Estimate, margin: float, chance: SeedChance | None = None
) -> int | None:
    """Source queries with which a true difference of `margin` is found at .05 with 80 % power.

    Over languages: in all of them together, in today's proportions.

    Args:
        sources: the present number.
        estimate: of the difference.
        margin: the difference, in the metric's unit.
        chance: of seeds, which more queries do not reduce.

    Returns:
        None without a margin or a spread, and where the seeds alone vary too much.
    """
    if estimate.queries <= 0 or margin <= 0:
        return None
    of_seeds = 0.0 if chance is None else chance.variance
    reach = detectable_difference(estimate) ** 2 / (estimate.queries + of_seeds)
    left = margin**2 / reach - of_seeds
    return ceil(sources * estimate.queries / left) if left > 0 else None
