"""The seeds' level against an analysis of variance, Welch's test, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hybench.compare.seeds import (
    SeedMeans,
    over_languages,
    seed_chance,
    seed_means,
    with_seeds,
)
from hybench.compare.statistics import FloatArray, interval_p, percentile_interval, philox


def test_noise_is_the_residual_mean_square_of_queries_by_seeds() -> None:
    """By the sums of squares: total = queries + seeds + residual."""
    scores = np.random.default_rng(0).normal(size=(7, 3))
    mean = scores.mean()
    total = np.sum((scores - mean) ** 2)
    queries = 3 * np.sum((scores.mean(axis=1) - mean) ** 2)
    seeds = 7 * np.sum((scores.mean(axis=0) - mean) ** 2)
    found = seed_means(scores)
    assert found.noise == pytest.approx((total - queries - seeds) / (6 * 2) / 7)
    assert found.values == pytest.approx(scores.mean(axis=0))
    assert found.variance == pytest.approx(max(0, scores.mean(axis=0).var(ddof=1) - found.noise))


def test_a_seed_that_lifts_every_query_alike_makes_no_noise() -> None:
    scores = np.arange(5.0)[:, None] + np.array([0.0, 0.1, 0.4])
    found = seed_means(scores)
    assert found.noise == pytest.approx(0, abs=1e-25)
    assert found.variance == pytest.approx(np.var([0.0, 0.1, 0.4], ddof=1))


def test_one_seed_or_one_query_has_no_noise() -> None:
    assert seed_means(np.ones((4, 1))).noise == 0
    assert seed_means(np.array([[0.1, 0.5]])).noise == 0


def test_over_languages_a_seed_is_one_model() -> None:
    """Seeds that lift one language and lower the other by as much do not move the mean."""
    up, down = np.tile([0.0, 0.2, 0.4], (6, 1)), np.tile([0.4, 0.2, 0.0], (6, 1))
    both = over_languages([seed_means(up), seed_means(down)])
    assert both.values == pytest.approx([0.2, 0.2, 0.2])
    assert both.variance == pytest.approx(0)
    noisy = over_languages([SeedMeans(np.zeros(2), 0.04), SeedMeans(np.zeros(2), 0.08)])
    assert noisy.noise == pytest.approx(0.03)


def _arm(*values: float) -> SeedMeans:
    return SeedMeans(np.array(values), 0.0)


def test_two_arms_are_welchs_test() -> None:
    left, right = [0.51, 0.55, 0.50, 0.56], [0.42, 0.49, 0.47]
    chance = seed_chance([_arm(*left), _arm(*right)])
    assert chance is not None
    welch = stats.ttest_ind(left, right, equal_var=False)
    assert chance.freedom == pytest.approx(welch.df)
    difference = np.mean(left) - np.mean(right)
    assert difference / np.sqrt(chance.variance) == pytest.approx(welch.statistic)
    means = with_seeds(np.full(20_000, difference), chance, philox(1))
    assert interval_p(means) == pytest.approx(welch.pvalue, abs=0.01)


def test_an_arm_of_one_seed_borrows_from_the_other() -> None:
    several = [0.5, 0.6, 0.7]
    variance = np.var(several, ddof=1)
    chance = seed_chance([_arm(*several), _arm(0.4)])
    assert chance is not None
    assert chance.variance == pytest.approx(variance / 3 + variance)
    assert chance.freedom == pytest.approx(2)
    alone = seed_chance([_arm(*several)])
    assert alone is not None
    assert alone.variance == pytest.approx(variance / 3)
    assert seed_chance([_arm(0.5), _arm(0.4)]) is None
    assert seed_chance([]) is None


def test_without_seeds_the_queries_alone_count() -> None:
    means = np.linspace(0, 1, 50)
    assert with_seeds(means, None, philox(0)) is means
    still = seed_chance([_arm(0.5, 0.5), _arm(0.4, 0.4)])
    assert still is not None
    assert (still.variance, still.freedom) == (0, 2)
    assert np.array_equal(with_seeds(means, still, philox(0)), np.tile(means, 2))


def _covered(seeds: int, spread: float, interaction: float, trials: int = 400) -> float:
    """How often the interval of one arm's mean holds the truth, queries being fixed in number."""
    generator = np.random.default_rng(seeds)
    held = 0
    for trial in range(trials):
        scores = (
            generator.normal(0.5, 0.2, size=(150, 1))
            + generator.normal(0, spread, size=seeds)
            + generator.normal(0, interaction, size=(150, seeds))
        )
        held += _holds(scores, trial)
    return held / trials


def _holds(scores: FloatArray, trial: int) -> bool:
    # The queries' level is normal here: the bootstrap's own quality has its own tests.
    generator = philox(trial)
    per_query = scores.mean(axis=1)
    spread = per_query.std(ddof=1) / np.sqrt(len(per_query))
    means = generator.normal(per_query.mean(), spread, 500)
    low, high = percentile_interval(with_seeds(means, seed_chance([seed_means(scores)]), generator))
    return bool(low <= 0.5 <= high)


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize(("spread", "interaction"), [(0.05, 0.05), (0.01, 0.15), (0.0, 0.1)])
def test_the_interval_covers(seeds: int, spread: float, interaction: float) -> None:
    """95 % within four standard errors of 400 trials; where seeds do little, somewhat more."""
    covered = _covered(seeds, spread, interaction)
    error = np.sqrt(0.05 * 0.95 / 400)
    assert 0.95 - 4 * error <= covered <= 0.99


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=6),
    st.lists(st.floats(0, 1), min_size=1, max_size=6),
)
def test_freedom_lies_between_the_smaller_and_the_sum(
    left: list[float], right: list[float]
) -> None:
    chance = seed_chance([_arm(*left), _arm(*right)])
    assert chance is not None
    assert chance.variance >= 0
    degrees = [len(each) - 1 for each in (left, right) if len(each) > 1]
    assert min(degrees) - 1e-9 <= chance.freedom <= sum(degrees) + 1e-9


def test_more_arms_tell_together_how_far_seeds_move_one() -> None:
    still, usual, loud = _arm(0.50, 0.50, 0.50), _arm(0.4, 0.5, 0.6), _arm(0.1, 0.5, 0.9)
    pooled = float(np.mean([np.var(arm.values, ddof=1) for arm in (still, usual, loud)]))
    row = [still, usual, loud, _arm(0.7)]
    of_still, of_loud = (seed_chance([arm], row) for arm in (still, loud))
    assert of_still is not None
    assert of_loud is not None
    assert of_still.variance == pytest.approx(pooled / 3)
    assert of_loud.variance == pytest.approx(loud.variance / 3)
    assert of_still.freedom == of_loud.freedom == 6
    single = seed_chance([_arm(0.7)], row)
    assert single is not None
    assert single.variance == pytest.approx(pooled)
    both = seed_chance([still, loud], row)
    assert both is not None
    assert both.variance == pytest.approx(of_still.variance + of_loud.variance)


def test_a_table_of_two_arms_is_no_pool() -> None:
    pair = [_arm(0.51, 0.55, 0.50), _arm(0.42, 0.49, 0.47)]
    assert seed_chance(pair, pair) == seed_chance(pair)
