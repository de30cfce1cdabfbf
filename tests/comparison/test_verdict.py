"""Headlines that hold what the numbers say, and nothing else."""

from __future__ import annotations

import json

import pytest

from hybench.comparison.gather import CompareOptions
from hybench.comparison.model import LANGUAGE, MEAN, Difference
from hybench.comparison.render import render
from hybench.comparison.table import compare
from hybench.comparison.verdict import headline, verdicts
from tests.comparison.conftest import MakeRun, mono
from tests.comparison.told import BASE, difference, row, table

SCORES = [0.1, 0.2, 0.3, 0.2, 0.25, 0.1, 0.05, 0.2]


def test_identical_runs_are_called_so(make_run: MakeRun) -> None:
    """Two runs with the same score for every query of en, and other ones in sw."""
    runs = [
        make_run("a", mono({"en": SCORES, "sw": SCORES})),
        make_run("b", mono({"en": SCORES, "sw": [*SCORES[1:], 0.3]})),
        make_run("c", mono({"en": SCORES, "sw": SCORES})),
    ]
    (found,) = compare(runs, CompareOptions(draws=1000))
    assert [
        cell.difference.outcome for cell in found.rows[0].cells[1:] if cell and cell.difference
    ] == ["identical"] * 2
    said = {(each.column, each.row): each for each in verdicts(found)}
    assert said[1, 0].sentence == (
        "b and a are identical on en (one seed): 17.5 points of nDCG@10, the same for each of the "
        "8 queries."
    )
    assert said[1, 1].outcome == said[1, 2].outcome == "undecided"
    assert said[2, 2].outcome == "identical"
    first, second, _ = headline(found)
    assert "By language: identical in 1 (en), undecided in 1 (sw)." in first
    assert second == (
        "c and a are identical on average over 2 languages (one seed): 17.5 points of nDCG@10, "
        "the same for each of the 16 queries. By language: identical in 2 (en sw)."
    )


