"""The statistics against a second implementation, by hand, and under the null."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hybench.compare.statistics import (
    EXACT_UP_TO,
    FloatArray,
    bootstrap_means,
    equivalence_p,
    exact_p,
    holm,
    interval_p,
    macro,
    paired_bootstrap,
    percentile_interval,
    philox,
    randomisation_test,
    sign_flip_means,
)


def _test(differences: Sequence[float], seed: int = 0, draws: int = 10_000) -> float:
    strata = [np.asarray(differences, dtype=np.float64)]
    return randomisation_test(strata, philox(seed), draws).p


def _scipy(differences: FloatArray, resamples: float, seed: int = 0) -> float:
    result = stats.permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        n_resamples=resamples,
        rng=np.random.default_rng(seed),
        vectorized=True,
    )
    return float(result.pvalue)


def test_five_of_one_sign_are_two_of_32() -> None:
    assert _test([0.1, 0.2, 0.3, 0.4, 0.5]) == 2 / 32
    assert _test([-0.1, -0.2, -0.3, -0.4, -0.5]) == 2 / 32
    assert _test([0.3]) == 1


def test_no_difference_has_p_one() -> None:
    assert _test([0.0] * 30) == 1
    assert _test([0.5, -0.5] * 10) == 1


def test_zeros_do_not_stop_the_enumeration() -> None:
    differences = [0.1, 0.2, 0.3, 0.4, 0.5]
    result = randomisation_test([np.array(differences + [0.0] * 100)], philox(0))
    assert result.exact
    assert (result.p, result.error, result.assignments) == (2 / 32, 0.0, 32)


@pytest.mark.parametrize("size", [3, 8, 12])
def test_exact_agrees_with_scipy(size: int) -> None:
    generator = np.random.default_rng(size)
    smooth = generator.normal(0.3, 1, size)
    rounded = generator.integers(-2, 4, size) / 3
    for differences in (smooth, rounded):
        assert _test(list(differences)) == pytest.approx(_scipy(differences, np.inf))


def test_drawn_agrees_with_scipy() -> None:
    generator = np.random.default_rng(4)
    for differences in (generator.normal(0.15, 1, 100), generator.integers(-1, 2, 80) / 1.0 + 0.1):
        result = randomisation_test([differences], philox(1), 20_000)
        assert not result.exact
        assert result.p == pytest.approx(_scipy(differences, 20_000), abs=6 * result.error + 1e-3)


def test_drawn_agrees_with_enumerated() -> None:
    differences = np.random.default_rng(9).normal(0.2, 1, EXACT_UP_TO)
    exact = exact_p([differences])
    assert exact is not None
    assert exact.assignments == 2**EXACT_UP_TO
    null = sign_flip_means(differences[:, None], philox(2), 50_000)[:, 0]
    drawn = (np.count_nonzero(np.abs(null) >= abs(differences.mean()) - 1e-12) + 1) / 50_001
    assert drawn == pytest.approx(exact.p, abs=0.01)


def test_ties_with_the_observed_count_as_hits() -> None:
    """Equal differences, 14 up and 4 down: a binomial test, if rounding loses no equal."""
    differences = np.array([0.1] * 14 + [-0.1] * 4)
    expected = 2 * stats.binom.cdf(4, 18, 0.5)
    result = randomisation_test([differences], philox(0), 50_000)
    assert not result.exact
    assert result.p == pytest.approx(expected, abs=5 * result.error)


def test_macro_average_weighs_languages_not_queries() -> None:
    """Statistic over two languages, enumerated by hand."""
    strata = [np.array([0.4, 0.2]), np.array([0.1, -0.3, 0.5])]
    weights = np.concatenate([strata[0] / 4, strata[1] / 6])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 5)).reshape(5, -1).T
    statistics = signs @ weights
    expected = np.mean(np.abs(statistics) >= abs(weights.sum()) - 1e-12)
    assert randomisation_test(strata, philox(0)).p == expected

    generator = np.random.default_rng(0)
    many = [generator.normal(0.1, 1, 60), generator.normal(0.1, 1, 200)]
    drawn = randomisation_test(many, philox(5), 20_000)
    scale = np.sqrt(sum(np.sum(stratum**2) / len(stratum) ** 2 for stratum in many)) / 2
    observed = np.mean([stratum.mean() for stratum in many])
    normal = 2 * stats.norm.sf(abs(observed) / scale)
    assert drawn.p == pytest.approx(normal, abs=0.02)


def test_level_under_the_null() -> None:
    """400 tests of nothing: the share below .05 stays within four standard errors of .05."""
    generator = np.random.default_rng(11)
    differences = generator.laplace(size=(40, 400))
    null = sign_flip_means(differences, philox(0), 999)
    observed = np.abs(differences.mean(axis=0))
    p = (np.count_nonzero(np.abs(null) >= observed - 1e-12, axis=0) + 1) / 1000
    assert abs(np.mean(p <= 0.05) - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 400)
    assert abs(np.mean(p <= 0.5) - 0.5) < 4 * np.sqrt(0.25 / 400)


def test_interval_covers_the_truth_nineteen_times_of_twenty() -> None:
    generator = np.random.default_rng(3)
    differences = generator.normal(0.2, 1, size=(80, 300))
    means = bootstrap_means(differences, philox(1), 1000)
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    covered = np.mean((low <= 0.2) & (high >= 0.2))
    assert 0.90 <= covered <= 0.985


def test_bootstrap_agrees_with_scipy() -> None:
    differences = np.random.default_rng(8).exponential(size=60) - 0.8
    low, high = paired_bootstrap([differences], philox(0), 20_000)
    theirs = stats.bootstrap(
        (differences,), np.mean, n_resamples=20_000, method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    assert low == pytest.approx(theirs.low, abs=0.01)
    assert high == pytest.approx(theirs.high, abs=0.01)


def test_bootstrap_resamples_within_languages() -> None:
    """A language without spread adds none, however unequal the languages are."""
    low, high = paired_bootstrap([np.full(50, 0.3), np.full(5, -0.1)], philox(0), 1000)
    assert low == pytest.approx(0.1)
    assert high == pytest.approx(0.1)


def test_blocks_do_not_change_the_width_of_the_result() -> None:
    wide = np.random.default_rng(0).normal(size=(30_000, 2))
    assert sign_flip_means(wide, philox(0), 25).shape == (25, 2)
    means = bootstrap_means(wide, philox(0), 25)
    assert means.shape == (25, 2)
    assert np.allclose(means.mean(axis=0), wide.mean(axis=0), atol=0.01)


def test_holm_by_hand() -> None:
    """Sorted .01 .02 .03 .04 times 4 3 2 1, each at least the one before."""
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


def _means(differences: FloatArray, resamples: int = 20_000) -> FloatArray:
    return bootstrap_means(differences[:, None], philox(0), resamples)[:, 0]


def test_equivalence_agrees_with_scipys_one_sided_tests() -> None:
    """Two t-tests against the ends of the margin, at several places inside and outside it."""
    noise = np.random.default_rng(3).normal(0, 0.3, 900)
    for shift in (-0.03, -0.01, 0.0, 0.005, 0.02, 0.05):
        differences = noise - noise.mean() + shift
        upper = stats.ttest_1samp(differences, 0.02, alternative="less").pvalue
        lower = stats.ttest_1samp(differences, -0.02, alternative="greater").pvalue
        p = equivalence_p(_means(differences), 0.02, [900], share=True)
        assert p == pytest.approx(max(upper, lower), abs=0.015)


def test_equivalent_at_05_is_a_90_percent_interval_inside_the_margin() -> None:
    means = _means(np.random.default_rng(4).normal(0.001, 0.3, 900))
    low, high = percentile_interval(means, 0.90)
    widest = max(-low, high)
    assert equivalence_p(means, widest * 1.02) < 0.05 < equivalence_p(means, widest * 0.98)


def test_queries_that_never_differ_do_not_prove_that_none_does() -> None:
    """The rule of three: 300 queries rule out a share of .01, 299 do not."""
    same = np.zeros(1000)
    assert equivalence_p(same, 0.01, [299], share=True) > 0.05
    assert equivalence_p(same, 0.01, [300], share=True) == pytest.approx(np.exp(-3))
    # A mean over two languages moves by .01 when .02 of the smaller one's queries differ.
    assert equivalence_p(same, 0.01, [150, 900], share=True) == pytest.approx(np.exp(-3))
    assert equivalence_p(same, 20.0, [40]) == 1 / 1001
    assert equivalence_p(same, 0.0, [40]) == 1


def test_p_of_an_interval_is_that_which_just_reaches_zero() -> None:
    means = _means(np.random.default_rng(5).normal(0.05, 0.4, 300))
    p = interval_p(means)
    low, high = percentile_interval(means, 1 - p * 1.02)
    assert low > 0
    low, high = percentile_interval(means, 1 - p * 0.98)
    assert low < 0 < high
    assert interval_p(-means) == p
    assert interval_p(np.zeros(10)) == 1
    assert interval_p(np.ones(999)) == 2 / 1000


def test_generators_differ_by_name_and_seed() -> None:
    draws = {
        tuple(philox(seed, *names).integers(0, 2**32, 4))
        for seed, names in [(0, ()), (1, ()), (0, ("a",)), (0, ("ab",)), (0, ("a", "b"))]
    }
    assert len(draws) == 5
    assert philox(3, "yo").random() == philox(3, "yo").random()


def test_macro_and_interval() -> None:
    distribution = macro([np.zeros((3, 1)), np.full((3, 1), 2.0)])
    assert distribution.tolist() == [[1.0]] * 3
    assert percentile_interval(np.linspace(0, 1, 1001)) == pytest.approx((0.025, 0.975))


values = st.integers(-20, 20).map(lambda value: value / 20)


@settings(max_examples=60, deadline=None)
@given(st.lists(values, min_size=1, max_size=40))
def test_p_is_a_probability_and_symmetric(differences: list[float]) -> None:
    p = _test(differences, draws=200)
    assert 0 < p <= 1
    assert _test([-value for value in differences], draws=200) == p


@settings(max_examples=60, deadline=None)
@given(st.lists(values, min_size=1, max_size=40), st.sampled_from([1e-3, 0.7, 3.0, 410.0]))
def test_p_does_not_depend_on_the_unit(differences: list[float], factor: float) -> None:
    scaled = [value * factor for value in differences]
    assert _test(scaled, draws=200) == _test(differences, draws=200)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=30))
def test_holm_never_lowers_and_keeps_the_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(after >= before for before, after in zip(p_values, adjusted, strict=True))
    assert all(after <= min(1, before * len(p_values) + 1e-12)
               for before, after in zip(p_values, adjusted, strict=True))  # fmt: skip
    order = np.argsort(p_values, kind="stable")
    assert np.all(np.diff(np.asarray(adjusted)[order]) >= 0)
