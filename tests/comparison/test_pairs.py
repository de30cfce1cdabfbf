"""All pairs of trained arms, and the letters of those that cannot be told apart."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybench.comparison.gather import CompareOptions
from hybench.comparison.layout import sheet
from hybench.comparison.model import Comparison, Difference, Pair
from hybench.comparison.pairs import MOST_ARMS, letters
from hybench.comparison.table import compare
from hybench.runs.run import Run
from hybench.statistics.paired_tests import holm
from tests.comparison.conftest import MakeRun, Row, mono


def _pair(first: int, second: int, *, apart: bool) -> Pair:
    return Pair(0, first, second, Difference(0.1, None, None, 0.5, 0, True, 0.5, apart, None))


def _pairs(arms: int, apart: set[tuple[int, int]]) -> list[Pair]:
    return [_pair(*pair, apart=pair in apart) for pair in combinations(range(arms), 2)]


def test_four_arms_in_a_row() -> None:
    """Neighbours cannot be told apart, others can: each neighbourhood is a letter."""
    means = {0: 10.0, 1: 9.0, 2: 7.0, 3: 4.0}
    apart = {(0, 2), (0, 3), (1, 3)}
    assert letters(_pairs(4, apart), means) == {0: "a", 1: "ab", 2: "bc", 3: "c"}


def test_letters_follow_the_tests_not_the_order_of_means() -> None:
    """The best is told from the second, which varies little, and not from the third."""
    assert letters(_pairs(3, {(0, 1)}), {0: 3.0, 1: 2.0, 2: 1.0}) == {0: "a", 1: "b", 2: "ab"}
    reordered = {0: 1.0, 1: 3.0, 2: 2.0}
    assert letters(_pairs(3, {(0, 1)}), reordered) == {0: "b", 1: "a", 2: "ab"}


def test_all_alike_and_all_apart() -> None:
    assert letters(_pairs(3, set()), {0: 1.0, 1: 2.0, 2: 3.0}) == {0: "a", 1: "a", 2: "a"}
    every = set(combinations(range(3), 2))
    assert letters(_pairs(3, every), {0: 1.0, 1: 2.0, 2: 3.0}) == {0: "c", 1: "b", 2: "a"}


@st.composite
def _tested(draw: st.DrawFn) -> tuple[int, set[tuple[int, int]], list[float]]:
    arms = draw(st.integers(2, 8))
    every = list(combinations(range(arms), 2))
    apart = draw(st.sets(st.sampled_from(every)))
    means = draw(st.lists(st.integers(0, 9).map(float), min_size=arms, max_size=arms))
    return arms, apart, means


@settings(max_examples=300, deadline=None)
@given(_tested())
def test_a_letter_in_common_means_not_told_apart(
    tested: tuple[int, set[tuple[int, int]], list[float]],
) -> None:
    arms, apart, means = tested
    found = letters(_pairs(arms, apart), dict(enumerate(means)))
    for pair in combinations(range(arms), 2):
        common = set(found[pair[0]]) & set(found[pair[1]])
        assert bool(common) == (pair not in apart)
    groups: dict[str, set[int]] = defaultdict(set)
    for arm, named in found.items():
        assert named, "every arm has a letter"
        assert sorted(named) == list(named)
        for letter in named:
            groups[letter].add(arm)
    assert not any(one <= other for one, other in combinations(groups.values(), 2))
    assert not any(other <= one for one, other in combinations(groups.values(), 2))
    best = max(range(arms), key=lambda arm: means[arm])
    assert "a" in found[best]
    assert sorted(groups) == [chr(ord("a") + at) for at in range(len(groups))]


def test_as_many_letters_as_twelve_arms_can_need_are_distinct() -> None:
    """Four threesomes, told apart within and from no other: a letter for each choice of four."""
    apart = _threesomes(12)
    found = letters(_pairs(12, apart), dict.fromkeys(range(12), 1.0))
    assert len({letter for named in found.values() for letter in _split(named)}) == 3**4
    for first, second in combinations(range(12), 2):
        shared = set(_split(found[first])) & set(_split(found[second]))
        assert bool(shared) == ((first, second) not in apart)


def test_no_letters_are_given_where_nobody_could_read_them() -> None:
    """Thirty-two arms in threesomes would need more than 59,000."""
    pairs = _pairs(MOST_ARMS, _threesomes(MOST_ARMS))
    assert letters(pairs, dict.fromkeys(range(MOST_ARMS), 1.0)) == {}


def test_many_arms_in_order_need_few_letters() -> None:
    """Each told apart from those more than two places away: a letter for each run of three."""
    apart = {(low, high) for low, high in combinations(range(MOST_ARMS), 2) if high - low > 2}
    values = {arm: float(-arm) for arm in range(MOST_ARMS)}
    found = letters(_pairs(MOST_ARMS, apart), values)
    assert len({letter for named in found.values() for letter in named}) == MOST_ARMS - 2


def _threesomes(arms: int) -> set[tuple[int, int]]:
    threes = [range(at, min(arms, at + 3)) for at in range(0, arms, 3)]
    return {pair for three in threes for pair in combinations(three, 2)}


def _split(named: str) -> list[str]:
    return re.findall(r"[a-zA-Z]|\(\d+\)", named)


QUERIES = 60


def _runs(make_run: MakeRun, **shifts: float) -> list[Run]:
    """A run an arm, better by its shift in every language."""
    strategies = {"mono": 1.0, "cross": 0.0}
    runs = []
    for name, shift in shifts.items():
        random = np.random.default_rng(len(name))
        rows = mono({
            language: list(
                np.random.default_rng(at).uniform(size=QUERIES)
                + shift + random.normal(0, 0.05, QUERIES)
            )
            for at, language in enumerate(("en", "fi", "sw", "te"))
        })  # fmt: skip
        config = {"alpha": strategies.get(name.rstrip("_"), 0.1 + len(name) / 20)}
        if name.startswith("bm25"):
            config = {"kind": "bm25"}  # type: ignore[dict-item]
        runs.append(make_run(name, rows, config=config))
    return runs


def _letters(table: Comparison, label: str) -> list[str]:
    row = next(row for row in table.rows if row.label == label)
    return ["" if cell is None else cell.letters for cell in row.cells]


def test_pairs_of_trained_arms_on_the_averages_are_one_family(make_run: MakeRun) -> None:
    runs = _runs(make_run, mono=0.0, bm25=0.3, cross=0.2, hybrids=0.205)
    (table,) = compare(runs, CompareOptions(draws=1000))
    labels = [table.rows[pair.row].label for pair in table.pairs]
    assert labels == ["AVG"] * 3 + ["LOW"] * 3
    assert [(pair.first, pair.second) for pair in table.pairs[:3]] == [(0, 2), (0, 3), (2, 3)]
    found = [pair.difference for pair in table.pairs]
    assert [each.p_holm for each in found] == holm([each.p for each in found])
    assert [each.significant for each in found[:3]] == [True, True, False]
    assert _letters(table, "AVG") == ["b", "", "a", "a"]
    assert _letters(table, "en") == [""] * 4
    cells = table.rows[4].cells
    for pair in table.pairs[:3]:
        first, second = cells[pair.first], cells[pair.second]
        assert first is not None
        assert second is not None
        assert pair.difference.value == pytest.approx(first.value - second.value)
    assert table.tests == 3 * 6, "the pairs are a family of their own"


def test_letters_stand_beside_the_averages(make_run: MakeRun) -> None:
    (table,) = compare(_runs(make_run, mono=0.0, cross=0.2, hybrids=0.205), CompareOptions())
    shown = sheet(table)
    average = next(line for line in shown.lines if line.entries[0].text == "AVG")
    marks = [entry.mark.replace("*", "") for entry in average.entries[2:5]]
    assert marks == [" b", "▲ a", "▲ a"]
    assert (
        "Letters: trained arms that share one are not told apart, of all 6 pairs in the averages, "
        "corrected together." in shown.caption
    )


def test_a_single_language_has_letters_of_its_own(make_run: MakeRun) -> None:
    runs = _runs(make_run, mono=0.0, cross=0.2)
    (table,) = compare(runs, CompareOptions(draws=1000, languages=("fi",)))
    assert _letters(table, "fi") == ["b", "a"]
    (pair,) = table.pairs
    cell = table.rows[0].cells[1]
    assert cell is not None
    assert cell.difference == pair.difference.turned()


def test_the_lowest_has_a_where_lower_is_better(make_run: MakeRun) -> None:
    rows: list[list[Row]] = [
        [("multi", "en", "all", f"q{at}", "RankDistance", base + at) for at in range(9)]
        for base in (300.0, 100.0)
    ]
    runs = [make_run(name, rows[at]) for at, name in enumerate(("far", "near"))]
    (table,) = compare(runs, CompareOptions(metric="RankDistance", draws=100))
    assert _letters(table, "en") == ["b", "a"]


@pytest.mark.parametrize(("arms", "pairs"), [(1, 0), (2, 2), (12, 132), (MOST_ARMS + 1, 0)])
def test_too_many_arms_are_not_paired(arms: int, pairs: int, make_run: MakeRun) -> None:
    runs = _runs(make_run, **{"x" * (at + 1): 0.01 * at for at in range(arms)})
    runs += _runs(make_run, bm25=0.0, bm25_=0.1)
    (table,) = compare(runs, CompareOptions(draws=100))
    assert len(table.pairs) == pairs
    assert any(_letters(table, "AVG")) == bool(pairs)
    too_many = [note for note in table.notes if note.startswith("With 132 tests and 100 draws")]
    assert len(too_many) == (pairs == 132), "no pair can be told apart by so few draws"
    words = f"are not compared with each other, at most {MOST_ARMS} are"
    told = any(words in note for note in table.notes)
    assert told == (arms > MOST_ARMS)


def test_an_arm_that_was_not_run_has_no_letter(make_run: MakeRun) -> None:
    runs = [*_runs(make_run, mono=0.0, cross=0.2), make_run("none", config={"alpha": 0.4})]
    (table,) = compare(runs, CompareOptions(draws=100))
    assert _letters(table, "AVG") == ["b", "a", ""]
