"""Effect size, detectable difference, and the queries or seeds needed to detect one."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, sqrt

from hybench.statistics.clusters import Moments
from hybench.statistics.intervals import Estimate
from hybench.statistics.paired_tests import ALPHA
from hybench.statistics.seeds import SeedChance, SeedSpread

POWER = 0.8
"""The power that `detectable_difference` refers to."""

MOST_SEEDS = 64
"""More runs of an arm are not thought of."""


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


def planned_estimate(
    estimate: Estimate, spread: SeedSpread, arms: tuple[int, int], seeds: int
) -> Estimate | None:
    """The estimate of a difference, as it is expected to be with so many seeds of each arm.

    In the two-way layout of sources and seeds, a mean over n sources and k seeds has the variance
    q/n + w/(nk) + b/k: of sources, of their interaction with seeds, and of seeds as a whole
    (Searle, Casella and McCulloch 1992, Variance Components, ch. 4). `estimate.queries` holds the
    first two, the second of which is `SeedChance.within`; `SeedChance.between` holds the last two.
    With k' seeds the last two shrink by k/k', and the first stays.

    Args:
        estimate: of the difference now.
        spread: of the seeds of its row.
        arms: positions of the two arms in the row.
        seeds: runs of each of them that was trained, at least 2.

    Returns:
        None if chance in training is not known.
    """
    now, then = spread.chance(*arms), spread.planned(*arms, seeds)
    if now is None or then is None:
        return None
    interaction = min(estimate.queries, now.within)
    left = then.within / now.within if now.within > 0 else 0.0
    variances, weights = then.variances()
    return replace(
        estimate,
        queries=estimate.queries - interaction * (1 - left),
        seeds=variances,
        weights=weights,
    )


def needed_seeds(
    estimate: Estimate, spread: SeedSpread, arms: tuple[int, int], margin: float
) -> int | None:
    """Seeds of each arm with which a true difference of `margin` is found at .05 with 80 % power.

    The fewest of 2 to `MOST_SEEDS` at which the detectable difference of `planned_estimate` is no
    larger than the margin.

    Args:
        estimate: of the difference now.
        spread: of the seeds of its row.
        arms: positions of the two arms in the row.
        margin: the difference, in the metric's unit.

    Returns:
        None if chance in training is not known, and if so many seeds do not suffice.
    """

    def found_with(seeds: int) -> bool:
        planned = planned_estimate(estimate, spread, arms, seeds)
        return planned is not None and detectable_difference(planned) <= margin

    if margin <= 0 or not found_with(MOST_SEEDS):
        return None
    low, high = 1, MOST_SEEDS  # too few, enough
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if found_with(middle) else (middle, high)
    return high
