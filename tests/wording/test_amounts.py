"""Numbers and counts as people read them."""

from __future__ import annotations

import math

import pytest

from hybench.wording.amounts import count, counted, number, signed, singular


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("languages", "language"),
        ("queries", "query"),
        ("judged queries", "judged query"),
        ("searches", "search"),
        ("processes", "process"),
        ("passages", "passage"),
        ("hypotheses", "hypothesis"),
        ("cells", "cell"),
        ("bytes", "byte"),
    ],
)
def test_one_of_them(many: str, one: str) -> None:
    assert singular(many) == one
    assert counted(1, many) == f"1 {one}"
    assert counted(0, many) == f"0 {many}"
    assert counted(1234, many) == f"1,234 {many}"


def test_numbers_are_short() -> None:
    assert [number(value) for value in (0.25, 1e33, -1e33, 9_999_999.0, math.nan, math.inf)] == [
        *("0.2500", "1e+33", "-1e+33", "9999999.0000", "nan", "inf"),
    ]
    assert [count(value) for value in (1, 1000, 10**13, 10**33)] == [
        *("1", "1,000", "10,000,000,000,000", "1e+33"),
    ]


def test_a_difference_that_rounds_to_nothing_is_never_negative() -> None:
    assert [signed(value) for value in (-0.04, 0.04, -0.05001, 1.25)] == [
        "+0.0", "+0.0", "-0.1", "+1.2",
    ]  # fmt: skip
    assert signed(-0.4, 0) == "+0"
    assert signed(-0.004, 2) == "+0.00"
    assert signed(-math.inf) == "-inf"
