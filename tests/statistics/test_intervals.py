"""Intervals, their p, and equivalence: against scipy's t-tests, by hand, and exactly enumerated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hybench.statistics.intervals import (
    FEWEST,
    Estimate,
    equivalence_p,
    inverse_chi_square,
    rare_differences_p,
    t_quantile,
)
from hybench.statistics.paired_tests import FloatArray
from tests.comparison.tables import paired_of, row_of


def _estimate(differences: FloatArray) -> Estimate:
    found = row_of([paired_of([np.zeros((len(differences), 1)), differences[:, None]])])
    estimate = found.estimate(1, 0)
    assert estimate is not None
    return estimate


def test_students_t_is_scipys() -> None:
    for freedom in (1.0, 2.7, 30.0, 1e6):
        for level in (0.025, 0.5, 0.8, 0.975):
            assert t_quantile(level, freedom) == pytest.approx(stats.t.ppf(level, freedom))


@pytest.mark.parametrize("freedom", [1.0, 2.0, 3.5, 10.0, 200.0])
def test_a_variance_that_only_few_runs_tell_gives_students_t(freedom: float) -> None:
    """A normal of unknown variance, integrated over what it may be, is Student's t (Gosset)."""
    factors, weights = inverse_chi_square(freedom)
    assert weights.sum() == pytest.approx(1)
    estimate = Estimate(0.0, 1e-12, 0.0, 1e9, factors, weights)
    for level in (0.8, 0.975, 0.995, 0.9999):
        expected = stats.t.ppf(level, freedom)
        assert estimate.quantile(level) == pytest.approx(expected, rel=0.02)
    for value in (0.5, 2.0, 8.0):
        moved = Estimate(value, 1e-12, 0.0, 1e9, factors, weights)
        assert moved.p() == pytest.approx(2 * stats.t.sf(value, freedom), rel=0.05)


def test_what_seeds_may_add_makes_the_interval_wider_and_p_larger() -> None:
    factors, weights = inverse_chi_square(4.0)
    alone = Estimate(0.3, 0.01, 0.0, 60.0)
    added = Estimate(0.3, 0.01, 0.0, 60.0, 0.01 * factors, weights)
    assert alone.quantile(0.975) == pytest.approx(0.1 * stats.t.ppf(0.975, 60))
    assert added.quantile(0.975) > 1.4 * alone.quantile(0.975)
    assert added.p() > alone.p()
    assert added.p_below(0.6) > alone.p_below(0.6)
    low, high = added.interval(1 - added.p())
    assert min(abs(low), abs(high)) == pytest.approx(0, abs=1e-6)


def test_seeds_that_add_nothing_change_nothing() -> None:
    alone = Estimate(0.3, 0.01, 0.0, 60.0)
    with_zeros = Estimate(0.3, 0.01, 0.0, 60.0, np.zeros(4), np.full(4, 0.25))
    assert with_zeros.interval() == pytest.approx(alone.interval())
    assert with_zeros.p() == pytest.approx(alone.p())
    assert not with_zeros.certain
    assert Estimate(0.3, 0.0, 0.0, 60.0, np.zeros(4), np.full(4, 0.25)).certain


@settings(max_examples=60, deadline=None)
@given(st.floats(-3, 3), st.floats(0.01, 4), st.floats(1, 200))
def test_p_of_an_interval_is_that_which_just_reaches_zero(
    value: float, variance: float, freedom: float
) -> None:
    estimate = Estimate(value, variance, 0.0, freedom)
    p = estimate.p()
    if p < 1e-6:
        return
    low, high = estimate.interval(1 - p)
    assert min(abs(low), abs(high)) == pytest.approx(0, abs=1e-6)
    assert Estimate(-value, variance, 0.0, freedom).p() == p


def test_nothing_varies() -> None:
    assert Estimate(0.0, 0.0, 0.0, 9).p() == 1
    assert Estimate(0.3, 0.0, 0.0, 9).p() == 0
    assert Estimate(0.3, 0.0, 0.0, 9).p_below(0.4) == 0
    assert Estimate(0.3, 0.0, 0.0, 9).p_below(0.3) == 1
    assert Estimate(0.3, 0.0, 0.0, 9).interval() == (0.3, 0.3)


@pytest.mark.filterwarnings("error")
def test_nothing_varies_if_seeds_add_nothing() -> None:
    """At some nodes seeds may add nothing: there the estimate is certain, and no 0 / 0."""
    seeds, weights = np.array([0.0, 0.01]), np.array([0.25, 0.75])
    none = Estimate(0.0, 0.0, 0.0, 10.0, seeds, weights)
    assert none.p() == 1.0
    assert none.p_below(0.0) == pytest.approx(0.5)
    some = Estimate(0.2, 0.0, 0.0, 10.0, seeds, weights)
    t = stats.t.sf(0.2 / 0.1, 10)
    assert some.p() == pytest.approx(2 * 0.75 * t)
    assert some.p_above(0.0) == pytest.approx(0.75 * t)
    assert some.p_below(0.0) == pytest.approx(0.25 + 0.75 * (1 - t))


