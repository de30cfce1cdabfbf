"""Randomisation tests against a second implementation, by hand, and under the null."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hybench.statistics.intervals import FEWEST
from hybench.statistics.paired_tests import (
    EXACT_UP_TO,
    FloatArray,
    exact_p,
    holm,
    monte_carlo_p,
    philox,
    randomisation_test,
    sign_flip_sums,
)


def _test(differences: Sequence[float], seed: int = 0, draws: int = 10_000) -> float:
    return randomisation_test(np.asarray(differences, dtype=np.float64), philox(seed), draws).p


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


def test_the_fewest_for_a_verdict_are_those_that_can_be_significant() -> None:
    assert _test([0.4] * (FEWEST - 1)) > 0.05
    assert _test([0.4] * FEWEST) <= 0.05


def test_no_difference_has_p_one() -> None:
    assert _test([0.0] * 30) == 1
    assert _test([0.5, -0.5] * 10) == 1


def test_zeros_do_not_stop_the_enumeration() -> None:
    differences = [0.1, 0.2, 0.3, 0.4, 0.5]
    result = randomisation_test(np.array(differences + [0.0] * 100), philox(0))
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
        result = randomisation_test(differences, philox(1), 20_000)
        assert not result.exact
        assert result.p == pytest.approx(_scipy(differences, 20_000), abs=6 * result.error + 1e-3)


def test_drawn_agrees_with_enumerated() -> None:
    differences = np.random.default_rng(9).normal(0.2, 1, EXACT_UP_TO)
    exact = exact_p(differences)
    assert exact is not None
    assert exact.assignments == 2**EXACT_UP_TO
    drawn = monte_carlo_p(
        differences, sign_flip_sums(differences[:, None], philox(2), 50_000)[:, 0]
    )
    assert drawn.p == pytest.approx(exact.p, abs=4 * drawn.error)
    assert drawn.error == pytest.approx(np.sqrt(exact.p * (1 - exact.p) / 50_000), rel=0.05)
    assert exact_p(np.ones(EXACT_UP_TO + 1)) is None


def test_ties_with_the_observed_count_as_hits() -> None:
    """Equal differences, 14 up and 4 down: a binomial test, if rounding loses no equal."""
    differences = np.array([0.1] * 14 + [-0.1] * 4)
    expected = 2 * stats.binom.cdf(4, 18, 0.5)
    result = randomisation_test(differences, philox(0), 50_000)
    assert not result.exact
    assert result.p == pytest.approx(expected, abs=5 * result.error)


def test_a_drawn_p_at_its_floor_says_so() -> None:
    far, near = np.ones(100), np.array([1.0, -1.0] * 50)
    found = randomisation_test(far, philox(0), 999)
    assert (found.p, found.floor) == (1 / 1000, True)
    assert not randomisation_test(near, philox(0), 999).floor
    assert not randomisation_test(np.ones(10), philox(0)).floor, "exact p have no floor"


def test_level_under_the_null() -> None:
    """400 tests of nothing: the share below .05 stays within four standard errors of .05."""
    generator = np.random.default_rng(11)
    differences = generator.laplace(size=(40, 400))
    null = sign_flip_sums(differences, philox(0), 999)
    p = np.array(
        [monte_carlo_p(own, drawn).p for own, drawn in zip(differences.T, null.T, strict=True)]
    )
    assert abs(np.mean(p <= 0.05) - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 400)
    assert abs(np.mean(p <= 0.5) - 0.5) < 4 * np.sqrt(0.25 / 400)


def test_signs_are_fair_and_shared_by_all_columns() -> None:
    """In blocks or not: sums have mean 0 and the variance of so many signs."""
    wide = np.random.default_rng(0).normal(size=(30_000, 2))
    sums = sign_flip_sums(np.column_stack([wide, wide[:, 0] - wide[:, 1]]), philox(0), 25)
    assert sums.shape == (25, 3)
    assert sums[:, 2] == pytest.approx(sums[:, 0] - sums[:, 1])
    few = np.random.default_rng(1).normal(size=7)
    drawn = sign_flip_sums(few[:, None], philox(1), 40_000)[:, 0]
    error = np.sqrt(np.sum(few**2) / 40_000)
    assert abs(drawn.mean()) < 4 * error
    assert drawn.var() == pytest.approx(np.sum(few**2), rel=0.03)


def test_holm_by_hand() -> None:
    """Sorted .01 .02 .03 .04 times 4 3 2 1, each at least the one before."""
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


def test_generators_differ_by_name_and_seed() -> None:
    draws = {
        tuple(philox(seed, *names).integers(0, 2**32, 4))
        for seed, names in [(0, ()), (1, ()), (0, ("a",)), (0, ("ab",)), (0, ("a", "b"))]
    }
    assert len(draws) == 5
    assert philox(3, "yo").random() == philox(3, "yo").random()


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
