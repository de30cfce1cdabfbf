"""Intervals of dev scores over seeds: a paired t interval where two arms are all that there is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hybench.tui.draw.curves import curve_of
from hybench.tui.model.seed_intervals import Runs, seed_interval


def runs_of(scores: list[float], first: int = 0) -> Runs:
    """A run for each seed; its score is the last of three, and rises to that."""
    return tuple(
        (seed, curve_of([first, first + 10, first + 20], [score - 2, score - 1, score]))
        for seed, score in enumerate(scores)
    )


def test_two_arms_of_the_same_seeds_have_a_paired_t_interval() -> None:
    one, two = [50.0, 52.0, 51.0, 55.0], [48.0, 51.5, 50.0, 49.0]
    found = seed_interval([runs_of(one), runs_of(two)], 0, 1, 20)
    assert found is not None
    wanted = stats.ttest_1samp(np.subtract(one, two), 0.0).confidence_interval(0.95)
    assert found == pytest.approx((wanted.low, wanted.high), rel=1e-3)
    turned = seed_interval([runs_of(one), runs_of(two)], 1, 0, 20)
    assert turned == pytest.approx((-found[1], -found[0]))


def test_only_runs_that_reach_the_step_count() -> None:
    arms = [runs_of([50.0, 52.0, 51.0]), runs_of([48.0, 51.5, 50.0])]
    late = [(*arms[0], *runs_of([90.0, 10.0], first=30)), arms[1]]
    assert seed_interval(late, 0, 1, 20) == seed_interval(arms, 0, 1, 20)
    assert seed_interval(late, 0, 1, 25) is None


def test_a_third_arm_makes_it_surer() -> None:
    arms = [runs_of([50.0, 52.0, 51.0]), runs_of([48.0, 51.5, 50.0])]
    more = [*arms, runs_of([49.0, 50.5, 49.6])]
    narrow, wide = (seed_interval(each, 0, 1, 20) for each in (more, arms))
    assert narrow is not None
    assert wide is not None
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_one_seed_has_no_interval() -> None:
    assert seed_interval([runs_of([50.0]), runs_of([48.0])], 0, 1, 20) is None
    assert seed_interval([runs_of([50.0, 51.0]), ()], 0, 1, 20) is None
    assert seed_interval([runs_of([50.0, 50.0]), runs_of([48.0, 48.0])], 0, 1, 20) is None
