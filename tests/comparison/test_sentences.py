"""A sentence for every outcome, word by word, and what weakens it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hybench.comparison.model import GROUP, LANGUAGE, LOW, MEAN, Difference
from hybench.comparison.sentences import difference_sentence, p_value
from hybench.comparison.verdict import verdicts
from tests.comparison.told import BASE, difference, row, table

NUMBERS = "52.3 against 50.1 points of nDCG@10, difference +2.2 [+1.1, +3.3] uncorrected"


def _said(
    found: Difference, *, sources: int | None = None, asked: int | None = None, **given: object
) -> str:
    """The sentence on one arm in Yoruba, whose 119 queries are all that were asked."""
    one = row(LANGUAGE, "yo", "yo", found, sources=sources, asked=asked)
    comparison = table(one, **given)  # type: ignore[arg-type]
    (verdict,) = verdicts(comparison)
    assert (verdict.row, verdict.column, verdict.outcome) == (0, 1, found.outcome)
    assert verdict.sentence == difference_sentence(comparison, one, 1, 0, found)
    return verdict.sentence


def test_better() -> None:
    assert _said(BASE) == f"hybrid is better than mono on yo: {NUMBERS}, corrected p = 0.004."


def test_worse() -> None:
    worse = difference("worse", value=-0.02, low=-0.03, high=-0.01, p_holm=0.0003)
    assert _said(worse) == (
        "hybrid is worse than mono on yo: 48.1 against 50.1 points of nDCG@10, "
        "difference -2.0 [-3.0, -1.0] uncorrected, corrected p < 0.001."
    )


def test_better_by_less_than_matters() -> None:
    small = difference("better", value=0.004, low=0.002, high=0.006, p_equivalence=0.001)
    assert _said(small) == (
        "hybrid is better than mono on yo, by less than 1 point: 50.5 against 50.1 points of "
        "nDCG@10, difference +0.4 [+0.2, +0.6] uncorrected, corrected p = 0.004."
    )


def test_all_better_by_the_same_has_no_interval() -> None:
    flat = difference("better", low=None, high=None, detectable=None, needed=None)
    assert _said(flat) == (
        "hybrid is better than mono on yo: 52.3 against 50.1 points of nDCG@10, difference +2.2, "
        "corrected p = 0.004."
    )


def test_equivalent() -> None:
    same = difference("equivalent", value=-0.0001, low=-0.004, high=0.004)
    assert _said(same) == (
        "hybrid and mono differ by no more than 1 point on yo: 50.1 against 50.1 points of "
        "nDCG@10, difference +0.0 [-0.4, +0.4] uncorrected, corrected equivalence p < 0.001."
    )
    assert _said(replace(same, p_equivalence=0.031)).endswith("corrected equivalence p = 0.031.")


def test_identical() -> None:
    same = difference("identical", value=0.0, low=None, high=None, detectable=None, differing=0)
    assert _said(same) == (
        "hybrid and mono are identical on yo: 50.1 points of nDCG@10, the same for each of the "
        "119 queries."
    )
    distance = _said(same, metric="RankDistance", margin=0.0)
    assert distance.endswith(": RankDistance 0.5, the same for each of the 119 queries.")
    (only,) = verdicts(table(row(LANGUAGE, "yo", "yo", same, queries=1)))
    assert only.sentence.endswith("the same for the only query.")


def test_undecided_says_what_it_would_take() -> None:
    assert _said(difference("undecided")) == (
        f"Undecided whether hybrid is better or worse than mono on yo: {NUMBERS}, corrected "
        "p = 0.410; to see a difference of 1 point on yo would take about 1,900 queries (there "
        "are 119)."
    )


def test_undecided_over_parallel_queries_asks_for_source_queries() -> None:
    unsure = difference("undecided")
    (said,) = verdicts(table(row(MEAN, "AVG", "sw yo", unsure, queries=238, sources=119)))
    assert said.sentence == (
        f"Undecided whether hybrid is better or worse than mono on average over 2 languages: "
        f"{NUMBERS}, corrected p = 0.410; to see a difference of 1 point would take about 1,900 "
        "source queries (there are 119)."
    )


def test_undecided_for_want_of_seeds() -> None:
    assert _said(difference("undecided", needed=None)) == (
        f"Undecided whether hybrid is better or worse than mono on yo: {NUMBERS}, corrected "
        "p = 0.410; more queries alone would not show a difference of 1 point: it takes seeds."
    )


def test_undecided_with_queries_enough_says_what_is_found() -> None:
    said = _said(difference("undecided", detectable=0.008, needed=80))
    assert said == (
        f"Undecided whether hybrid is better or worse than mono on yo: {NUMBERS}, corrected "
        "p = 0.410; the smallest difference found on yo with 80 % power before correction is 0.8 "
        "points."
    )
    assert "would take" not in said
    mean = table(row(MEAN, "AVG", "sw yo", difference("undecided", detectable=0.008)))
    assert verdicts(mean)[0].sentence.endswith(
        "found here with 80 % power before correction is 0.8 points."
    )
    alone = _said(difference("undecided", detectable=None, needed=None))
    assert alone.endswith("corrected p = 0.410.")


@pytest.mark.parametrize(
    ("differing", "told"),
    [
        (1, "1 of 119 queries differs, of which a two-sided sign test can give no p below 1; "),
        (3, "3 of 119 queries differ, of which a two-sided sign test can give no p below 0.25; "),
        (5, "5 of 119 queries differ, of which a two-sided sign test can give no p below 0.0625; "),
    ],
)
def test_too_few(differing: int, told: str) -> None:
    few = difference("too-few", low=None, high=None, detectable=None, needed=None,
                     differing=differing)  # fmt: skip
    assert _said(few) == (
        f"Too few queries to tell hybrid from mono on yo: {told}"
        "52.3 against 50.1 points of nDCG@10, difference +2.2."
    )
    parallel = table(row(MEAN, "AVG", "sw yo", few, queries=238, sources=119))
    assert f"{differing} of 119 source queries differ" in verdicts(parallel)[0].sentence


def test_lower_is_better() -> None:
    down = difference("better", value=-123.04, low=-150.0, high=-96.0)
    assert _said(down, metric="RankDistance", margin=0.0) == (
        "hybrid is better than mono on yo: RankDistance (lower is better) -122.5 against 0.5, "
        "difference -123.0 [-150.0, -96.0] uncorrected, corrected p = 0.004."
    )
    unsure = difference("undecided", detectable=31.0, needed=None)
    said = _said(unsure, metric="RankDistance", margin=0.0)
    assert said.endswith(
        "; the smallest difference found on yo with 80 % power before correction is 31.0."
    )


def test_margins_have_the_tables_unit() -> None:
    unsure = difference("undecided")
    assert "a difference of 0.5 points on yo" in _said(unsure, margin=0.005)
    assert "a difference of 7 points on yo" in _said(replace(unsure, detectable=0.2), margin=0.07)
    far = difference("undecided", detectable=31.0)
    said = _said(far, metric="RankDistance", margin=25.0)
    assert "a difference of 25 on yo" in said
    assert "point" not in said


@pytest.mark.parametrize(
    ("kind", "label", "where"),
    [
        (MEAN, "AVG", "on average over 2 languages"),
        (LOW, "LOW 2/3", "on the low-resource languages (sw yo)"),
        (GROUP, "unseen", "on the languages unseen in training (sw yo)"),
        (GROUP, "seen 2/4", "on the languages seen in training (sw yo)"),
        (GROUP, "south", "on the group south (sw yo)"),
    ],
)
def test_rows_in_words(kind: str, label: str, where: str) -> None:
    (verdict,) = verdicts(table(row(kind, label, "sw yo", BASE)))
    assert f"better than mono {where}: " in verdict.sentence


@pytest.mark.parametrize(
    ("given", "weak"),
    [
        ({"asked": 361}, "119 of 361 queries, which all runs have"),
        ({"seeds": (1, 1)}, "one seed"),
        ({"seeds": (2, 2)}, "two seeds"),
        ({"seeds": (3, 1)}, "one seed of hybrid"),
        ({"seeds": (2, 5)}, "two seeds of mono"),
        ({"seeds": (0, 1)}, "one seed"),
        ({"weakened": [(), ("searched approximately",)]}, "hybrid searched approximately"),
        (
            {"weakened": [("trained on 12 of 119 queries",), ()]},
            "mono trained on 12 of 119 queries",
        ),
        (
            {"asked": 120, "seeds": (2, 2), "weakened": [("searched approximately",), ()]},
            "119 of 120 queries, which all runs have; two seeds; mono searched approximately",
        ),
    ],
)
@pytest.mark.parametrize(
    "outcome", ["better", "worse", "equivalent", "identical", "undecided", "too-few"]
)
def test_what_weakens_a_sentence_stands_in_it(
    given: dict[str, object], weak: str, outcome: str
) -> None:
    said = _said(difference(outcome), **given)  # type: ignore[arg-type]
    assert said.count(f" on yo ({weak})") == 1
    strong = _said(difference(outcome), seeds=(0, 3))  # type: ignore[arg-type]
    assert " on yo (" not in strong
    assert said.replace(f" ({weak})", "") == strong


@pytest.mark.parametrize(
    ("p", "floor", "told"),
    [
        (0.006, True, "corrected p ≤ 0.006"),
        (0.006, False, "corrected p = 0.006"),
        (0.0004, True, "corrected p < 0.001"),
        (0.41, True, "corrected p ≤ 0.410"),
        (1.0, False, "corrected p = 1.000"),
    ],
)
def test_p_in_words(p: float, floor: bool, told: str) -> None:
    assert p_value(replace(BASE, p_holm=p, floor=floor)) == told
