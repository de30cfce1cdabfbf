"""Scores by source: against resampling, against the formula for queries apart, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hybench.statistics.clusters import row_scores
from hybench.statistics.paired_tests import FloatArray
from tests.comparison.plain import mean_of_means, resampled_means, sources_of
from tests.comparison.tables import KINDS, difference_of, paired_of, random_table, row_of, rows_of

seeds = st.integers(0, 2**32 - 1)


def _two(differences: FloatArray) -> list[FloatArray]:
    """Two arms of one run, which differ by so much."""
    return [np.full((len(differences), 1), 0.5), 0.5 + differences[:, None]]


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from(KINDS), st.integers(6, 30))
def test_a_difference_is_the_mean_of_the_languages_means(
    seed: int, kind: str, sources: int
) -> None:
    table = random_table(np.random.default_rng(seed), kind, sources)
    rows = rows_of(table, draws=100)
    found = difference_of(rows, "AVG")
    assert found.value == pytest.approx(mean_of_means(table), abs=1e-12)
    assert rows.rows[-1].sources == len(sources_of(table))
    assert rows.rows[-1].queries == sum(map(len, table.values()))
    for language, queries in table.items():
        alone = difference_of(rows, language)
        assert alone.value == pytest.approx(mean_of_means({language: queries}), abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_half_an_interval_is_1_96_deviations_of_resampled_means(kind: str) -> None:
    random = np.random.default_rng(3)
    table = random_table(random, kind, 100 if kind == "apart" else 400)
    found = difference_of(rows_of(table, draws=100), "AVG")
    assert found.low is not None
    assert found.high is not None
    resampled = 1.96 * np.std(resampled_means(table, 1500, random))
    assert (found.high - found.low) / 2 == pytest.approx(resampled, rel=0.05)
    assert (found.high + found.low) / 2 == pytest.approx(found.value)


@settings(max_examples=40, deadline=None)
@given(seeds, st.lists(st.integers(2, 40), min_size=1, max_size=5))
def test_without_parallel_queries_languages_variances_add_up(seed: int, sizes: list[int]) -> None:
    random = np.random.default_rng(seed)
    every = [random.normal(0.1, random.uniform(0.05, 0.3), size) for size in sizes]
    start = np.cumsum([0, *sizes])
    languages = [
        paired_of(_two(differences), range(first, first + len(differences)))
        for differences, first in zip(every, start, strict=False)
    ]
    moments = row_scores(languages).moments(1, 0)
    assert moments is not None
    variances = [differences.var(ddof=1) / len(differences) for differences in every]
    assert np.sqrt(moments.variance) == pytest.approx(np.sqrt(sum(variances)) / len(sizes))
    freedoms = [
        v**2 / (size - 1) / sum(variances) ** 2 for v, size in zip(variances, sizes, strict=True)
    ]
    if min(sizes) >= 5:  # smaller languages are taken together
        assert moments.freedom == pytest.approx(1 / sum(freedoms))


def test_two_languages_apart_have_the_freedom_of_welch() -> None:
    random = np.random.default_rng(0)
    left, right = random.normal(0, 1, 12), random.normal(0, 3, 30)
    moments = row_scores(
        [paired_of(_two(left), range(12)), paired_of(_two(right), range(12, 42))]
    ).moments(1, 0)
    assert moments is not None
    assert moments.freedom == pytest.approx(stats.ttest_ind(left, right, equal_var=False).df)
    assert moments.spread == pytest.approx((left.var(ddof=1) + right.var(ddof=1)) / 2)


def test_one_language_is_a_paired_t_test() -> None:
    random = np.random.default_rng(1)
    base, arm = random.normal(0.5, 0.2, 30), random.normal(0.55, 0.3, 30)
    row = row_of([paired_of([base[:, None], arm[:, None]])])
    estimate = row.estimate(1, 0)
    assert estimate is not None
    theirs = stats.ttest_rel(arm, base)
    assert estimate.p() == pytest.approx(theirs.pvalue)
    assert estimate.interval() == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    own = row.estimate(1)
    assert own is not None
    assert own.value == pytest.approx(arm.mean())
    interval = stats.ttest_1samp(arm, 0).confidence_interval(0.95)
    assert own.interval() == pytest.approx(tuple(interval))


def test_the_third_moment_of_a_mean() -> None:
    """Of independent values it is theirs, divided by n twice."""
    differences = np.random.default_rng(2).exponential(size=50)
    moments = row_scores([paired_of(_two(differences))]).moments(1, 0)
    assert moments is not None
    expected = stats.skew(differences) * differences.std() ** 3 / 50**2
    assert moments.third == pytest.approx(expected * 50 / 49)


@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.6])
def test_parallel_queries_widen_the_average_by_their_correlation(correlation: float) -> None:
    """Eight translations of a query at correlation r: sqrt(1 + 7 r) times the error of strangers.

    At .6 that is 2.28.
    """
    random = np.random.default_rng(4)
    queries, languages = 2000, 8
    common = random.normal(0, np.sqrt(correlation), (queries, 1))
    scores = common + random.normal(0, np.sqrt(1 - correlation), (queries, languages))
    widths = {}
    for parallel in (True, False):
        rows = [
            paired_of(
                _two(scores[:, at]),
                range(queries) if parallel else range(at * 2000, at * 2000 + 2000),
            )
            for at in range(languages)
        ]
        estimate = row_of(rows).estimate(1, 0)
        assert estimate is not None
        low, high = estimate.interval()
        widths[parallel] = high - low
    assert widths[True] / widths[False] == pytest.approx(np.sqrt(1 + 7 * correlation), rel=0.05)


def test_sources_in_a_few_languages_by_hand() -> None:
    """Two queries in both languages, one in the second alone."""
    first = paired_of(_two(np.array([0.2, 0.4])), [7, 3])
    second = paired_of(_two(np.array([0.1, 0.3, 0.6])), [3, 7, 9])
    scores = row_scores([first, second])
    assert scores.sources.tolist() == [3, 7, 9]
    expected = [0.4 / 4 + 0.1 / 6, 0.2 / 4 + 0.3 / 6, 0.6 / 6]
    assert scores.differences(1, 0) == pytest.approx(expected)
    assert scores.strata.weights == pytest.approx([1 / 4 + 1 / 6, 1 / 4 + 1 / 6, 1 / 6])
    assert scores.strata.units == pytest.approx(12 / 5)
    centred = scores.centred[:, 1] - scores.centred[:, 0]
    means = [0.1 / 4 - 0.7 / 3 / 6, -0.1 / 4 - 0.1 / 3 / 6, 0.8 / 3 / 6]
    assert centred == pytest.approx(means)
    assert scores.strata.sizes.tolist() == [3], "too few of each to be strata"


def test_several_queries_of_one_source_are_one() -> None:
    """Each of nine sources asked twice in one language: as sure as their nine means."""
    differences = np.random.default_rng(7).normal(size=18)
    twice = paired_of(_two(differences), [*range(9), *range(9)])
    found = row_of([twice]).estimate(1, 0)
    assert found is not None
    theirs = stats.ttest_1samp((differences[:9] + differences[9:]) / 2, 0)
    assert found.interval() == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    assert found.freedom == pytest.approx(8)


def test_strata_are_languages_in_common() -> None:
    """Six sources in both, five in the second, two in the first, which join the largest."""
    first = paired_of(_two(np.zeros(8)), range(8))
    second = paired_of(_two(np.zeros(11)), [*range(6), *range(8, 13)])
    strata = row_scores([first, second]).strata
    groups = [strata.codes[:6], strata.codes[6:8], strata.codes[8:]]
    assert [len(set(each.tolist())) for each in groups] == [1, 1, 1]
    assert groups[1][0] == groups[0][0] != groups[2][0]
    assert sorted(strata.sizes.tolist()) == [5, 8]


def test_a_single_source_has_no_moments() -> None:
    scores = row_scores([paired_of(_two(np.array([0.3])), [4]) for _ in range(2)])
    assert scores.moments(1, 0) is None
    assert scores.differences(1, 0).sum() == pytest.approx(0.3)


def test_equal_differences_have_no_spread() -> None:
    """Though the floats that make them differ in their last digits."""
    base = np.random.default_rng(5).uniform(size=(40, 1))
    scores = row_scores([paired_of([base, base + 0.1])])
    moments = scores.moments(1, 0)
    assert moments is not None
    assert (moments.variance, moments.third, moments.spread) == (0, 0, 0)
    same = row_scores([paired_of([base, (base + 0.1) - 0.1])])
    assert not same.differences(1, 0).any()


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 3000), st.integers(1, 18))
def test_parallel_queries_are_as_many_units_as_sources(queries: int, languages: int) -> None:
    scores = row_scores([paired_of(_two(np.zeros(queries)))] * languages)
    assert scores.strata.units == pytest.approx(queries, rel=1e-12)


def test_a_language_of_one_query_adds_no_spread() -> None:
    """And its query, which no other tells anything of, takes none away."""
    many = np.random.default_rng(6).normal(size=20)
    alone = row_scores([paired_of(_two(many))]).moments(1, 0)
    beside = row_scores(
        [paired_of(_two(many)), paired_of(_two(np.array([0.3])), [99])]
    ).moments(1, 0)  # fmt: skip
    assert alone is not None
    assert beside is not None
    assert beside.variance == pytest.approx(alone.variance / 4)
    assert beside.freedom == pytest.approx(19)
    six = row_scores([paired_of(_two(np.array([0.1])), [at]) for at in range(6)]).moments(1, 0)
    assert six is not None
    assert (six.variance, six.freedom) == (0, 1)
