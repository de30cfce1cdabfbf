"""Differences between two arms in a row of the table, with tests and intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hybench.comparison.model import Difference
from hybench.comparison.units import metric_style
from hybench.statistics import paired_tests as statistics
from hybench.statistics.clusters import ROUNDING, Moments, RowScores
from hybench.statistics.intervals import FEWEST, Estimate, equivalence_p
from hybench.statistics.paired_tests import ALPHA, FloatArray
from hybench.statistics.power import detectable_difference, effect_size, needed_sources
from hybench.statistics.seeds import SeedChance, SeedSpread


@dataclass(frozen=True)
class Question:
    """What to compute from the scores, and with how many draws.

    Attributes:
        metric: its name.
        baseline: position of the baseline among the arms; None to compare nothing.
        seeds: of the runs of an arm, in their order, by the position of an arm that was trained.
        margin: differences smaller than this, in the metric's unit, do not matter; 0: unknown.
        draws: sign assignments.
        seed: of them.
    """

    metric: str
    baseline: int | None
    seeds: Mapping[int, tuple[int, ...]]
    margin: float
    draws: int
    seed: int


@dataclass(frozen=True)
class ArmsOfRow:
    """The arms of a row, with the estimates of their means and differences.

    Attributes:
        scores: of its arms, by source.
        spread: of the seeds of its arms.
    """

    scores: RowScores
    spread: SeedSpread

    def estimate(self, arm: int, other: int | None = None) -> Estimate | None:
        """An arm's mean, or its difference to another's, with chance in sources and seeds.

        Args:
            arm: position among all arms; the row has it.
            other: likewise; None for the arm's own mean.

        Returns:
            None with a single source.
        """
        places = [self.scores.arms.index(each) for each in (arm, other) if each is not None]
        moments = self.scores.moments(*places)
        return None if moments is None else self._estimate(places, moments, self._chance(places))

    def with_interval(self, arm: int, other: int) -> Estimate | None:
        """The estimate of a difference; None where it has no interval.

        Args:
            arm: position among all arms; the row has it.
            other: likewise.
        """
        at, beside = (self.scores.arms.index(each) for each in (arm, other))
        differing = int(np.count_nonzero(self.scores.differences(at, beside)))
        return _with_interval(self.estimate(arm, other), differing)

    def _chance(self, places: Sequence[int]) -> SeedChance | None:
        return self.spread.chance(*(self.scores.arms[at] for at in places))

    def _estimate(
        self, places: Sequence[int], moments: Moments, chance: SeedChance | None
    ) -> Estimate:
        value = float(self.scores.differences(*places).sum())
        known = moments.variance + (0.0 if chance is None else chance.variance)
        least = ROUNDING * max(np.abs(self.scores.means[at]).max() for at in places)
        if known <= least**2:  # rounding left by subtracting equal numbers
            return Estimate(value, 0.0, 0.0, moments.freedom)
        found = Estimate(value, moments.variance, moments.third, moments.freedom)
        if chance is None:
            return found
        seeds, weights = chance.variances()
        return replace(found, seeds=seeds, weights=weights)


@dataclass(frozen=True)
class RowOfArms(ArmsOfRow):
    """A row, ready to compare any two of its arms.

    Attributes:
        null: f64 [draws, arms], means under random signs; only differences of columns are
            meaningful.
    """

    null: FloatArray

    def difference(self, arm: int, other: int, question: Question) -> Difference:
        """One arm minus another, not corrected yet.

        Args:
            arm: position among all arms; the row has it.
            other: likewise.
            question: metric and margin.
        """
        at, beside = (self.scores.arms.index(each) for each in (arm, other))
        parts = self.scores.differences(at, beside)
        tested = statistics.exact_p(parts) or statistics.monte_carlo_p(
            parts, self.null[:, at] - self.null[:, beside]
        )
        differing = int(np.count_nonzero(parts))
        chance = self._chance((at, beside))
        moments = self.scores.moments(at, beside)
        estimate = None if moments is None else self._estimate((at, beside), moments, chance)
        shown = _with_interval(estimate, differing)
        p_seeds = None if chance is None or estimate is None else estimate.p()
        low, high = (None, None) if shown is None else shown.interval()
        return Difference(
            value=float(parts.sum()),
            low=low,
            high=high,
            p=tested.p,
            p_error=tested.error,
            exact=tested.exact,
            p_holm=tested.p,
            significant=False,
            detectable=None if shown is None else detectable_difference(shown),
            effect=effect_size(float(parts.sum()), moments),
            p_equivalence=equivalence_p(
                estimate,
                question.margin,
                differing=differing,
                units=self.scores.strata.units,
                share=metric_style(question.metric).share,
            ),
            needed=None
            if shown is None
            else needed_sources(len(parts), shown, question.margin, chance),
            p_seeds=p_seeds,
            outcome="undecided" if differing >= FEWEST else "too-few" if differing else "identical",
            differing=differing,
            floor=tested.floor and (p_seeds or 0.0) <= tested.p,
        )


def _with_interval(estimate: Estimate | None, differing: int) -> Estimate | None:
    """The estimate, if something varied and enough sources differ."""
    return None if estimate is None or estimate.certain or differing < FEWEST else estimate


def raw_p(difference: Difference) -> float:
    """The p that is corrected: the larger of the two tests'."""
    return max(difference.p, difference.p_seeds or 0.0)


def correct(found: Sequence[Difference], metric: str) -> list[Difference]:
    """The differences with Holm's correction over all of them, and their outcomes.

    The tests of a difference, and those of equivalence, are corrected as a family each.
    """
    differ = statistics.holm([raw_p(each) for each in found])
    same = statistics.holm([each.p_equivalence for each in found])
    return [
        _decided(difference, p, p_same, metric)
        for difference, p, p_same in zip(found, differ, same, strict=True)
    ]


def _decided(
    difference: Difference, p_holm: float, p_equivalence: float, metric: str
) -> Difference:
    outcome = difference.outcome
    if p_holm <= ALPHA:
        up = (difference.value > 0) != metric_style(metric).lower_is_better
        outcome = "better" if up else "worse"
    elif outcome != "identical" and p_equivalence <= ALPHA:
        outcome = "equivalent"
    return replace(
        difference,
        p_holm=p_holm,
        p_equivalence=p_equivalence,
        significant=p_holm <= ALPHA,
        outcome=outcome,
        floor=difference.floor and p_holm < 1,
    )


def depends_on_draws(difference: Difference) -> bool:
    """Whether other draws could change the decision: alpha is within two standard errors of p."""
    raw = raw_p(difference)
    if difference.exact or raw > difference.p:
        return False
    reach = 2 * difference.p_error * difference.p_holm / raw
    return abs(difference.p_holm - ALPHA) <= reach and difference.p_holm < 1