def test_one_sided_p_without_skewness_is_students() -> None:
    noise = np.random.default_rng(3).normal(0, 0.3, 450)
    symmetric = np.concatenate([noise, -noise])
    for shift in (-0.03, -0.01, 0.0, 0.005, 0.02, 0.05):
        estimate = _estimate(symmetric + shift)
        below = stats.ttest_1samp(symmetric + shift, 0.02, alternative="less").pvalue
        above = stats.ttest_1samp(symmetric + shift, -0.02, alternative="greater").pvalue
        assert estimate.p_below(0.02) == pytest.approx(below, abs=1e-9)
        assert estimate.p_above(-0.02) == pytest.approx(above, abs=1e-9)
        found = equivalence_p(estimate, 0.02, differing=900, units=900, share=True)
        assert found == pytest.approx(max(below, above), abs=1e-9)


def test_halls_correction_by_hand() -> None:
    """t = -2, skewness of the mean .3: -2 + .3 * 4 / 3 - .09 * 8 / 27 + .05 = -1.5767."""
    estimate = Estimate(0.0, 0.01, 0.3 * 0.1**3, 20.0)
    assert estimate.p_below(0.2) == pytest.approx(stats.t.cdf(-1.576667, 20), rel=1e-5)
    turned = Estimate(0.0, 0.01, -0.3 * 0.1**3, 20.0)
    assert turned.p_above(-0.2) == pytest.approx(estimate.p_below(0.2))
    assert turned.p_below(0.2) == pytest.approx(stats.t.cdf(-2, 20)), "never smaller than Student's"


def test_a_skewed_mean_is_not_below_its_truth_too_often() -> None:
    """Twenty exponential values: Student's test errs in one of eight, the corrected in fewer."""
    random = np.random.default_rng(0)
    trials = 1500
    values = random.exponential(size=(trials, 20))
    student = stats.ttest_1samp(values, 1.0, axis=1, alternative="less").pvalue
    corrected = np.array([_estimate(each).p_below(1.0) for each in values])
    assert np.mean(student <= 0.05) > 0.10
    assert np.mean(corrected <= 0.05) < 0.09
    assert np.all(corrected >= student - 1e-12)


def test_queries_that_never_differ_do_not_prove_that_none_does() -> None:
    """The rule of three: .99^n falls below .05 between 298 and 299 queries."""

    def p(units: float, margin: float = 0.01, *, share: bool = True) -> float:
        return equivalence_p(Estimate(0, 0, 0, 9), margin, differing=0, units=units, share=share)

    assert p(298) == pytest.approx(0.99**298)
    assert p(298) > 0.05 > p(299)
    assert p(300 - 1e-11) == pytest.approx(0.99**300), "weights add up to 300 but for rounding"
    assert p(40, 20.0, share=False) == 1, "of what has no bounds, agreement says nothing"
    assert p(1000, 0.0) == 1
    assert equivalence_p(None, 0.01, differing=1, units=1, share=True) == 1


@pytest.mark.parametrize("differing", range(FEWEST))
def test_of_few_that_differ_only_their_number_counts(differing: int) -> None:
    differences = np.zeros(900)
    differences[:differing] = 0.001
    p = equivalence_p(_estimate(differences), 0.01, differing=differing, units=900, share=True)
    assert p == pytest.approx(stats.binom.cdf(differing, 900, 0.01))


def test_many_that_differ_still_leave_open_what_none_of_them_showed() -> None:
    """Half of 200 queries differ by a thousandth: .99^200 remains."""
    differences = np.array([0.001, -0.001, 0.0, 0.0] * 50)
    p = equivalence_p(_estimate(differences), 0.01, differing=100, units=200, share=True)
    assert p == pytest.approx(0.99**200)
    assert rare_differences_p(200, 200, 0.01) == 1


@pytest.mark.parametrize(("queries", "most"), [(119, 0), (482, 8)])
def test_rare_large_differences_are_not_called_none(queries: int, most: int) -> None:
    """A share .03 of queries is better by 1, so the difference is .03, and so is the margin.

    Every number of such queries, by its probability. The best that can be done is to call them
    equivalent up to the largest number that .05 of the sets do not exceed.
    """
    called, false = [], 0.0
    for better in range(queries + 1):
        differences = np.zeros(queries)
        differences[:better] = 1.0
        estimate = _estimate(differences)
        p = equivalence_p(estimate, 0.03, differing=better, units=queries, share=True)
        if p <= 0.05:
            called.append(better)
            false += stats.binom.pmf(better, queries, 0.03)
    assert called == list(range(most + 1))
    assert false <= 0.05
    assert stats.binom.cdf(most + 1, queries, 0.03) > 0.05
