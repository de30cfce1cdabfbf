"""Effect sizes, what can be detected, and how many queries it would take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hybench.statistics.clusters import Moments, row_scores
from hybench.statistics.intervals import Estimate
from hybench.statistics.paired_tests import FloatArray, monte_carlo_p, philox, sign_flip_sums
from hybench.statistics.power import detectable_difference, effect_size, needed_sources
from hybench.statistics.seeds import SeedChance
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
