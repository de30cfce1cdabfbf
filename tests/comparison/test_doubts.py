"""Whole tables in which something weakens what is said: it stands in the sentence."""

from __future__ import annotations

import numpy as np
import pytest

from hybench.comparison.gather import CompareOptions
from hybench.comparison.layout import sheet
from hybench.comparison.model import Comparison, Difference
from hybench.comparison.table import compare
from hybench.comparison.verdict import headline, verdicts
from hybench.runs.run import Run
from tests.comparison.conftest import MakeRun, mono


def _only(table: Comparison, column: int = 1) -> Difference:
    cell = table.rows[0].cells[column]
    assert cell is not None
    assert cell.difference is not None
    return cell.difference


def test_five_queries_all_better_by_much(make_run: MakeRun) -> None:
    """No two-sided sign test on five goes below .0625: there is nothing to tell."""
    runs = [
        make_run("mono", mono({"yo": [0.1, 0.2, 0.3, 0.4, 0.5]}), config={"alpha": 1.0}),
        make_run("hybrid", mono({"yo": [0.5, 0.6, 0.7, 0.8, 0.9]})),
    ]
    (table,) = compare(runs, CompareOptions())
    found = _only(table)
    assert (found.outcome, found.p, found.differing) == ("too-few", 0.0625, 5)
    assert (found.low, found.high, found.detectable, found.needed) == (None, None, None, None)
    assert (found.significant, found.effect, found.floor) == (False, None, False)
    assert verdicts(table)[0].sentence == (
        "Too few queries to tell hybrid from mono on yo (one seed): 5 of 5 queries differ, of "
        "which a two-sided sign test can give no p below 0.0625; 70.0 against 30.0 points of "
        "nDCG@10, difference +40.0."
    )
    assert "80 %" not in headline(table)[0]


def test_five_queries_that_differ_by_unlike_amounts_have_no_interval_either(
    make_run: MakeRun,
) -> None:
    """Nor have five of forty, where the others are the same."""
    lifts = [0.1, 0.2, 0.4, 0.35, 0.3]
    for rest in (0, 35):
        scores = [0.2] * (5 + rest)
        runs = [
            make_run(f"mono{rest}", mono({"yo": scores}), config={"alpha": 1.0}),
            make_run(f"hybrid{rest}", mono({"yo": [*[0.2 + lift for lift in lifts], *scores[5:]]})),
        ]
        (table,) = compare(runs, CompareOptions(draws=500))
        found = _only(table)
        assert (found.outcome, found.p, found.differing) == ("too-few", 0.0625, 5)
        assert (found.low, found.high, found.detectable, found.needed) == (None,) * 4


def test_five_queries_of_several_seeds_are_too_few_as_well(make_run: MakeRun) -> None:
    runs = [
        make_run(
            f"{name}-s{seed}",
            mono({"yo": [level + seed / 50 + at / 10 + (at * seed) / 99 for at in range(5)]}),
            config={"alpha": alpha, "seed": seed},
        )
        for name, level, alpha in (("mono", 0.1, 1.0), ("hybrid", 0.5, 0.5))
        for seed in range(3)
    ]
    (table,) = compare(runs, CompareOptions(group_seeds=True))
    assert (_only(table).outcome, _only(table).low) == ("too-few", None)


def _partial(make_run: MakeRun, lifts: list[float]) -> list[Run]:
    """An arm better by so much in the first queries, and without the rest."""
    scores = np.random.default_rng(0).uniform(0.2, 0.6, 119)
    own = [base + lift for base, lift in zip(scores, lifts, strict=False)]
    return [
        make_run("mono", mono({"yo": list(scores)}), config={"alpha": 1.0}),
        make_run("hybrid", mono({"yo": own})),
    ]


def test_an_arm_with_a_part_of_the_queries(make_run: MakeRun) -> None:
    lifts = list(np.random.default_rng(1).normal(0.2, 0.02, 33))
    (table,) = compare(_partial(make_run, lifts), CompareOptions())
    assert (table.rows[0].queries, table.rows[0].asked) == (33, 119)
    found = _only(table)
    assert (found.outcome, found.floor) == ("better", True)
    said = verdicts(table)[0].sentence
    assert said.startswith(
        "hybrid is better than mono on yo (33 of 119 queries, which all runs have; one seed): "
    )
    assert headline(table)[0] == said


def test_an_arm_with_no_number_for_most_queries(make_run: MakeRun) -> None:
    lifts = [0.0 if at < 45 else float("nan") for at in range(119)]
    (table,) = compare(_partial(make_run, lifts), CompareOptions())
    said = verdicts(table)[0]
    assert said.outcome == "identical"
    assert said.sentence.startswith(
        "hybrid and mono are identical on yo (45 of 119 queries, which all runs have; one seed): "
    )
    assert said.sentence.endswith("the same for each of the 45 queries.")
    assert "hybrid has no number in 74 of its values of yo: left out." in table.notes


