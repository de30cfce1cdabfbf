"""Chance in training: against analyses of variance and t-tests, by hand, and by properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hybench.statistics.clusters import row_scores
from hybench.statistics.paired_tests import FloatArray
from hybench.statistics.pooled_seeds import Trained
from hybench.statistics.seeds import SeedChance, SeedSpread, noise_of_seeds, relative_noise
from tests.comparison.tables import paired_of, row_of


def _noise(scores: FloatArray) -> float:
    row = row_scores([paired_of([scores])])
    return noise_of_seeds(row.runs[0], row.strata)


def _arm(*means: float, noise: float = 0.0, first: int = 0) -> Trained:
    return Trained(tuple(range(first, first + len(means))), np.array(means), noise)


def _chance(spread: SeedSpread, arm: int, other: int | None = None) -> SeedChance:
    found = spread.chance(arm, other)
    assert found is not None
    return found


def test_noise_is_the_residual_mean_square_of_queries_by_seeds() -> None:
    """By the sums of squares: total = queries + seeds + residual."""
    scores = np.random.default_rng(0).normal(size=(7, 3))
    mean = scores.mean()
    total = np.sum((scores - mean) ** 2)
    queries = 3 * np.sum((scores.mean(axis=1) - mean) ** 2)
    seeds = 7 * np.sum((scores.mean(axis=0) - mean) ** 2)
    assert _noise(scores) == pytest.approx((total - queries - seeds) / (6 * 2) / 7)


def test_a_seed_that_lifts_every_query_alike_makes_no_noise() -> None:
    scores = np.random.default_rng(1).uniform(size=(9, 1)) + np.array([0.0, 0.1, 0.4])
    assert _noise(scores) == 0, "nor do the last digits of floats"


def test_one_seed_or_one_query_has_no_noise() -> None:
    assert _noise(np.ones((4, 1))) == 0
    assert _noise(np.array([[0.1, 0.5]])) == 0


def test_over_languages_a_seed_is_one_model() -> None:
    """Seeds that lift one language and lower the other by as much do not move the mean."""
    base = np.random.default_rng(2).uniform(size=(12, 1))
    lift = np.array([0.0, 0.2, 0.4])
    up, down, still = base + lift, base - lift, base + 0 * lift
    alone = row_of([paired_of([up])], {0: (0, 1, 2)})
    both = row_of([paired_of([up]), paired_of([down])], {0: (0, 1, 2)})
    half = row_of([paired_of([up]), paired_of([still])], {0: (0, 1, 2)})
    variance = np.var(lift, ddof=1) / 3
    assert _chance(alone.spread, 0).variance == pytest.approx(variance)
    assert _chance(both.spread, 0).variance == pytest.approx(0, abs=1e-15)
    assert _chance(half.spread, 0).variance == pytest.approx(variance / 4)


def test_two_arms_of_the_same_seeds_are_a_paired_t_test() -> None:
    left, right = [0.51, 0.55, 0.50, 0.56], [0.42, 0.49, 0.47, 0.50]
    for noise in (0.0, 1e-5):
        spread = SeedSpread({0: _arm(*left, noise=noise), 1: _arm(*right, noise=noise)})
        chance = _chance(spread, 0, 1)
        theirs = stats.ttest_rel(left, right)
        assert chance.freedom == theirs.df
        error = np.sqrt(chance.variance + 2 * noise / 4)
        assert np.mean(np.subtract(left, right)) / error == pytest.approx(theirs.statistic)
        assert _chance(spread, 1, 0) == chance


def test_two_arms_of_other_seeds_are_a_pooled_t_test_or_their_own() -> None:
    """An arm has the pooled variance or its own, whichever is larger."""
    left, right = [0.51, 0.55, 0.50, 0.56], [0.42, 0.49, 0.47]
    spread = SeedSpread({0: _arm(*left), 1: _arm(*right, first=10)})
    chance = _chance(spread, 0, 1)
    own = [float(np.var(of, ddof=1)) for of in (left, right)]
    pooled = (3 * own[0] + 2 * own[1]) / 5
    assert own[0] < pooled < own[1]
    assert chance.variance == pytest.approx(pooled / 4 + own[1] / 3)
    assert chance.freedom == 5
    same = SeedSpread({0: _arm(0.1, 0.3, 0.2), 1: _arm(0.5, 0.6, 0.4, first=10)})
    theirs = stats.ttest_ind([0.1, 0.3, 0.2], [0.5, 0.6, 0.4])
    assert -0.3 / np.sqrt(_chance(same, 0, 1).variance) == pytest.approx(theirs.statistic)
    assert _chance(same, 0, 1).freedom == theirs.df


def test_an_arm_of_one_seed_borrows_from_the_others() -> None:
    """As much as its queries' spread does not hold already: a run's noise."""
    several = [0.5, 0.6, 0.7]
    for noise in (0.0, 0.004):
        spread = SeedSpread({0: _arm(*several, noise=noise), 1: _arm(0.4, first=7)})
        beyond = float(np.var(several, ddof=1)) - noise
        assert _chance(spread, 0).variance == pytest.approx(beyond / 3)
        assert _chance(spread, 1).variance == pytest.approx(beyond)
        both = _chance(spread, 0, 1)
        assert both.variance == pytest.approx(beyond / 3 + beyond)
        assert both.freedom == 2


def test_who_says_nothing_of_seeds() -> None:
    single = SeedSpread({0: _arm(0.5), 1: _arm(0.4)})
    assert single.chance(0, 1) is None
    assert single.chance(0) is None
    spread = SeedSpread({0: _arm(0.5, 0.6), 1: _arm(0.4, 0.5)})
    assert spread.chance(7) is None, "which was not trained"
    assert spread.chance(0, 7) == spread.chance(0)
    assert SeedSpread({}).chance(0, 1) is None


def test_an_arm_is_shaken_as_a_whole_as_it_is_in_single_queries() -> None:
    """The ratio is pooled: weighed by 1, 1 and 1/9, the three arms show a variance of .01."""
    still = [_arm(0.4, 0.5, 0.6, noise=0.001, first=10 * at) for at in range(2)]
    loud = _arm(0.2, 0.5, 0.8, noise=0.009, first=30)
    spread = SeedSpread(dict(enumerate([*still, loud])))
    assert _chance(spread, 0).variance == pytest.approx((0.01 - 0.001) / 3)
    assert _chance(spread, 2).variance == pytest.approx((0.09 - 0.009) / 3)
    assert _chance(spread, 0, 2).variance == pytest.approx((0.009 + 0.081) / 3)
    assert _chance(spread, 0, 2).freedom == 6
    # One that happened not to move is taken to be as shaken as its queries are.
    lucky = SeedSpread({0: still[0], 1: loud, 2: _arm(0.5, 0.5, 0.5, noise=0.003, first=50)})
    ratio = (2 * 0.01 / 0.001 + 2 * 0.09 / 0.009) / 6
    assert _chance(lucky, 2).variance == pytest.approx((ratio * 0.003 - 0.003) / 3)


def test_an_arm_without_noise_does_not_outweigh_all() -> None:
    """It counts as having a tenth of the usual."""
    spread = SeedSpread(
        {0: _arm(0.4, 0.5, 0.6, noise=0.0), 1: _arm(0.3, 0.5, 0.7, noise=0.02, first=10)}
    )
    usual = 0.01
    ratio = (0.02 / (0.1 * usual) + 0.08 / 0.02) / 4
    assert _chance(spread, 1).variance == pytest.approx((ratio * 0.02 - 0.02) / 2 * 2 / 3)


def test_what_a_seed_does_to_all_arms_cancels_in_their_differences() -> None:
    """And three arms of the same seeds that move as one say no more than one."""
    lifts = np.array([-0.1, 0.0, 0.1, 0.05])
    arms = {at: _arm(*(lifts + 0.1 * at), noise=1e-6) for at in range(3)}
    spread = SeedSpread(arms)
    between = _chance(spread, 0, 1)
    assert between.variance == pytest.approx(0, abs=1e-9)
    assert between.freedom == 2 * 3
    own = _chance(spread, 0)
    assert own.variance == pytest.approx((np.var(lifts, ddof=1) - 1e-6) / 4)
    assert own.freedom == pytest.approx(3, rel=1e-3)
    stranger = SeedSpread({**arms, 3: _arm(0.4, 0.5, 0.6, noise=1e-6, first=20)})
    assert _chance(stranger, 0, 3).variance > 3 * _chance(stranger, 0, 1).variance


def test_a_noisy_baseline_is_taken_out_of_what_its_arms_share() -> None:
    """Three arms with the seeds of a baseline that shakes 3 times as much.

    Paired differences to it all contain its runs: they are no three samples. By weighted least
    squares, what is left has (4 - 1)(3 - 1) degrees of freedom.
    """
    random = np.random.default_rng(0)
    noise = [0.0009, 0.0001, 0.0001, 0.0001]
    ratios = []
    for _ in range(300):
        common = random.normal(0, 0.1, 3)
        arms = {
            at: _arm(*(common + random.normal(0, np.sqrt(4 * each), 3)), noise=each)
            for at, each in enumerate(noise)
        }
        chance = _chance(SeedSpread(arms), 1, 2)
        assert chance.freedom == 6
        ratios.append((chance.variance * 3 + 0.0002) / 0.0002)
    # The larger of the pooled ratio, which is 4 on average, and the pair's own.
    assert 4 < np.mean(ratios) < 7


def test_runs_of_one_seed_are_not_paired() -> None:
    twice = Trained((0, 0, 1), np.array([0.5, 0.5, 0.6]), 0.0)
    spread = SeedSpread({0: twice, 1: Trained((0, 0, 1), np.array([0.4, 0.4, 0.5]), 0.0)})
    assert _chance(spread, 0, 1).variance == pytest.approx(2 * (0.02 / 3 / 2) / 3)


means = st.lists(st.floats(0, 1), min_size=1, max_size=5)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(means, st.floats(1e-6, 1e-2), st.booleans()), min_size=2, max_size=5),
    st.sampled_from([0.01, 1.0, 300.0]),
)
def test_chance_has_the_scores_unit_and_no_more_freedom_than_runs(
    arms: list[tuple[list[float], float, bool]], factor: float
) -> None:
    def spread(factor: float) -> SeedSpread:
        return SeedSpread(
            {
                at: _arm(
                    *(factor * np.array(values)),
                    noise=factor**2 * noise if len(values) > 1 else 0.0,
                    first=0 if shared else 10 * at,
                )
                for at, (values, noise, shared) in enumerate(arms)
            }
        )

    for pair in ((0, 1), (1, None)):
        one, scaled = spread(1.0).chance(*pair), spread(factor).chance(*pair)
        assert (one is None) == (scaled is None) == all(len(of) < 2 for of, _, _ in arms)
        if one is None or scaled is None:
            continue
        assert one.variance >= 0
        assert scaled.variance == pytest.approx(factor**2 * one.variance, rel=1e-6, abs=1e-12)
        assert scaled.freedom == pytest.approx(one.freedom)
        assert 0.99 <= one.freedom <= sum(len(of) - 1 for of, _, _ in arms)


def test_loudness_is_what_seeds_do_to_single_languages_beside_other_arms() -> None:
    """Two seeds, three languages: +d, 0, -d between them leaves squares of d²/4 twice and 0."""

    def arm(size: float) -> list[FloatArray]:
        moves = (size, 0.0, -size)
        return [np.full((5, 2), 0.5) + np.array([0.3, 0.3 + move]) for move in moves]

    quiet, loud = arm(0.1), arm(0.3)
    languages = [paired_of([quiet[at], loud[at]]) for at in range(3)]
    seeds = {0: (0, 1), 1: (0, 1)}
    found = relative_noise(languages, seeds)
    assert found == pytest.approx({0: 0.01 / 0.05, 1: 0.09 / 0.05})
    assert relative_noise(languages[:2], seeds) == {}, "too few languages"
    assert relative_noise(languages, {}) == {}
    still = [paired_of([np.full((5, 2), 0.5)] * 2)] * 3
    assert relative_noise(still, seeds) == {}


def test_an_arm_that_is_loud_in_languages_is_expected_to_be_so_as_a_whole() -> None:
    means = np.array([0.50, 0.51, 0.49])
    arms = {at: Trained((0, 1, 2), means + 0.01 * at, 1e-4) for at in range(3)}
    alike = SeedSpread(arms).chance(1)
    loud = SeedSpread(arms, {0: 0.5, 1: 9.0, 2: 0.5}).chance(1)
    assert alike is not None
    assert loud is not None
    assert loud.variance > 3 * alike.variance
