"""Whole comparisons of synthetic runs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hybench.comparison.gather import CompareOptions
from hybench.comparison.model import Comparison, Difference
from hybench.comparison.table import compare
from hybench.errors import StateError, UsageError
from hybench.runs.run import Run
from hybench.statistics import paired_tests as statistics
from tests.comparison.conftest import MakeRun, Row, mono

LANGUAGES = ("en", "fi", "sw", "te")
QUICK = CompareOptions(draws=1000)


def _scores(
    shift: float, seed: int, languages: tuple[str, ...] = LANGUAGES
) -> dict[str, list[float]]:
    noise = np.random.default_rng(seed)
    return {
        language: list(
            np.random.default_rng(at).uniform(size=40) + shift + noise.normal(0, 0.05, 40)
        )
        for at, language in enumerate(LANGUAGES)
        if language in languages
    }


@pytest.fixture
def runs(make_run: MakeRun) -> list[Run]:
    """A better, a worse and an equal arm beside X-X, which comes second; one lacks Telugu."""
    return [
        make_run("better", mono(_scores(0.1, 1))),
        make_run("mono", mono(_scores(0, 2)), config={"alpha": 1.0}),
        make_run("worse", mono(_scores(-0.1, 3)), config={"alpha": 0.0}),
        make_run("part", mono(_scores(0, 4, ("en", "fi", "sw"))), config={"alpha": 0.6}),
        make_run("none", config={"alpha": 0.4}),
    ]


def _difference(comparison: Comparison, label: str, column: int) -> Difference:
    row = next(row for row in comparison.rows if row.label == label)
    cell = row.cells[column]
    assert cell is not None
    assert cell.difference is not None
    return cell.difference


def test_a_whole_table(runs: list[Run]) -> None:
    (table,) = compare(runs, QUICK)
    assert (table.dataset, table.split, table.setting, table.metric) == (
        "atlas", "test", "mono", "nDCG@10",
    )  # fmt: skip
    assert (table.baseline, table.baseline_why) == (1, "the monolingual run")
    assert [row.label for row in table.rows] == ["en", "fi", "sw", "te", "AVG 3/4", "LOW 1/2"]
    assert [row.queries for row in table.rows] == [40, 40, 40, 40, 120, 40]
    assert all(row.cells[4] is None for row in table.rows)
    telugu = table.rows[3]
    assert telugu.cells[3] is None
    assert [cell.best for cell in telugu.cells[:3] if cell] == [True, False, False]
    records = table.records
    assert records[1] is None
    assert records[4] is None
    assert (records[0] and records[0].wins, records[2] and records[2].losses) == (4, 4)
    assert records[3] is not None
    assert (records[3].wins, records[3].ties, records[3].losses) == (0, 3, 0)
    assert "Without results of atlas: none (hybench eval RUN --data atlas)." in table.notes
    assert "AVG takes the 3 of 4 languages that all runs here have." in table.notes


def test_numbers_are_those_of_the_statistics(runs: list[Run]) -> None:
    (table,) = compare(runs, QUICK)
    better, baseline = _scores(0.1, 1), _scores(0, 2)
    strata = [np.subtract(better[name], baseline[name]) for name in ("en", "fi", "sw")]
    english, mean = _difference(table, "en", 0), _difference(table, "AVG 3/4", 0)
    assert english.value == pytest.approx(strata[0].mean())
    assert mean.value == pytest.approx(np.mean([stratum.mean() for stratum in strata]))
    # Languages apart: their variances add up, with Satterthwaite's degrees of freedom.
    variances = [stratum.var(ddof=1) / 40 for stratum in strata]
    error = np.sqrt(sum(variances)) / 3
    freedom = sum(variances) ** 2 / sum(each**2 / 39 for each in variances)
    reach = stats.t.ppf(0.975, freedom)
    assert mean.low == pytest.approx(mean.value - reach * error)
    assert mean.high == pytest.approx(mean.value + reach * error)
    assert english.p == 1 / 1001
    assert english.p_error > 0
    power = reach + stats.t.ppf(0.8, freedom)
    assert mean.detectable == pytest.approx(power * error)
    spread = np.sqrt(np.mean([stratum.var(ddof=1) for stratum in strata]))
    assert mean.effect == pytest.approx(mean.value / spread)
    assert mean.needed == np.ceil(120 * (power * error / 0.01) ** 2)
    theirs = stats.ttest_1samp(strata[0], 0).confidence_interval(0.95)
    assert (english.low, english.high) == pytest.approx(tuple(theirs))
    assert (english.differing, mean.differing) == (40, 120)


def test_holm_covers_the_whole_table(runs: list[Run]) -> None:
    (table,) = compare(runs, QUICK)
    found = [
        cell.difference for row in table.rows for cell in row.cells if cell and cell.difference
    ]
    assert table.tests == len(found) == 4 * 2 + 3 + 3 + 3
    adjusted = statistics.holm([difference.p for difference in found])
    assert [difference.p_holm for difference in found] == adjusted
    assert all(each.significant == (each.p_holm <= 0.05) for each in found)


def test_a_language_alone_gives_the_same_p(runs: list[Run]) -> None:
    (table,) = compare(runs, QUICK)
    (alone,) = compare(runs, CompareOptions(draws=1000, languages=("fi",)))
    assert [row.label for row in alone.rows] == ["fi"]
    assert _difference(alone, "fi", 3).p == _difference(table, "fi", 3).p
    assert compare(runs, QUICK) == (table,)
    (other,) = compare(runs, CompareOptions(draws=1000, seed=1))
    assert _difference(other, "fi", 3).p != _difference(table, "fi", 3).p
    assert _difference(other, "fi", 3).low == _difference(table, "fi", 3).low, (
        "nothing is resampled"
    )


def test_small_languages_are_enumerated(make_run: MakeRun) -> None:
    runs = [
        make_run("a", mono({"yo": [0.1, 0.2, 0.3, 0.4, 0.5]})),
        make_run("b", mono({"yo": [0.2, 0.4, 0.6, 0.8, 1.0]})),
    ]
    (table,) = compare(runs, QUICK)
    difference = _difference(table, "yo", 1)
    assert (difference.p, difference.exact, difference.p_holm) == (2 / 32, True, 2 / 32)
    assert (table.baseline_why, table.rows[0].kind) == ("the first", "language")


def test_ties_are_all_best(make_run: MakeRun) -> None:
    scores = mono({"en": [0.1, 0.2, 0.3]})
    backwards = mono({"en": [0.3, 0.2, 0.1]})
    (table,) = compare([make_run("a", scores), make_run("b", backwards)], QUICK)
    assert [cell.best for cell in table.rows[0].cells if cell] == [True, True]
    (single,) = compare([make_run("a", scores)], QUICK)
    assert [cell.best for cell in single.rows[0].cells if cell] == [False]
    assert (single.baseline, single.tests) == (None, 0)


def test_bm25_is_the_baseline_only_when_asked(make_run: MakeRun) -> None:
    rows = mono({"en": [0.1, 0.2, 0.3]})
    runs = [make_run("bm25", rows, config={"kind": "bm25"}), make_run("x", rows)]
    assert compare(runs, QUICK)[0].baseline == 1
    (table,) = compare(runs, CompareOptions(draws=100, baseline="bm25"))
    assert (table.baseline, table.baseline_why) == (0, "as asked for")
    with pytest.raises(UsageError) as caught:
        compare(runs, CompareOptions(baseline="y"))
    assert caught.value.do == "Choose one of: bm25 x."


def test_a_baseline_without_results_is_said(runs: list[Run]) -> None:
    (table,) = compare(runs, CompareOptions(draws=100, baseline="none"))
    assert table.tests == 0
    assert "The baseline none was not run here: nothing is tested." in table.notes


def test_a_setting_each_with_bias_in_the_pool(make_run: MakeRun) -> None:
    rows: list[Row] = []
    for language in ("en", "sw"):
        for at in range(6):
            query = f"q{at}"
            for metric, value in (("nDCG@10", 0.5), ("RankDistance", 100.0), ("SameLang@10", 2.0)):
                rows.append(("multi", language, "all", query, metric, value))
            rows.append(("cross", language, "de", query, "nDCG@10", 0.1 * at))
            rows.append(("cross", language, "yo", query, "nDCG@10", 0.3))
    near = [
        (*row[:5], 40.0) if row[4] == "RankDistance" else row
        for row in rows
        if row[4] != "SameLang@10"
    ]
    runs = [make_run("a", rows), make_run("b", near)]
    cross, multi = compare(runs, QUICK)
    assert (cross.setting, multi.setting) == ("cross", "multi")
    assert cross.bias == ()
    assert cross.rows[0].cells[0] is not None
    assert cross.rows[0].cells[0].value == pytest.approx(0.275)
    distance, same = multi.bias
    assert (distance.metric, distance.values) == ("RankDistance", (100.0, 40.0))
    assert (same.metric, same.values) == ("SameLang@10", (2.0, None))
    (table,) = compare(runs, CompareOptions(metric="RankDistance", draws=100))
    assert [cell.best for cell in table.rows[0].cells if cell] == [False, True]
    assert table.records[1] is not None
    assert table.records[1].better == 2
    with pytest.raises(UsageError, match="no nDCG@10 of mono"):
        compare(runs, CompareOptions(setting="mono"))
    with pytest.raises(UsageError) as caught:
        compare(runs, CompareOptions(metric="MRR"))
    assert caught.value.do == "Choose: nDCG@10 R@100 RankDistance SameLang@10."


def test_notes_on_how_results_were_made(make_run: MakeRun) -> None:
    rows = mono({"en": [0.1, 0.2, 0.3]})
    recall = {"en": 0.981, "sw": 0.99}
    runs = [make_run("a", rows), make_run("b", rows, search="ann", recall=recall, split="dev")]
    (table,) = compare(runs, QUICK)
    assert "Different splits: a test, b dev." in table.notes
    (approximate,) = [note for note in table.notes if "approximately" in note]
    assert approximate.startswith("b was searched")
    assert "0.981 at worst" in approximate


def test_grouped_seeds(make_run: MakeRun) -> None:
    runs = [
        make_run(
            f"{name}-s{seed}", mono(_scores(shift, seed)), config={"seed": seed, "alpha": alpha}
        )
        for name, shift, alpha in [("mono", 0.0, 1.0), ("hybrid", 0.02, 0.5)]
        for seed in range(3)
    ]
    (table,) = compare(runs, CompareOptions(group_seeds=True, draws=1000))
    assert [(column.label, column.seeds) for column in table.columns] == [
        ("mono", 3),
        ("hybrid", 3),
    ]
    assert table.rows[0].queries == 40
    assert (table.baseline, table.baseline_why) == (0, "the monolingual arm")
    assert table.notes == (
        "Trained on training data of Atlas in all languages here: mono, hybrid (pairs of atlas).",
    )


def test_seeds_that_stand_apart_are_said(make_run: MakeRun) -> None:
    """The first monolingual run is the baseline, wherever it stands."""
    runs = [
        make_run(f"{name}-s{seed}", mono(_scores(0, seed)), config={"seed": seed, "alpha": alpha})
        for name, alpha in [("cross", 0.0), ("mono", 1.0)]
        for seed in range(2)
    ]
    (table,) = compare(runs, QUICK)
    assert (table.baseline, table.baseline_why) == (2, "the first monolingual run")
    assert table.notes[0] == (
        "These runs differ only by their seed: cross-s0 cross-s1; mono-s0 mono-s1. "
        "--group-seeds groups them."
    )
    (one_each,) = compare(runs[::2], QUICK)
    assert (one_each.baseline, one_each.baseline_why) == (1, "the monolingual run")
    assert not [note for note in one_each.notes if "--group-seeds" in note]
    longer = make_run("long", mono(_scores(0, 9)), config={"alpha": 1.0, "steps": 1200})
    (several,) = compare([*runs[::2], longer], QUICK)
    assert (several.baseline, several.baseline_why) == (0, "the first")


def test_too_few_draws_for_so_many_tests_are_said(runs: list[Run]) -> None:
    (table,) = compare(runs, CompareOptions(draws=100))
    assert any("raise --draws" in note for note in table.notes)


def test_refusals(make_run: MakeRun, runs: list[Run]) -> None:
    with pytest.raises(UsageError):
        compare([], QUICK)
    with pytest.raises(UsageError, match="no language xx"):
        compare(runs, CompareOptions(languages=("xx",)))
    for wrong in ({"setting": "all"}, {"draws": 5}, {"seed": -1}):
        with pytest.raises(UsageError):
            CompareOptions(**wrong)
    other = make_run("other", mono({"en": [0.1]}), fingerprint="f9")
    with pytest.raises(StateError, match="different versions"):
        compare([*runs, other], QUICK)
    apart = [("mono", "en", "en", "else", "nDCG@10", 0.5)]
    with pytest.raises(StateError, match="share no query"):
        compare([make_run("x", mono({"en": [0.1]})), make_run("y", apart)], QUICK)
