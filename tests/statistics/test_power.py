"""Effect sizes, what can be detected, and how many queries it would take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hybench.comparison.differences import ArmsOfRow
from hybench.statistics.clusters import Moments, row_scores
from hybench.statistics.intervals import Estimate
from hybench.statistics.paired_tests import FloatArray, monte_carlo_p, philox, sign_flip_sums
from hybench.statistics.pooled_seeds import Trained
from hybench.statistics.power import (
    MOST_SEEDS,
    detectable_difference,
    effect_size,
    needed_seeds,
    needed_sources,
    planned_estimate,
)
from hybench.statistics.seeds import SeedChance, SeedSpread
from tests.comparison.tables import paired_of, row_of


def _two(*languages: FloatArray) -> tuple[Moments | None, Estimate | None]:
    """Of a row of languages whose sources are their own, from differences of two arms."""
    paired, start = [], 0
    for differences in languages:
        zeros = np.zeros((len(differences), 1))
        sources = range(start, start + len(differences))
        paired.append(paired_of([zeros, differences[:, None]], sources))
        start += len(differences)
    return row_scores(paired).moments(1, 0), row_of(paired).estimate(1, 0)


def _with_seeds(estimate: Estimate, variance: float) -> tuple[Estimate, SeedChance]:
    """The same with chance in training, as of very many seeds."""
    chance = SeedChance(variance, 0.0, 1e9)
    seeds, weights = chance.variances()
    return replace(estimate, seeds=seeds, weights=weights), chance


def test_effect_size_is_the_mean_in_standard_deviations() -> None:
    differences = np.array([0.1, 0.3, 0.2, 0.0, 0.4])
    moments, _ = _two(differences)
    assert effect_size(0.2, moments) == pytest.approx(0.2 / differences.std(ddof=1))
    moments, _ = _two(differences, differences + 0.2)
    assert effect_size(0.3, moments) == pytest.approx(0.3 / differences.std(ddof=1))
    assert effect_size(0.1, _two(np.full(9, 0.1))[0]) is None
    assert effect_size(0.3, _two(np.array([0.3]))[0]) is None


def test_effect_size_is_that_of_sources() -> None:
    """Four translations of each query say the same: the spread is that of one."""
    differences = np.array([0.1, 0.3, 0.2, 0.0, 0.4])
    parallel = row_scores([paired_of([np.zeros((5, 1)), differences[:, None]])] * 4)
    expected = 0.2 / differences.std(ddof=1)
    assert effect_size(0.2, parallel.moments(1, 0)) == pytest.approx(expected)


def test_detectable_difference() -> None:
    """(t(.975) + t(.80)) standard errors: 1.984 and .845 at 99 degrees of freedom."""
    differences = np.array([0.0, 0.2] * 50)
    error = differences.std(ddof=1) / 10
    _, estimate = _two(differences)
    assert estimate is not None
    assert detectable_difference(estimate) == pytest.approx((1.984217 + 0.845267) * error)
    seeds, _ = _with_seeds(replace(estimate, freedom=1e9), error**2)
    assert detectable_difference(seeds) == pytest.approx(2.801585 * error * np.sqrt(2))
    assert _two(np.array([0.3]))[1] is None


@pytest.mark.parametrize("freedom", [5, 20, 118, 1000])
def test_a_t_test_finds_it_with_80_percent_power(freedom: int) -> None:
    """By the noncentral t distribution."""
    size = detectable_difference(Estimate(0.0, 1.0, 0.0, freedom))
    reach = stats.t.ppf(0.975, freedom)
    assert stats.nct.sf(reach, freedom, size) == pytest.approx(0.8, abs=0.01)


def test_a_randomisation_test_finds_it_with_80_percent_power() -> None:
    n = 60
    size = detectable_difference(Estimate(0.0, 1 / n, 0.0, n - 1))
    differences = np.random.default_rng(2).normal(size, 1, size=(n, 400))
    null = sign_flip_sums(differences, philox(0), 999)
    p = [monte_carlo_p(own, drawn).p for own, drawn in zip(differences.T, null.T, strict=True)]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.8, abs=4 * np.sqrt(0.8 * 0.2 / 400))


def test_needed_sources() -> None:
    """The textbook's (2.83 sd / margin)²; with seeds, more of them, and at last none will do."""
    differences = np.array([0.0, 0.2] * 50)
    spread = differences.std(ddof=1)
    _, estimate = _two(differences)
    assert estimate is not None
    reach = 1.984217 + 0.845267
    needed = needed_sources(100, estimate, 0.01)
    assert needed == np.ceil((reach * spread / 0.01) ** 2)
    most = (0.01 / reach) ** 2
    of_seeds, chance = _with_seeds(estimate, most / 2)
    half = needed_sources(100, of_seeds, 0.01, chance)
    assert half == pytest.approx(2 * (reach * spread / 0.01) ** 2, abs=2)
    too_many, chance = _with_seeds(estimate, most * 1.001)
    assert needed_sources(100, too_many, 0.01, chance) is None
    assert needed_sources(100, estimate, 0.0) is None
    _, nothing = _two(np.zeros(50))
    assert nothing is not None
    assert needed_sources(50, nothing, 0.01) is None


