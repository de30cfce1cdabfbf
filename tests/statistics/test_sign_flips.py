"""Random signs: one a source, and the plain loop over them gives the same p."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybench.statistics.paired_tests import FloatArray
from hybench.statistics.sign_flips import flipped_means
from tests.comparison.plain import Table, flip_p, sources_of
from tests.comparison.tables import KINDS, difference_of, paired_of, random_table, rows_of

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from(KINDS), st.integers(1, 8), st.booleans())
def test_the_exact_p_is_the_plain_one(seed: int, kind: str, sources: int, rounded: bool) -> None:
    random = np.random.default_rng(seed)
    size = (2 if kind == "apart" else 0) or sources
    table = random_table(random, kind, size, languages=3)
    if rounded:  # ties and zeros
        table = {name: [(s, round(4 * d) / 4) for s, d in of] for name, of in table.items()}
    rows = rows_of(table, draws=100)
    for label in [*table, *(["AVG"] if len(table) > 1 else [])]:
        part: Table = table if label == "AVG" else {label: table[label]}
        found = difference_of(rows, label)
        assert found.exact
        assert found.p == pytest.approx(flip_p(part, None, random), abs=1e-12)
        assert found.differing <= len(sources_of(part))


@pytest.mark.parametrize("kind", KINDS)
def test_the_drawn_p_is_the_plain_one_within_its_error(kind: str) -> None:
    random = np.random.default_rng(5)
    table = random_table(random, kind, 25 if kind == "apart" else 60, mean=0.02)
    found = difference_of(rows_of(table, draws=4000), "AVG")
    assert not found.exact
    assert found.p > 0.02, "a p that says something"
    plain = flip_p(table, 1500, random)
    error = np.hypot(found.p_error, np.sqrt(plain * (1 - plain) / 1500))
    assert found.p == pytest.approx(plain, abs=4 * error)


def _arms(*differences: npt.NDArray[Any]) -> list[FloatArray]:
    """Arms of one run that differ from the first by so much."""
    return [np.zeros((len(differences[0]), 1)), *(each[:, None] for each in differences)]


def test_translations_of_a_query_have_its_sign() -> None:
    values = np.random.default_rng(0).normal(size=30)
    order = np.random.default_rng(1).permutation(30)
    paired = {
        "en": paired_of(_arms(values)),
        "fi": paired_of(_arms(values[order]), order.tolist()),
        "sw": paired_of(_arms(values), range(100, 130)),
    }
    null = flipped_means(paired, 200, 0)
    means = {language: of[:, 1] - of[:, 0] for language, of in null.items()}
    assert means["en"] == pytest.approx(means["fi"])
    assert abs(np.corrcoef(means["en"], means["sw"])[0, 1]) < 0.3
    assert list(null) == ["en", "fi", "sw"]


def test_languages_that_share_through_a_third_are_drawn_together() -> None:
    """Source 1 is in en and sw, source 2 in sw and te; en and te have none in common."""
    one = np.array([1.0, 0.0, 0.0])
    paired = {
        "en": paired_of(_arms(one), [1, 10, 11]),
        "te": paired_of(_arms(one), [2, 20, 21]),
        "sw": paired_of(_arms(one, np.array([0.0, 1.0, 0.0])), [1, 2, 30]),
    }
    null = flipped_means(paired, 100, 0)
    for language, arm in (("en", 1), ("te", 2)):
        own = null[language][:, 1] - null[language][:, 0]
        beside = null["sw"][:, arm] - null["sw"][:, 0]
        assert own == pytest.approx(beside)
        assert set(np.round(own, 9)) == {round(1 / 3, 9), round(-1 / 3, 9)}
    assert not np.allclose(null["en"][:, 1], null["te"][:, 1])


def test_any_two_arms_come_from_the_same_draws() -> None:
    """Of three queries there are eight assignments, and all arms are in the same one."""
    first, second = np.array([0.1, 0.2, 0.4]), np.array([0.3, -0.5, 0.7])
    null = flipped_means({"en": paired_of(_arms(first, second))}, 500, 3)["en"]
    signs = np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T
    possible = np.round(signs @ np.column_stack([first, second, second - first]) / 3, 9)
    drawn = np.round(
        np.column_stack([
            null[:, 1] - null[:, 0], null[:, 2] - null[:, 0], null[:, 2] - null[:, 1]
        ]), 9,
    )  # fmt: skip
    assert {tuple(row) for row in drawn.tolist()} == {tuple(row) for row in possible.tolist()}


def test_what_all_arms_share_loses_no_digits() -> None:
    """Scores of millions, differences of millionths."""
    random = np.random.default_rng(2)
    base, differences = random.uniform(1e6, 2e6, 40), random.integers(1, 9, 40) * 2.0**-20
    arms = [base[:, None], (base + differences)[:, None]]
    null = flipped_means({"en": paired_of(arms)}, 50, 0)["en"]
    small = flipped_means({"en": paired_of(_arms(differences))}, 50, 0)["en"]
    assert null[:, 1] - null[:, 0] == pytest.approx(small[:, 1] - small[:, 0], rel=1e-9, abs=1e-15)


def test_draws_of_a_language_do_not_hang_on_strangers() -> None:
    values = np.random.default_rng(3).normal(size=20)
    english = paired_of(_arms(values))
    alone = flipped_means({"en": english}, 50, 0)["en"]
    other = paired_of(_arms(values), range(50, 70))
    assert np.array_equal(flipped_means({"de": other, "en": english}, 50, 0)["en"], alone)
    assert not np.array_equal(flipped_means({"en": english}, 50, 1)["en"], alone)
    assert flipped_means({"en": english}, 0, 0)["en"].shape == (0, 2)


@settings(max_examples=20, deadline=None)
@given(seeds, st.sampled_from(KINDS))
def test_p_does_not_depend_on_the_order_of_queries(seed: int, kind: str) -> None:
    """Nor on which arm comes first."""
    random = np.random.default_rng(seed)
    table = random_table(random, kind, 3 if kind == "apart" else 10, mean=0.0)
    turned = {name: [(s, -d) for s, d in reversed(of)] for name, of in table.items()}
    found, other = (difference_of(rows_of(each, draws=100), "AVG") for each in (table, turned))
    assert other.value == pytest.approx(-found.value)
    assert other.p == found.p
    assert found.high is not None
    assert other.low == pytest.approx(-found.high)