@pytest.mark.parametrize(
    ("seeds", "few", "note"),
    [
        (1, " (one seed)", "the tests see chance in the queries, not chance in training."),
        (2, " (two seeds)", "chance in training is guessed from few runs."),
        (3, "", None),
    ],
)
def test_few_seeds_are_told_as_what_they_are(
    seeds: int, few: str, note: str | None, make_run: MakeRun
) -> None:
    runs = [
        make_run(
            f"{name}-s{seed}",
            mono({"en": list(np.random.default_rng(9 * at + seed).uniform(size=60))}),
            config={"alpha": 1.0 - at / 2, "seed": seed},
        )
        for at, name in enumerate(("mono", "hybrid"))
        for seed in range(seeds)
    ]
    (table,) = compare(runs, CompareOptions(group_seeds=True, draws=500))
    assert f" on en{few}: " in verdicts(table)[0].sentence
    counts = f"Fewer than 3 seeds (mono{'' if seeds > 1 else '-s0'} {seeds}, "
    found = [text for text in table.notes if text.startswith("Fewer than 3 seeds")]
    assert bool(found) == (note is not None)
    if note is not None:
        assert found[0].startswith(counts)
        assert found[0].endswith(note)
    caveat = "No arm has a second seed: this knows chance in the queries, not chance in training."
    assert (caveat in headline(table)) == (seeds == 1)
    assert ("queries and seeds" in sheet(table).caption) == (seeds > 1)
    assert (_only(table).p_seeds is None) == (seeds == 1)


def test_a_search_that_was_approximate_and_queries_trained_on(make_run: MakeRun) -> None:
    scores = np.random.default_rng(3).uniform(size=50)
    runs = [
        make_run("mono", mono({"en": list(scores)}), config={"alpha": 1.0}, search="ann"),
        make_run(
            "hybrid", mono({"en": list(scores + 0.1)}), distinct_queries={"en": 50},
            trained_queries={"en": 12},
        ),
    ]  # fmt: skip
    (table,) = compare(runs, CompareOptions(draws=500))
    assert [column.weakened for column in table.columns] == [
        ("searched approximately",), ("trained on 12 of 50 queries",),
    ]  # fmt: skip
    assert (
        " on en (one seed; hybrid trained on 12 of 50 queries; mono searched approximately): "
        in verdicts(table)[0].sentence
    )


def test_a_p_as_small_as_the_draws_allow(make_run: MakeRun) -> None:
    """Six tests and 999 draws: no corrected p is below .006."""
    names = ("de", "en", "fi", "fr", "id")
    base = np.random.default_rng(0).uniform(0.2, 0.5, 60)
    runs = [
        make_run("mono", mono({name: list(base) for name in names}), config={"alpha": 1.0}),
        make_run(
            "hybrid",
            mono({
                name: list(base + np.random.default_rng(at).normal(0.2, 0.02, 60))
                for at, name in enumerate(names)
            }),
        ),
    ]  # fmt: skip
    (table,) = compare(runs, CompareOptions(draws=999))
    assert table.tests == 6
    assert [_only(table).p, _only(table).p_holm] == pytest.approx([0.001, 0.006])
    assert all(", corrected p ≤ 0.006." in each.sentence for each in verdicts(table))
    assert {line.entries[6].text for line in sheet(table).lines[:6]} == {"≤0.006"}
    (many,) = compare(runs, CompareOptions(draws=99_999))
    assert all(", corrected p < 0.001." in each.sentence for each in verdicts(many))


def test_marks_that_hang_on_the_draws_are_named(make_run: MakeRun) -> None:
    """p just at .05: which side it falls on is the draws' doing."""
    random = np.random.default_rng(5)
    noise = random.normal(0, 0.1, 100)
    noise -= noise.mean()
    base = random.uniform(0.3, 0.5, 100)
    shift = 1.965 * noise.std(ddof=1) / 10
    runs = [
        make_run("mono", mono({"en": list(base)}), config={"alpha": 1.0}),
        make_run("hybrid", mono({"en": list(base + noise + shift)})),
    ]
    (table,) = compare(runs, CompareOptions(draws=1000))
    assert _only(table).p_holm == pytest.approx(0.05, abs=0.015)
    assert not _only(table).floor
    asked = "depends on the 1,000 draws: --draws 10000 is surer."
    assert f"Whether a difference is marked in en {asked}" in table.notes
    assert f"Whether two arms share a letter in en {asked}" in table.notes
    far = [runs[0], make_run("far", mono({"en": list(base + noise + 4 * shift)}))]
    assert not any("depends on" in note for note in compare(far, CompareOptions())[0].notes)
