"""The runs of a trained arm, and the ratio of the variance of runs' means to their noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybench.statistics.paired_tests import FloatArray


@dataclass(frozen=True, slots=True)
class Trained:
    """The runs of a trained arm.

    Attributes:
        seeds: of the runs, in their order.
        means: f64 [runs], each run's mean.
        noise: variance of such a mean from what a seed does to single queries; 0 for one run.
    """

    seeds: tuple[int, ...]
    means: FloatArray
    noise: float

    @property
    def several(self) -> bool:
        """Whether it has information on chance in training."""
        return len(self.means) > 1

    @property
    def squares(self) -> float:
        """Sum of the squared deviations of the runs' means."""
        return float(((self.means - self.means.mean()) ** 2).sum())


@dataclass(frozen=True, slots=True)
class Pooled:
    """The ratio of the variance of runs' means to their noise.

    Attributes:
        ratio: the estimate.
        freedom: degrees of freedom of that estimate.
    """

    ratio: float
    freedom: float


def pooled(groups: Sequence[Sequence[tuple[Trained, float]]]) -> Pooled:
    """Pool the ratio over groups of arms that have the same seeds.

    Within a group, what a seed does to all arms is taken out by weighted least squares, each arm
    weighing as its noise is small.
    """
    squares, freedom = 0.0, 0
    for group in groups:
        weights = np.array([1 / noise for _, noise in group])
        centred = np.stack([arm.means - arm.means.mean() for arm, _ in group])
        if len(group) > 1:
            centred = centred - weights @ centred / weights.sum()
        squares += float((weights[:, None] * centred**2).sum())
        freedom += max(1, len(group) - 1) * (centred.shape[1] - 1)
    return Pooled(squares / freedom, float(freedom)) if freedom else Pooled(0.0, 1.0)


def correlated(apart: Pooled, beside: Pooled, arms: int) -> Pooled:
    """The ratio of arms by themselves, which have less information if they share seed effects.

    Args:
        apart: pooled as if they shared nothing.
        beside: of what they do not share.
        arms: of the same seeds.
    """
    if apart.ratio <= 0:
        return apart
    shared = max(0.0, 1 - beside.ratio / apart.ratio)
    return Pooled(apart.ratio, apart.freedom / (1 + (arms - 1) * shared**2))


def are_paired(arm: Trained, other: Trained) -> bool:
    """Whether their runs can be paired: a seed gives the same weights and pairs to each arm."""
    distinct = len(set(arm.seeds))
    counts = {len(arm.means), len(other.means), len(arm.seeds)}
    return arm.seeds == other.seeds and distinct > 1 and counts == {distinct}


def common_variance(arm: Trained, other: Trained) -> float:
    """Variance of the difference of two runs of one seed, over the seeds that both arms have.

    0 with fewer than two such seeds, and where an arm has a seed twice.
    """
    if any(len(set(each.seeds)) < len(each.means) for each in (arm, other)):
        return 0.0
    means = [dict(zip(each.seeds, each.means, strict=True)) for each in (arm, other)]
    found = [means[0][seed] - means[1][seed] for seed in means[0].keys() & means[1].keys()]
    return float(np.var(found, ddof=1)) if len(found) > 1 else 0.0
