"""Chance in training: what an arm's seeds say of how far its mean could have come out otherwise.

The seeds of an arm are the same models in every query and language, so their differences do not
average out over queries. Two to five of them are too few to resample: the percentiles of
resampled means are those of a normal distribution at best, and of a light-tailed one at worst.
So the seeds' level of the bootstrap is drawn from Student's t with the variance of the seeds'
means (``python -m benchmarks.statistics`` compares the ways).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybench.compare.statistics import FloatArray


@dataclass(frozen=True, slots=True)
class SeedMeans:
    """The means of one arm's runs.

    Attributes:
        values: f64 [runs], each the mean over queries; over languages, the mean of their means.
        noise: variance of such a mean that comes from what a seed does to single queries. The
            spread of the queries holds it already.
    """

    values: FloatArray
    noise: float

    @property
    def variance(self) -> float:
        """Between the runs, of what a run does to all queries alike; 0 at least, and for one."""
        if len(self.values) < 2:
            return 0.0
        return max(0.0, float(self.values.var(ddof=1)) - self.noise)


@dataclass(frozen=True, slots=True)
class SeedChance:
    """How far seeds alone move a mean, or the difference of two.

    Attributes:
        variance: of it.
        freedom: degrees of freedom of that estimate.
    """

    variance: float
    freedom: float


def seed_means(scores: FloatArray) -> SeedMeans:
    """Means of an arm's runs in one language.

    Args:
        scores: f64 [queries, runs].
    """
    queries, runs = scores.shape
    means = scores.mean(axis=0)
    if queries < 2 or runs < 2:
        return SeedMeans(means, 0.0)
    # The residual mean square of a two-way layout of queries and seeds, one value a cell.
    residuals = scores - scores.mean(axis=1, keepdims=True) - means + means.mean()
    noise = float(np.sum(residuals**2)) / ((queries - 1) * (runs - 1)) / queries
    return SeedMeans(means, noise)


def over_languages(languages: Sequence[SeedMeans]) -> SeedMeans:
    """Means of an arm's runs over languages, each run being one model in all of them."""
    values = np.mean([each.values for each in languages], axis=0)
    return SeedMeans(values, sum(each.noise for each in languages) / len(languages) ** 2)


def seed_chance(arms: Sequence[SeedMeans], beside: Sequence[SeedMeans] = ()) -> SeedChance | None:
    """How far the seeds of these arms move the difference of their means.

    The variance of an arm's mean is that between its runs over their number, and those of
    independent arms add up. Two arms alone have Welch and Satterthwaite's degrees of freedom, which
    for a few seeds say next to nothing. More arms in one table tell together how far seeds move an
    arm, as in an analysis of variance: each has its own variance between runs or the pooled one,
    whichever is larger, and the degrees of freedom of all.

    Args:
        arms: the arms that were trained, one or two.
        beside: all that were trained in the same row, these included; empty for them alone.

    Returns:
        None where no arm has several runs.
    """
    known = [arm for arm in (beside or arms) if len(arm.values) > 1]
    if not known:
        return None
    degrees = [len(arm.values) - 1 for arm in known]
    pooled = sum(free * arm.variance for free, arm in zip(degrees, known, strict=True))
    pooled /= sum(degrees)
    if len(known) > len(arms):
        parts = [max(arm.variance, pooled) / len(arm.values) for arm in arms]
        return SeedChance(sum(parts), float(sum(degrees)))
    alone = (len(arms) - len(known)) / len(known)  # an arm of one run has the other's variance
    parts = [arm.variance * (1 / len(arm.values) + alone) for arm in known]
    total = sum(parts)
    if total == 0:
        return SeedChance(0.0, float(sum(degrees)))
    squares = sum((part / total) ** 2 / free for part, free in zip(parts, degrees, strict=True))
    return SeedChance(total, 1 / squares)


def with_seeds(
    means: FloatArray, chance: SeedChance | None, generator: np.random.Generator
) -> FloatArray:
    """A bootstrap distribution over queries, spread further by what seeds alone do.

    Args:
        means: f64 [resamples], over resampled queries.
        chance: of the seeds; None changes nothing.
        generator: source of the seeds' level.

    Returns:
        f64 [resamples or twice as many]: Student's t is symmetric, so each draw goes both ways.
    """
    if chance is None:
        return means
    drawn = np.sqrt(chance.variance) * generator.standard_t(chance.freedom, len(means))
    return np.concatenate([means + drawn, means - drawn])
