"""Whole tables of parallel queries: translations of one query are one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hybench.comparison.gather import CompareOptions
from hybench.comparison.layout import sheet
from hybench.comparison.model import Comparison
from hybench.comparison.table import compare
from tests.comparison.conftest import MakeRun, mono
from tests.comparison.test_table import LANGUAGES, QUICK, _difference, _scores


def test_parallel_queries_are_counted_once(make_run: MakeRun) -> None:
    """The same scores, whose queries are translations of each other or strangers."""

    def table(parallel: bool) -> Comparison:
        runs = [
            make_run(
                f"{name}-{parallel}", mono(_scores(shift, seed)), parallel=parallel,
                config={"alpha": alpha}, folder=str(parallel),
            )
            for name, shift, seed, alpha in (("mono", 0.0, 2, 1.0), ("hybrid", 0.02, 1, 0.5))
        ]  # fmt: skip
        (found,) = compare(runs, QUICK)
        return found

    together, apart = table(True), table(False)
    assert (together.parallel, apart.parallel) == (True, False)
    average = together.rows[4]
    assert (average.label, average.sources, average.queries, average.asked) == ("AVG", 40, 160, 160)
    assert apart.rows[4].sources == 160
    every = [np.subtract(_scores(0.02, 1)[name], _scores(0, 2)[name]) for name in LANGUAGES]
    of_sources = np.mean(every, axis=0)
    found = _difference(together, "AVG", 1)
    theirs = stats.ttest_1samp(of_sources, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx(tuple(theirs))
    assert found.effect == pytest.approx(of_sources.mean() / of_sources.std(ddof=1))
    assert found.differing == 40
    assert found.needed is not None
    assert found.needed < (_difference(apart, "AVG", 1).needed or 0)
    assert found.value == pytest.approx(_difference(apart, "AVG", 1).value)
    for label in LANGUAGES:
        one, other = _difference(together, label, 1), _difference(apart, label, 1)
        assert (one.low, one.high, one.detectable) == (other.low, other.high, other.detectable)
    caption = sheet(together).caption
    assert "n: source queries; translations of one query are one." in caption
    assert "randomisation test over source queries, two-sided" in caption
    assert "Student's, over source queries, not corrected." in caption
    assert "source queries" not in sheet(apart).caption
    shown = next(line for line in sheet(together).lines if line.entries[0].text == "AVG")
    assert shown.entries[1].text == "40"


@pytest.mark.parametrize("setting", ["cross", "multi"])
def test_directions_of_a_query_are_one_too(setting: str, make_run: MakeRun) -> None:
    """In cross, a query of en asked in fi and sw, and its translations, are one source."""
    random = np.random.default_rng(0)
    queries, languages = 30, ("en", "fi", "sw")
    differences = random.normal(0.02, 0.1, queries)
    runs = []
    for name, factor in (("base", 0.0), ("arm", 1.0)):
        rows = [
            (setting, language, other, f"q{at}", "nDCG@10", 0.5 + factor * differences[at])
            for language in languages
            for other in (("all",) if setting == "multi" else languages)
            if other != language
            for at in range(queries)
        ]
        runs.append(make_run(name, rows, parallel=True, config={"alpha": 1 - factor}))
    (table,) = compare(runs, CompareOptions(draws=500))
    found = _difference(table, "AVG", 1)
    theirs = stats.ttest_1samp(differences, 0)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    average = table.rows[3]
    assert (average.sources, average.queries) == (30, 90)
    assert found.p == _difference(table, "en", 1).p, "one language says all that three say"


def test_settings_and_rows_share_one_sign_a_source(make_run: MakeRun) -> None:
    """Groups of the languages that AVG covers, where all say the same, have its p."""
    scores = list(np.random.default_rng(1).normal(0.5, 0.1, 50))
    lifted = list(np.array(scores) + np.random.default_rng(2).normal(0.01, 0.1, 50))
    names = ("en", "fi", "sw", "te")
    runs = [
        make_run("base", mono(dict.fromkeys(names, scores)), parallel=True, config={"alpha": 1.0}),
        make_run("arm", mono(dict.fromkeys(names, lifted)), parallel=True),
    ]
    (table,) = compare(runs, CompareOptions(draws=700, groups={"own": ("en", "te")}))
    found = [_difference(table, row.label, 1) for row in table.rows]
    assert [row.label for row in table.rows[4:]] == ["AVG", "LOW", "own"]
    assert len({each.p for each in found}) == 1
    assert all(each.low == pytest.approx(found[0].low) for each in found)
