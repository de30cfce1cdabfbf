"""What is known of a difference by now: the numbers of compare, and what more would find."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hybench.comparison.gather import CompareOptions, gather
from hybench.comparison.outlook import Asked, Outlook, outlooks
from hybench.comparison.table import compare
from hybench.runs.run import Run
from tests.comparison.conftest import MakeRun
from tests.comparison.test_looks import write_study

OPTIONS = CompareOptions(data="atlas", group_seeds=True, draws=100)


def runs_of(make_run: MakeRun, folder: Path, *names: str) -> list[Run]:
    write_study(make_run, folder, names)
    return [Run(folder / name) for name in names]


def test_the_numbers_are_those_of_compare(make_run: MakeRun, tmp_path: Path) -> None:
    names = ("hybrid-s0", "mono-s0", "hybrid-s1", "mono-s1")
    runs = runs_of(make_run, tmp_path / "runs", *names)
    asked = [
        Asked("hybrid", "mono", "mono"),
        Asked("mono", "hybrid", "mono", ("yo", "AVG"), "a claim"),
        Asked("hybrid", "other", "mono"),
    ]
    planned = {run.path: 3 for run in runs}
    found = outlooks(gather(runs, OPTIONS), OPTIONS, asked, planned)
    [table] = compare(runs, OPTIONS)
    rows = {row.label.partition(" ")[0]: row for row in table.rows}
    assert [(pair[0], pair[1].row) for pair in found] == [
        (asked[0], "AVG"), (asked[0], "LOW"), (asked[1], "AVG"), (asked[1], "yo"),
    ]  # fmt: skip
    for of, outlook in found:
        row = rows[outlook.row.partition(" ")[0]]
        cell = row.cells[table.columns.index(next(c for c in table.columns if c.label == "hybrid"))]
        assert cell is not None
        difference = cell.difference
        assert difference is not None
        if of is asked[1]:
            difference = difference.turned()
        assert outlook.value == pytest.approx(difference.value)
        assert (outlook.low, outlook.high) == pytest.approx((difference.low, difference.high))
        assert outlook.detectable == pytest.approx(difference.detectable)
        assert (outlook.needed_sources, outlook.sources) == (difference.needed, row.sources)
        assert outlook.seeds == (2, 2)
        assert outlook.decides is not None
        assert outlook.detectable is not None
        assert outlook.decides < outlook.detectable  # with a third seed
    done = outlooks(gather(runs, OPTIONS), OPTIONS, asked[:1], {run.path: 2 for run in runs})
    assert [each.decides for _, each in done] == [each.detectable for _, each in done]
    alone = outlooks(gather(runs, OPTIONS), OPTIONS, asked[:1], {})
    assert [each.decides for _, each in alone] == [None, None]


def test_one_seed_says_nothing_of_seeds(make_run: MakeRun, tmp_path: Path) -> None:
    runs = runs_of(make_run, tmp_path / "runs", "hybrid-s0", "mono-s0")
    [(_, found), _] = outlooks(
        gather(runs, OPTIONS),
        OPTIONS,
        [Asked("hybrid-s0", "mono-s0", "mono")],
        {run.path: 3 for run in runs},
    )
    assert not found.seeds_known
    assert found.needed_seeds is found.decides is None


ONE = "would find a difference of 1 point"
KNOWN = Outlook(
    ("hybrid", "mono"), "mono", "LOW", "nDCG@10", (2, 2), 482, 0.012, -0.004, 0.028, 0.01, 0.02,
    True, 4, 900, 3, 0.014,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, f"2 more seeds, or 420 more queries, {ONE}"),
        ({"needed_sources": None}, f"2 more seeds {ONE}"),
        ({"needed_seeds": 3, "needed_sources": None}, f"1 more seed {ONE}"),
        ({"seeds": (2, 3)}, f"4 seeds of each arm, or 420 more queries, {ONE}"),
        ({"detectable": 0.009}, "a difference of 1 point would be found now"),
        (
            {"needed_seeds": None, "needed_sources": None},
            f"neither more queries nor 64 seeds, alone, {ONE}",
        ),
        (
            {"needed_seeds": None, "seeds_known": False},
            f"420 more queries {ONE}; one seed tells nothing of chance in training",
        ),
        ({"detectable": None}, "too few queries differ for an interval"),
        ({"margin": 0.0}, "a difference of 2 points would be found now"),
    ],
)  # fmt: skip
def test_what_more_would_find_in_words(changed: dict[str, object], said: str) -> None:
    assert replace(KNOWN, **changed).what_more_finds == said  # type: ignore[arg-type]


def test_a_difference_in_words() -> None:
    assert KNOWN.difference == "hybrid − mono on LOW: +1.2 [-0.4, +2.8]"
    assert replace(KNOWN, low=None, high=None).difference == "hybrid − mono on LOW: +1.2"
    assert KNOWN.what_study_decides == "with all 3 seeds it finds differences of 1.4 points"
    assert replace(KNOWN, decides=None).what_study_decides == ""
