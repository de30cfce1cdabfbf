from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.data.numbers import read_number, read_relevance

NONE = (
    *("", "1_0", "_1", "0x1", "0x1p3", "\u0661", "\uff11", "1\u0660", " 1", "1\n", "1,5", "1e"),
    *("e1", ".", "+", "--1", "1.0.0", "1d", "NaN", "nan", "-nan", "one", "1\x00"),
)


@pytest.mark.parametrize("text", NONE)
def test_what_only_python_or_nobody_reads(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        read_number(text)
    with pytest.raises(ValueError, match="is not a whole number"):
        read_relevance(text)


@given(st.floats(allow_nan=False))
def test_every_score_is_read_as_written(score: float) -> None:
    assert read_number(repr(score)) == score
    assert read_number(f"{score:+.17E}") == score


@pytest.mark.parametrize(
    ("text", "number"),
    [("007", 7), ("-.5", -0.5), ("5.", 5), ("+1e2", 100), ("1E-3", 0.001), ("-Inf", -math.inf)],
)
def test_scores(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "relevance"),
    [("1", 1), ("1.0", 1), ("2.", 2), ("-2", -2), ("+3", 3), ("0.000", 0), ("0" * 30 + "4", 4)],
)
def test_relevances(text: str, relevance: int) -> None:
    assert read_relevance(text) == relevance


@pytest.mark.parametrize("text", ["0.5", "1.01", "1e0", "inf", "2147483648", "-2147483649"])
def test_grades_are_whole(text: str) -> None:
    with pytest.raises(ValueError, match=f"the relevance '{text}' is not a whole number"):
        read_relevance(text)
