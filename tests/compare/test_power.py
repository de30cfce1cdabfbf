"""Effect sizes, what can be detected, and how many queries it would take."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybench.compare.power import detectable_difference, effect_size, needed_queries
from hybench.compare.statistics import philox, sign_flip_means


def test_effect_size_is_the_mean_in_standard_deviations() -> None:
    differences = np.array([0.1, 0.3, 0.2, 0.0, 0.4])
    assert effect_size([differences]) == pytest.approx(0.2 / differences.std(ddof=1))
    assert effect_size([differences, differences + 0.2]) == pytest.approx(
        0.3 / differences.std(ddof=1)
    )
    assert effect_size([np.full(9, 0.1)]) is None
    assert effect_size([np.array([0.3])]) is None


def test_detectable_difference() -> None:
    differences = np.array([0.0, 0.2] * 50)
    spread = differences.std(ddof=1)
    assert detectable_difference([differences]) == pytest.approx(2.801585 * spread / 10)
    assert detectable_difference([differences] * 4) == pytest.approx(2.801585 * spread / 20)
    assert detectable_difference([np.array([0.3])]) is None
    seeds = (spread / 10) ** 2
    assert detectable_difference([differences], seeds) == pytest.approx(
        2.801585 * spread / 10 * np.sqrt(2)
    )


def test_detectable_difference_is_found_with_80_percent_power() -> None:
    n = 60
    generator = np.random.default_rng(2)
    size = 2.801585 / np.sqrt(n)
    differences = generator.normal(size, 1, size=(n, 400))
    null = sign_flip_means(differences, philox(0), 999)
    hits = np.count_nonzero(np.abs(null) >= np.abs(differences.mean(axis=0)), axis=0)
    power = np.mean((hits + 1) / 1000 <= 0.05)
    assert 0.73 <= power <= 0.87


def test_needed_queries() -> None:
    """The textbook's (2.80 sd / margin)²; with seeds, more of them, and at last none will do."""
    differences = np.array([0.0, 0.2] * 50)
    spread = differences.std(ddof=1)
    assert needed_queries([differences], 0.01) == np.ceil((2.801585 * spread / 0.01) ** 2)
    most = (0.01 / 2.801585) ** 2
    half = needed_queries([differences], 0.01, most / 2)
    assert half == pytest.approx(2 * (2.801585 * spread / 0.01) ** 2, abs=2)
    assert needed_queries([differences], 0.01, most) is None
    assert needed_queries([differences], 0.0) is None
    assert needed_queries([np.zeros(50)], 0.01) is None
    assert needed_queries([np.array([0.3])], 0.01) is None


spreads = st.lists(st.floats(-1, 1), min_size=2, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(spreads, min_size=1, max_size=4), st.floats(0.005, 0.2), st.floats(0, 1e-4))
def test_what_is_needed_is_more_than_there_is_where_less_is_detectable(
    languages: list[list[float]], margin: float, seeds: float
) -> None:
    strata = [np.array(language) for language in languages]
    needed = needed_queries(strata, margin, seeds)
    detectable = detectable_difference(strata, seeds)
    assert detectable is not None
    if needed is not None:
        queries = sum(map(len, strata))
        assert (needed > queries) == (detectable > margin) or needed == queries
