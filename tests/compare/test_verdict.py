"""Sentences that hold what the numbers say, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hybench.compare.comparison import (
    GROUP,
    LANGUAGE,
    LOW,
    MEAN,
    Cell,
    Column,
    Comparison,
    Difference,
    Outcome,
    Row,
)
from hybench.compare.gather import CompareOptions
from hybench.compare.render import render
from hybench.compare.table import compare
from hybench.compare.verdict import headline, verdicts
from tests.compare.conftest import MakeRun, mono

BASE = Difference(
    value=0.022, low=0.011, high=0.0331, p=0.001, p_error=0.0, exact=True, p_holm=0.0042,
    significant=True, detectable=0.0156, outcome="better", needed=1874,
)  # fmt: skip


def _difference(outcome: Outcome, **values: object) -> Difference:
    marked = outcome in {"better", "worse"}
    p = {} if marked else {"p_holm": 0.41}
    same = {"p_equivalence": 0.0004} if outcome == "equivalent" else {}
    given = {"significant": marked, "outcome": outcome, **p, **same, **values}
    return replace(BASE, **given)  # type: ignore[arg-type]


def _row(
    kind: str, label: str, languages: str, *differences: Difference | None, queries: int = 119
) -> Row:
    codes = tuple(languages.split())
    cells = [
        None if each is None else Cell(0.501 + each.value, False, each) for each in differences
    ]
    return Row(kind, label, codes, len(codes), queries, (Cell(0.501, False, None), *cells))


def _table(*rows: Row, metric: str = "nDCG@10", margin: float = 0.01) -> Comparison:
    arms = len(rows[0].cells)
    labels = ["mono", "hybrid", *(f"arm{at}" for at in range(2, arms))][:arms]
    return Comparison(
        dataset="miracl", split="dev", setting="mono", metric=metric,
        columns=tuple(Column(label, (label,), 3) for label in labels),
        baseline=0, baseline_why="the monolingual arm", rows=rows, records=(None,) * arms, bias=(),
        notes=(), tests=len(rows), draws=10_000, seed=0, alpha=0.05, margin=margin,
    )  # fmt: skip


def _said(difference: Difference, **table: object) -> str:
    comparison = _table(_row(LANGUAGE, "yo", "yo", difference), **table)  # type: ignore[arg-type]
    (verdict,) = verdicts(comparison)
    assert (verdict.row, verdict.column, verdict.outcome) == (0, 1, difference.outcome)
    return verdict.sentence


def test_better() -> None:
    assert _said(BASE) == (
        "hybrid is better than mono on yo: 52.3 against 50.1 points of nDCG@10, "
        "difference +2.2 [+1.1, +3.3], corrected p = 0.004."
    )


def test_worse() -> None:
    worse = _difference("worse", value=-0.02, low=-0.03, high=-0.01, p_holm=0.0003)
    assert _said(worse) == (
        "hybrid is worse than mono on yo: 48.1 against 50.1 points of nDCG@10, "
        "difference -2.0 [-3.0, -1.0], corrected p < 0.001."
    )


def test_better_by_less_than_matters() -> None:
    small = _difference("better", value=0.004, low=0.002, high=0.006, p_equivalence=0.001)
    assert "hybrid is better than mono on yo, by less than 1 point: " in _said(small)


def test_equivalent() -> None:
    same = _difference("equivalent", value=-0.0001, low=-0.004, high=0.004)
    assert _said(same) == (
        "hybrid and mono differ by no more than 1 point on yo: 50.1 against 50.1 points of "
        "nDCG@10, difference +0.0 [-0.4, +0.4], corrected equivalence p < 0.001."
    )


def test_identical_runs_are_called_so(make_run: MakeRun) -> None:
    """Two runs with the same score for every query of en, and other ones in sw."""
    low = [0.1, 0.2, 0.3, 0.2, 0.25, 0.1, 0.05, 0.2]
    runs = [
        make_run("a", mono({"en": low, "sw": low})),
        make_run("b", mono({"en": low, "sw": [*low[1:], 0.3]})),
        make_run("c", mono({"en": low, "sw": low})),
    ]
    (table,) = compare(runs, CompareOptions(draws=1000))
    assert [
        cell.difference.outcome for cell in table.rows[0].cells[1:] if cell and cell.difference
    ] == ["identical"] * 2
    said = {(each.column, each.row): each for each in verdicts(table)}
    assert said[1, 0].sentence == (
        "b and a are identical on en: 17.5 points of nDCG@10, the same for each of the 8 queries."
    )
    assert said[1, 1].outcome == said[1, 2].outcome == "undecided"
    assert said[2, 2].outcome == "identical"
    first, second, _ = headline(table)
    assert "By language: identical in 1 (en), undecided in 1 (sw)." in first
    assert second == (
        "c and a are identical on average over 2 languages: 17.5 points of nDCG@10, "
        "the same for each of the 16 queries. By language: identical in 2 (en sw)."
    )


def test_differences_that_cancel_out_are_not_identical(make_run: MakeRun) -> None:
    runs = [
        make_run("a", mono({"en": [0.1, 0.2, 0.3, 0.4]})),
        make_run("b", mono({"en": [0.2, 0.1, 0.4, 0.3]})),
    ]
    (table,) = compare(runs, CompareOptions(draws=1000))
    assert [each.outcome for each in verdicts(table)] == ["undecided"]


def test_undecided_says_what_it_would_take() -> None:
    assert _said(_difference("undecided")) == (
        "Undecided whether hybrid is better or worse than mono on yo: 52.3 against "
        "50.1 points of nDCG@10, difference +2.2 [+1.1, +3.3], corrected p = 0.410; to see a "
        "difference of 1 point on yo would take about 1,900 queries (there are 119)."
    )


def test_undecided_for_want_of_seeds() -> None:
    said = _said(_difference("undecided", needed=None))
    assert said.endswith(
        "; more queries alone would not show a difference of 1 point: it takes seeds."
    )


def test_undecided_with_queries_enough_says_what_is_found() -> None:
    said = _said(_difference("undecided", detectable=0.008, needed=80))
    assert said.endswith("; the smallest difference found on yo with 80 % power is 0.8 points.")
    assert "would take" not in said
    mean = _table(_row(MEAN, "AVG", "sw yo", _difference("undecided", detectable=0.008)))
    assert verdicts(mean)[0].sentence.endswith("found here with 80 % power is 0.8 points.")
    alone = _said(_difference("undecided", detectable=None, needed=None))
    assert alone.endswith("corrected p = 0.410.")


def test_lower_is_better() -> None:
    down = _difference("better", value=-123.04, low=-150.0, high=-96.0)
    assert _said(down, metric="RankDistance", margin=0.0) == (
        "hybrid is better than mono on yo: RankDistance (lower is better) -122.5 against 0.5, "
        "difference -123.0 [-150.0, -96.0], corrected p = 0.004."
    )
    unsure = _difference("undecided", detectable=31.0, needed=None)
    said = _said(unsure, metric="RankDistance", margin=0.0)
    assert said.endswith("; the smallest difference found on yo with 80 % power is 31.0.")


def test_margins_have_the_tables_unit() -> None:
    unsure = _difference("undecided")
    assert "a difference of 0.5 points on yo" in _said(unsure, margin=0.005)
    assert "a difference of 7 points on yo" in _said(replace(unsure, detectable=0.2), margin=0.07)
    far = _difference("undecided", detectable=31.0)
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
    (verdict,) = verdicts(_table(_row(kind, label, "sw yo", BASE)))
    assert f"better than mono {where}: " in verdict.sentence


def test_arm_after_arm_the_averages_first() -> None:
    table = _table(
        _row(LANGUAGE, "sw", "sw", BASE, _difference("worse")),
        _row(LANGUAGE, "yo", "yo", None, BASE),
        _row(MEAN, "AVG", "sw yo", BASE, _difference("undecided")),
    )
    assert [(each.column, each.row) for each in verdicts(table)] == [
        (1, 2), (1, 0), (2, 2), (2, 0), (2, 1),
    ]  # fmt: skip


def test_headline_of_an_arm() -> None:
    undecided = _difference("undecided")
    table = _table(
        _row(LANGUAGE, "en", "en", _difference("worse"), queries=800),
        _row(LANGUAGE, "fi", "fi", _difference("equivalent"), queries=900),
        _row(LANGUAGE, "te", "te", undecided, queries=500),
        _row(LANGUAGE, "yo", "yo", undecided),
        _row(MEAN, "AVG", "en fi te yo", BASE, queries=2319),
    )
    (said,) = headline(table)
    assert said == (
        "hybrid is better than mono on average over 4 languages: 52.3 against 50.1 points of "
        "nDCG@10, difference +2.2 [+1.1, +3.3], corrected p = 0.004. By language: worse in 1 (en), "
        "no difference larger than 1 point in 1 (fi), undecided in 2 (te yo). To see a difference "
        "of 1 point on yo would take about 1,900 queries (there are 119)."
    )


def test_headline_of_a_single_language_is_its_sentence() -> None:
    table = _table(_row(LANGUAGE, "yo", "yo", BASE))
    assert headline(table) == (verdicts(table)[0].sentence,)


@pytest.mark.parametrize(
    "unsure",
    [
        _difference("undecided"),
        _difference("undecided", needed=None),
        _difference("undecided", detectable=0.008),
    ],
)
def test_what_it_would_take_is_said_once(unsure: Difference) -> None:
    alone = _table(_row(LANGUAGE, "yo", "yo", unsure))
    assert headline(alone) == (verdicts(alone)[0].sentence,)


def test_seeds_are_asked_for_once() -> None:
    unsure = _difference("undecided", needed=None)
    rows = [_row(LANGUAGE, code, code, unsure) for code in ("sw", "yo")]
    (said,) = headline(_table(*rows, _row(MEAN, "AVG", "sw yo", unsure)))
    assert said.count("it takes seeds") == 1
    assert said.endswith("By language: undecided in 2 (sw yo).")


def test_many_arms_are_summed_up() -> None:
    outcomes = [BASE] * 4 + [_difference("worse")] * 2 + [_difference("undecided")]
    table = _table(_row(MEAN, "AVG", "sw yo", *outcomes))
    (said,) = headline(table)
    assert said == (
        "Of 7 arms, on average over 2 languages and in nDCG@10: 4 better than mono (hybrid, arm2, "
        "arm3, arm4); 2 worse than mono (arm5, arm6); 1 undecided against mono (arm7)."
    )


def test_nothing_compared_nothing_said(make_run: MakeRun) -> None:
    (table,) = compare([make_run("a", mono({"en": [0.1, 0.2]}))], CompareOptions(draws=100))
    assert headline(table) == ()
    assert verdicts(table) == ()


def test_the_verdict_stands_in_json_and_above_the_table(make_run: MakeRun) -> None:
    low = [0.1, 0.2, 0.3, 0.2, 0.25, 0.1, 0.05, 0.2]
    runs = [
        make_run("base", mono({"en": low})),
        make_run("up", mono({"en": [value + 0.5 for value in low]})),
    ]
    tables = compare(runs, CompareOptions(draws=1000))
    (table,) = json.loads(render(tables, "json"))["comparisons"]
    said, caveat = table["headline"]
    assert caveat.startswith("No arm has a second seed")
    assert said.startswith("up is better than base on en: 67.5 against 17.5 points of nDCG@10")
    assert table["verdicts"] == [{"run": "up", "row": "en", "outcome": "better", "sentence": said}]
    lines = render(tables, "md").splitlines()
    assert lines[2] == said
    assert lines[4] == caveat
    assert lines[6].startswith("| lang |")