@pytest.mark.parametrize(("queries", "outcome"), [(4, "too-few"), (8, "undecided")])
def test_differences_that_cancel_out_are_not_identical(
    queries: int, outcome: str, make_run: MakeRun
) -> None:
    scores = [0.1, 0.2, 0.3, 0.4] * (queries // 4)
    runs = [
        make_run("a", mono({"en": scores})),
        make_run("b", mono({"en": [0.2, 0.1, 0.4, 0.3] * (queries // 4)})),
    ]
    (found,) = compare(runs, CompareOptions(draws=1000))
    assert [each.outcome for each in verdicts(found)] == [outcome]


def test_arm_after_arm_the_averages_first() -> None:
    found = table(
        row(LANGUAGE, "sw", "sw", BASE, difference("worse")),
        row(LANGUAGE, "yo", "yo", None, BASE),
        row(MEAN, "AVG", "sw yo", BASE, difference("undecided")),
    )
    assert [(each.column, each.row) for each in verdicts(found)] == [
        (1, 2), (1, 0), (2, 2), (2, 0), (2, 1),
    ]  # fmt: skip


def test_headline_of_an_arm() -> None:
    undecided = difference("undecided")
    few = difference("too-few", low=None, high=None, detectable=None, needed=None, differing=4)
    found = table(
        row(LANGUAGE, "bn", "bn", few, queries=9),
        row(LANGUAGE, "en", "en", difference("worse"), queries=800),
        row(LANGUAGE, "fi", "fi", difference("equivalent"), queries=900),
        row(LANGUAGE, "te", "te", undecided, queries=500),
        row(LANGUAGE, "yo", "yo", undecided),
        row(MEAN, "AVG", "bn en fi te yo", BASE, queries=2319),
    )
    (said,) = headline(found)
    assert said == (
        "hybrid is better than mono on average over 5 languages: 52.3 against 50.1 points of "
        "nDCG@10, difference +2.2 [+1.1, +3.3] uncorrected, corrected p = 0.004. By language: "
        "worse in 1 (en), no difference larger than 1 point in 1 (fi), undecided in 2 (te yo), "
        "too few queries in 1 (bn). To see a difference of 1 point on yo would take about 1,900 "
        "queries (there are 119)."
    )


def test_languages_with_a_part_of_their_queries_are_named() -> None:
    found = table(
        row(LANGUAGE, "sw", "sw", BASE),
        row(LANGUAGE, "yo", "yo", BASE, queries=33, asked=119),
        row(MEAN, "AVG", "sw yo", BASE, queries=152, asked=238),
    )
    (said,) = headline(found)
    assert " on average over 2 languages (152 of 238 queries, which all runs have): " in said
    assert said.endswith("By language (yo with 33 of 119 queries): better in 2 (sw yo).")


def test_headline_of_a_single_language_is_its_sentence() -> None:
    found = table(row(LANGUAGE, "yo", "yo", BASE))
    assert headline(found) == (verdicts(found)[0].sentence,)


@pytest.mark.parametrize(
    "unsure",
    [
        difference("undecided"),
        difference("undecided", needed=None),
        difference("undecided", detectable=0.008),
    ],
)
def test_what_it_would_take_is_said_once(unsure: Difference) -> None:
    alone = table(row(LANGUAGE, "yo", "yo", unsure))
    assert headline(alone) == (verdicts(alone)[0].sentence,)


def test_seeds_are_asked_for_once() -> None:
    unsure = difference("undecided", needed=None)
    rows = [row(LANGUAGE, code, code, unsure) for code in ("sw", "yo")]
    (said,) = headline(table(*rows, row(MEAN, "AVG", "sw yo", unsure)))
    assert said.count("it takes seeds") == 1
    assert said.endswith("By language: undecided in 2 (sw yo).")


def test_many_arms_are_summed_up() -> None:
    few = difference("too-few", differing=2)
    outcomes = [BASE] * 4 + [difference("worse")] * 2 + [difference("undecided"), few]
    found = table(row(MEAN, "AVG", "sw yo", *outcomes))
    (said,) = headline(found)
    assert said == (
        "Of 8 arms, on average over 2 languages and in nDCG@10: 4 better than mono (hybrid, arm2, "
        "arm3, arm4); 2 worse than mono (arm5, arm6); 1 undecided against mono (arm7); 1 with too "
        "few queries to tell from mono (arm8)."
    )
    weak = table(row(MEAN, "AVG", "sw yo", *outcomes, asked=150), seeds=[2] * 9)
    assert headline(weak)[0].startswith(
        "Of 8 arms, on average over 2 languages (119 of 150 queries, which all runs have; two "
        "seeds) and in nDCG@10: "
    )


def test_nothing_compared_nothing_said(make_run: MakeRun) -> None:
    (found,) = compare([make_run("a", mono({"en": [0.1, 0.2]}))], CompareOptions(draws=100))
    assert headline(found) == ()
    assert verdicts(found) == ()


def test_the_verdict_stands_in_json_and_above_the_table(make_run: MakeRun) -> None:
    runs = [
        make_run("base", mono({"en": SCORES})),
        make_run("up", mono({"en": [value + 0.5 for value in SCORES]})),
    ]
    tables = compare(runs, CompareOptions(draws=1000))
    (found,) = json.loads(render(tables, "json"))["comparisons"]
    said, caveat = found["headline"]
    assert caveat.startswith("No arm has a second seed")
    assert said == (
        "up is better than base on en (one seed): 67.5 against 17.5 points of nDCG@10, difference "
        "+50.0, corrected p = 0.008."
    )
    assert found["verdicts"] == [{"run": "up", "row": "en", "outcome": "better", "sentence": said}]
    assert (found["pairs"][0]["row"], found["pairs"][0]["first"]) == ("en", "base")
    lines = render(tables, "md").splitlines()
    assert lines[2] == said
    assert lines[4] == caveat
    assert lines[6].startswith("| lang |")
