"""Chance in training: the variance of an arm's mean between seeds.

The seeds of an arm are the same models in every query and language, so what a seed does to all of
them does not average out over queries. It is estimated from the means of the runs, of which there
are few: two to five. Three properties are used:

- What a seed does to single queries is known well, from hundreds of them, and what it does to
  single languages from some (`relative_noise`). An arm with more noise there is assumed to have
  more noise as a whole: between arms, the *ratio* of the two is pooled.
- Arms of the same seeds start from the same weights and see the same scarce pairs. What that does
  to all of them alike cancels in their difference, and the ratio is pooled from what is left.
- A pair's own spread counts if it is larger than expected from the others.

The remaining uncertainty stays in the result: the variance that seeds add is not fixed at the
estimate from few runs but averaged over its possible values, given that estimate
(`SeedChance.variances`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hybench.statistics.clusters import ROUNDING, RowScores, Strata
from hybench.statistics.intervals import inverse_chi_square
from hybench.statistics.paired_tests import FloatArray
from hybench.statistics.pairing import Paired
from hybench.statistics.pooled_seeds import (
    Trained,
    are_paired,
    common_variance,
    correlated,
    pooled,
)

_LEAST_NOISE = 0.1
"""Least noise of an arm, as a share of the mean over arms: an arm with 0 would outweigh all."""


@dataclass(frozen=True, slots=True)
class SeedChance:
    """The variance of a mean, or of the difference of two, from seeds alone.

    Attributes:
        between: variance that the spread between runs gives it.
        within: the part of that from what seeds do to single queries, which the queries' spread
            contains already.
        freedom: degrees of freedom of `between`.
    """

    between: float
    within: float
    freedom: float

    @property
    def variance(self) -> float:
        """What seeds add to the variance, estimated from their spread."""
        return max(0.0, self.between - self.within)

    def variances(self) -> tuple[FloatArray, FloatArray]:
        """What seeds may add to the variance, f64 [nodes], and how likely each is.

        The spread of few runs may be small by chance, even zero: what is added is not.
        """
        factors, weights = inverse_chi_square(self.freedom)
        return np.maximum(0.0, self.between * factors - self.within), weights


def noise_of_seeds(runs: FloatArray, strata: Strata) -> float:
    """Variance of a run's mean from what a seed does to single queries.

    The residual mean square of a two-way layout of sources and seeds, one value per cell.

    Args:
        runs: f64 [sources, runs], centred contributions.
        strata: of the sources.
    """
    count = runs.shape[1]
    if count < 2:
        return 0.0
    residuals = runs - runs.mean(axis=1, keepdims=True)
    residuals[np.abs(residuals) <= ROUNDING * np.abs(runs).max(initial=0.0)] = 0.0
    found = [strata.moments(column) for column in residuals.T]
    variances = [each.variance for each in found if each is not None]
    return float(sum(variances) / (count - 1))


_LEAST_LANGUAGES = 3
"""With fewer, what seeds do to single languages has no information on an arm."""


def relative_noise(
    languages: Sequence[Paired], seeds: Mapping[int, tuple[int, ...]]
) -> dict[int, float]:
    """What an arm's seeds do to single languages, relative to the mean arm's.

    The residual mean square of a two-way layout of languages and seeds, over its mean over arms.

    Args:
        languages: of a table, which all have the same arms.
        seeds: of the runs of an arm, by the position of a trained arm.

    Returns:
        By arm with several runs; empty for fewer than three languages, or if seeds do nothing.
    """
    if len(languages) < _LEAST_LANGUAGES:
        return {}
    squares = {}
    for at, arm in enumerate(languages[0].arms):
        means = np.stack([each.runs[at].mean(axis=0) for each in languages])
        if arm in seeds and means.shape[1] > 1:
            residuals = means - means.mean(axis=1, keepdims=True) - means.mean(axis=0)
            squares[arm] = float(((residuals + means.mean()) ** 2).mean())
    usual = sum(squares.values()) / max(1, len(squares))
    return {arm: value / usual for arm, value in squares.items()} if usual > 0 else {}


class SeedSpread:
    """The pooled variance of the seeds of a row's trained arms.

    Args:
        arms: by position.
        relative_noise: see `relative_noise`.
    """

    def __init__(
        self, arms: Mapping[int, Trained], relative_noise: Mapping[int, float] | None = None
    ) -> None:
        self._arms = arms
        self._relative_noise = {
            id(arms[arm]): value for arm, value in (relative_noise or {}).items() if arm in arms
        }
        known = [arm for arm in arms.values() if arm.several]
        noises = [arm.noise for arm in known]
        self._usual = sum(noises) / len(noises) if noises else 0.0
        self._known = bool(known)
        groups: dict[tuple[int, ...], list[tuple[Trained, float]]] = {}
        for arm in known:
            alone = len(set(arm.seeds)) < len(arm.seeds)
            key = (id(arm),) if alone else arm.seeds
            groups.setdefault(key, []).append((arm, self._noise(arm)))
        self._beside = pooled(list(groups.values()))
        self._apart = correlated(
            pooled([[(arm, self._noise(arm))] for arm in known]),
            self._beside,
            max(map(len, groups.values()), default=1),
        )

    @classmethod
    def of(
        cls,
        scores: RowScores,
        seeds: Mapping[int, tuple[int, ...]],
        relative_noise: Mapping[int, float] | None = None,
    ) -> SeedSpread:
        """The spread of a row.

        Args:
            scores: the row's.
            seeds: of the runs of an arm, in their order, by the position of a trained arm.
        """
        return cls(
            {
                arm: Trained(seeds[arm], means, noise_of_seeds(runs, scores.strata))
                for arm, means, runs in zip(scores.arms, scores.means, scores.runs, strict=True)
                if arm in seeds
            },
            relative_noise,
        )

    def _noise(self, arm: Trained) -> float:
        if self._usual == 0:  # if seeds do not affect single queries, all arms are alike
            return 1.0
        if not arm.several:
            return self._usual
        least = max(_LEAST_NOISE, self._relative_noise.get(id(arm), 0.0))
        return max(arm.noise, least * self._usual)

    def chance(self, arm: int, other: int | None = None) -> SeedChance | None:
        """The variance of an arm's mean, or its difference to another's, from seeds alone.

        Args:
            arm: position of a row's arm; one that was not trained has no such chance.
            other: likewise; None for the arm's own mean.

        Returns:
            None if neither was trained, or no arm of the row has several runs.
        """
        pair = [
            self._arms[each] for each in (arm, other) if each is not None and each in self._arms
        ]
        if not pair or not self._known:
            return None
        if len(pair) == 2 and are_paired(*pair):
            return self._of_paired(*pair)
        between = sum(self._between(each) / len(each.means) for each in pair)
        within = sum(self._within(each) / len(each.means) for each in pair)
        return SeedChance(between, within, self._apart.freedom)

    def planned(self, arm: int, other: int | None, seeds: int) -> SeedChance | None:
        """`chance` as it is expected to be once the arms have had so many runs, of the same seeds.

        Variances of a run stay as they are estimated now: those of the arms' means are these over
        the number of runs. What is pooled has as many degrees of freedom as all trained arms of
        the row give it then. Two arms are compared seed by seed; what they show of that by now are
        the seeds that both have.

        Args:
            arm: position of a row's arm.
            other: likewise; None for the arm's own mean.
            seeds: runs of each trained arm, at least 2.

        Returns:
            None as of `chance`.
        """
        pair = [
            self._arms[each] for each in (arm, other) if each is not None and each in self._arms
        ]
        if not pair or not self._known:
            return None
        if len(pair) == 2:
            expected = self._beside.ratio * sum(map(self._noise, pair))
            between, ratio = max(common_variance(*pair), expected), self._beside
        else:
            between, ratio = self._between(pair[0]), self._apart
        now = sum(len(each.means) - 1 for each in self._arms.values() if each.several)
        freedom = ratio.freedom * len(self._arms) * (seeds - 1) / now
        within = sum(map(self._within, pair))
        return SeedChance(between / seeds, within / seeds, freedom)

    def _of_paired(self, arm: Trained, other: Trained) -> SeedChance:
        """The variance for arms with the same seeds, from their differences seed by seed."""
        count = len(arm.means)
        own = float((arm.means - other.means).var(ddof=1))
        expected = self._beside.ratio * (self._noise(arm) + self._noise(other))
        within = (arm.noise + other.noise) / count
        return SeedChance(max(own, expected) / count, within, self._beside.freedom)

    def _between(self, arm: Trained) -> float:
        """Variance between the runs of an arm by itself."""
        own = arm.squares / (len(arm.means) - 1) if arm.several else 0.0
        return max(own, self._apart.ratio * self._noise(arm))

    def _within(self, arm: Trained) -> float:
        return arm.noise if arm.several else self._usual