spreads = st.lists(st.floats(-1, 1), min_size=2, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(spreads, min_size=1, max_size=4), st.floats(0.005, 0.2), st.floats(0, 1e-4))
def test_what_is_needed_is_more_than_there_is_where_less_is_detectable(
    languages: list[list[float]], margin: float, seeds: float
) -> None:
    _, estimate = _two(*map(np.array, languages))
    assert estimate is not None
    with_seeds, chance = _with_seeds(estimate, seeds)
    sources = sum(map(len, languages))
    needed = needed_sources(sources, with_seeds, margin, chance)
    if needed is not None:
        detectable = detectable_difference(with_seeds)
        assert (needed > sources) == (detectable > margin) or needed == sources


QUERIES, ARMS = 150, 6


def _world(random: np.random.Generator, seeds: int, shift: float, gain: float = 0.0) -> ArmsOfRow:
    """A row of arms of the same seeds; the second is better than the first by `gain`.

    Args:
        random: source of the scores.
        seeds: of each arm.
        shift: standard deviation of what a seed does to an arm as a whole.
        gain: of the second arm.
    """
    base = random.normal(0.5, 0.2, (QUERIES, 1))
    common = random.normal(0, shift, seeds)
    runs = [
        base
        + common
        + gain * (arm == 1)
        + random.normal(0, shift, seeds)
        + random.normal(0, 0.1, (QUERIES, 1))
        + random.normal(0, 0.1, (QUERIES, seeds))
        for arm in range(ARMS)
    ]
    return row_of([paired_of(runs)], dict.fromkeys(range(ARMS), tuple(range(seeds))))


def _planned(row: ArmsOfRow, seeds: int) -> Estimate:
    estimate = row.estimate(1, 0)
    assert estimate is not None
    found = planned_estimate(estimate, row.spread, (1, 0), seeds)
    assert found is not None
    return found


@pytest.mark.parametrize("shift", [0.005, 0.03])
def test_as_many_seeds_as_were_planned_find_what_was_said_with_80_percent_power(
    shift: float,
) -> None:
    """Said of three seeds, on average, and found in other worlds of nine.

    A little more is said than normal theory has: a pair's own spread counts where it is larger.
    """
    random = np.random.default_rng(4)
    trials, then = 120, 9
    sizes = [detectable_difference(_planned(_world(random, 3, shift), then)) for _ in range(trials)]
    variance = 2 * (0.1**2 / QUERIES * (1 + 1 / then) + shift**2 / then)
    assert 1 <= np.mean(sizes) / (2.8 * np.sqrt(variance)) <= 1.15
    found = 0
    for _ in range(trials):
        estimate = _world(random, then, shift, float(np.mean(sizes))).estimate(1, 0)
        assert estimate is not None
        found += estimate.p() <= 0.05
    assert found / trials == pytest.approx(0.8, abs=3 * np.sqrt(0.8 * 0.2 / trials))


def test_with_the_seeds_that_there_are_nothing_changes() -> None:
    row = _world(np.random.default_rng(0), 3, 0.02)
    estimate = row.estimate(1, 0)
    assert estimate is not None
    assert detectable_difference(_planned(row, 3)) == pytest.approx(detectable_difference(estimate))


def test_needed_seeds() -> None:
    """The fewest that suffice; none if the queries alone vary too much, or seeds are not known."""
    row = _world(np.random.default_rng(0), 3, 0.02)
    estimate = row.estimate(1, 0)
    assert estimate is not None
    sizes = {count: detectable_difference(_planned(row, count)) for count in range(2, 20)}
    assert sorted(sizes.values(), reverse=True) == list(sizes.values())
    for count in (2, 7, 19):
        assert needed_seeds(estimate, row.spread, (1, 0), sizes[count]) == count
    least = detectable_difference(_planned(row, MOST_SEEDS))
    assert needed_seeds(estimate, row.spread, (1, 0), least * 0.999) is None
    assert needed_seeds(estimate, row.spread, (1, 0), 0.0) is None
    once = _world(np.random.default_rng(0), 1, 0.02)
    alone = once.estimate(1, 0)
    assert alone is not None
    assert planned_estimate(alone, once.spread, (1, 0), 3) is None
    assert needed_seeds(alone, once.spread, (1, 0), 1.0) is None


def test_seeds_of_two_arms_are_compared_where_both_have_them() -> None:
    """Chance of seeds alone: of three and two runs, the two that are of the same seeds."""
    three = Trained((0, 1, 2), np.array([0.1, 0.3, 0.2]), 0.0)
    two = Trained((0, 1), np.array([0.2, 0.2]), 0.0)
    found = SeedSpread({0: three, 1: two}).planned(0, 1, 4)
    assert found is not None
    assert found.between == pytest.approx(np.var([-0.1, 0.1], ddof=1) / 4)
    assert found.within == 0
    assert found.freedom == pytest.approx(3.0 * 2 * 3 / 3)
    base = SeedSpread({0: three}).planned(0, None, 6)
    assert base is not None
    assert base.between == pytest.approx(0.01 / 6)
    assert base.freedom == pytest.approx(2 * 5 / 2)
