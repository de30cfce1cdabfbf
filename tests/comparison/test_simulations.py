"""Guards: how often intervals hold the truth where chance is of a kind that was once overlooked."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hybench.comparison.differences import ArmsOfRow
from hybench.statistics.clusters import row_scores
from tests.comparison.tables import paired_of, row_of

LEVEL = 0.95


def _holds(row: ArmsOfRow, arm: int, other: int | None, truth: float) -> bool:
    estimate = row.estimate(arm, other)
    assert estimate is not None
    low, high = estimate.interval()
    return low <= truth <= high


def test_parallel_queries_are_not_so_many_queries() -> None:
    """Two equal arms, 8 languages, 60 queries, whose differences correlate by .6.

    A variance language by language is 1 + 7 * .6 = 5.2 times too small, so that its interval holds
    the truth in 2 F(1.96 / sqrt(5.2)) - 1 = .61.
    """
    random = np.random.default_rng(0)
    trials, queries, languages, correlation = 300, 60, 8, 0.6
    held = by_language = 0
    for _ in range(trials):
        common = random.normal(0, np.sqrt(correlation), (queries, 1))
        differences = common + random.normal(0, np.sqrt(1 - correlation), (queries, languages))
        zeros = np.zeros((queries, 1))
        row = row_of([paired_of([zeros, own[:, None]]) for own in differences.T])
        held += _holds(row, 1, 0, 0.0)
        error = np.sqrt(np.sum(differences.var(axis=0, ddof=1) / queries)) / languages
        by_language += abs(differences.mean()) <= 1.96 * error
    assert abs(held / trials - LEVEL) <= 4 * np.sqrt(LEVEL * (1 - LEVEL) / trials)
    expected = 2 * stats.norm.cdf(1.96 / np.sqrt(1 + 7 * correlation)) - 1
    assert by_language / trials == pytest.approx(expected, abs=4 * np.sqrt(0.24 / trials))


def _trained(
    random: np.random.Generator, loud: tuple[float, ...], seeds: int, shared: float
) -> ArmsOfRow:
    """A row of equal arms of the same seeds.

    Args:
        random: source of the scores.
        loud: by arm, how many times the usual its seeds move it, in queries and as a whole.
        seeds: of every arm.
        shared: standard deviation of what a seed does to all arms, and of what to one as a whole.
    """
    queries = 100
    base = random.normal(0.5, 0.2, (queries, 1))
    common = random.normal(0, shared, seeds)
    runs = [
        base
        + common
        + each * random.normal(0, shared, seeds)
        + each * random.normal(0, 0.1, (queries, seeds))
        for each in loud
    ]
    return row_of([paired_of(runs)], dict.fromkeys(range(len(loud)), tuple(range(seeds))))


@pytest.mark.parametrize("arms", [1, 3])
@pytest.mark.parametrize("seeds", [2, 3])
@pytest.mark.parametrize("shared", [0.005, 0.03])
def test_a_baseline_that_is_noisier_than_its_arms(arms: int, seeds: int, shared: float) -> None:
    """Arms and seeds that they share, the baseline moved by them 3 times as much.

    One arm says least: seeds that by chance moved it as little as its queries do are no proof that
    they move none.
    """
    random = np.random.default_rng(1)
    trials = 300
    held = np.zeros(arms + 1)
    for _ in range(trials):
        row = _trained(random, (3.0, *[1.0] * arms), seeds, shared)
        for arm in range(1, arms + 1):
            held[arm] += _holds(row, arm, 0, 0.0)
        held[0] += _holds(row, 1, arms if arms > 1 else 0, 0.0)
    assert held[1:].min() / trials >= 0.92
    assert held[0] / trials >= 0.92, "nor do two quiet arms suffer from it"


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize(("spread", "interaction"), [(0.05, 0.05), (0.01, 0.15), (0.0, 0.1)])
def test_the_interval_of_an_arms_mean(seeds: int, spread: float, interaction: float) -> None:
    """95 % within four standard errors; more where seeds do nothing or are two."""
    random = np.random.default_rng(seeds)
    trials, held = 250, 0
    for _ in range(trials):
        scores = (
            random.normal(0.5, 0.2, size=(150, 1))
            + random.normal(0, spread, size=seeds)
            + random.normal(0, interaction, size=(150, seeds))
        )
        held += _holds(row_of([paired_of([scores])], {0: tuple(range(seeds))}), 0, None, 0.5)
    error = np.sqrt(LEVEL * (1 - LEVEL) / trials)
    assert LEVEL - 4 * error <= held / trials
    if seeds > 2 and spread > 0:
        assert held / trials <= 0.99


@pytest.mark.parametrize(("seeds", "arms"), [(3, 4), (5, 2)])
def test_a_true_difference_is_found(seeds: int, arms: int) -> None:
    """Safety is not bought by never deciding: of 3.5 standard errors, in .7 of the rows."""
    random = np.random.default_rng(2)
    trials, found = 300, 0
    for _ in range(trials):
        estimate = _trained(random, (1.0,) * arms, seeds, 0.01).estimate(1, 0)
        assert estimate is not None
        true = np.sqrt(2 * (0.01**2 + 0.1**2 / 100) / seeds) * 3.5
        low, high = estimate.interval()
        found += not low + true <= 0 <= high + true
    assert found / trials >= 0.7


def test_partly_parallel_queries() -> None:
    """As in MLQA-R: a query is in two to four of the languages, and few are in a small one."""
    random = np.random.default_rng(3)
    trials, held = 300, 0
    names = np.arange(4)
    for _ in range(trials):
        common = random.normal(0, 0.8, 60)
        inside = [set(random.permutation(names)[: random.integers(2, 5)]) for _ in common]
        languages = []
        for name in names:
            sources = [at for at, of in enumerate(inside) if name in of][: 12 if name == 0 else 60]
            differences = common[sources] + random.normal(0, 0.6, len(sources))
            languages.append(
                paired_of([np.zeros((len(sources), 1)), differences[:, None]], sources)
            )
        held += _holds(row_of(languages), 1, 0, 0.0)
    assert row_scores(languages).strata.units < 60
    assert abs(held / trials - LEVEL) <= 4 * np.sqrt(LEVEL * (1 - LEVEL) / trials)
