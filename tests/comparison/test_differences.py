"""What a difference comes to: with and without seeds, above and below the margin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from hybench.comparison.gather import CompareOptions
from hybench.comparison.model import Comparison, Difference
from hybench.comparison.table import compare
from hybench.errors import UsageError
from hybench.runs.run import Run
from hybench.statistics.paired_tests import holm
from tests.comparison.conftest import MakeRun, mono

QUERIES = 600


def _difference(table: Comparison, column: int = 1, label: str = "en") -> Difference:
    cell = next(row for row in table.rows if row.label == label).cells[column]
    assert cell is not None
    assert cell.difference is not None
    return cell.difference


def _interval(difference: Difference) -> tuple[float, float]:
    assert difference.low is not None
    assert difference.high is not None
    return difference.low, difference.high


def _arm(
    make_run: MakeRun,
    name: str,
    shifts: Sequence[float],
    spread: float = 0.02,
    metric: str = "nDCG@10",
    **config: object,
) -> list[Run]:
    """A run per seed; each has the shift of its seed in all queries, and noise of its own."""
    base = np.random.default_rng(99).uniform(size=QUERIES)
    noise = np.random.default_rng(len(name)).normal(0, spread, (len(shifts), QUERIES))
    return [
        make_run(
            f"{name}-s{seed}",
            mono({"en": list(base + shift + noise[seed])}, metric),
            config={"seed": seed, **config},
        )
        for seed, shift in enumerate(shifts)
    ]


def _compared(runs: list[Run], **options: object) -> Comparison:
    given = {"draws": 2000, "group_seeds": True, **options}
    (table,) = compare(runs, CompareOptions(**given))  # type: ignore[arg-type]
    return table


def test_outcomes(make_run: MakeRun) -> None:
    base = _arm(make_run, "base", [0.0], alpha=1.0)
    for shift, expected in ((0.05, "better"), (-0.05, "worse"), (0.0, "equivalent")):
        arm = _arm(make_run, "other", [shift], alpha=0.5)
        found = _difference(_compared(base + arm))
        assert found.outcome == expected
        assert found.significant == (expected != "equivalent")
        assert found.p_seeds is None
    wide = _arm(make_run, "wide", [0.0], spread=0.5, alpha=0.5)
    found = _difference(_compared(base + wide))
    assert found.outcome == "undecided"
    assert found.needed is not None
    assert found.needed > QUERIES


def test_lower_is_better_turns_the_outcome(make_run: MakeRun) -> None:
    base = _arm(make_run, "base", [300.0], metric="RankDistance", alpha=1.0)
    arm = _arm(make_run, "other", [280.0], metric="RankDistance", alpha=0.5)
    table = _compared(base + arm, metric="RankDistance")
    found = _difference(table)
    assert found.outcome == "better"
    assert table.records[1] is not None
    assert table.records[1].wins == 1
    assert (table.margin, found.p_equivalence, found.needed) == (0.0, 1.0, None)
    table = _compared(base + arm, metric="RankDistance", delta=25.0)
    assert table.margin == 25
    assert _difference(table).p_equivalence < 0.05


def test_no_mark_where_seeds_alone_can_explain_it(make_run: MakeRun) -> None:
    """Every query says better, but the seeds of an arm differ by more than the arms do."""
    base = _arm(make_run, "base", [-0.05, 0.0, 0.05], alpha=1.0)
    arm = _arm(make_run, "other", [0.08, -0.02, 0.03], alpha=0.5)
    found = _difference(_compared(base + arm))
    assert found.p < 0.001
    assert found.p_seeds is not None
    assert found.p_seeds > 0.05
    low, high = _interval(found)
    assert low < 0 < high
    assert (found.significant, found.outcome, found.p_holm) == (False, "undecided", found.p_seeds)
    assert found.detectable is not None
    assert found.detectable > 0.05
    assert found.needed is None, "no number of queries makes up for seeds"
    steady = _arm(make_run, "steady", [0.03, 0.0301, 0.0299], alpha=0.4)
    calm = _arm(make_run, "calm", [0.0, 0.0001, -0.0001], alpha=0.3)
    found = _difference(_compared(calm + steady, baseline="calm"))
    assert (found.significant, found.outcome) == (True, "better")


def test_nothing_to_say_of_seeds_in_what_was_not_trained(make_run: MakeRun) -> None:
    fixed = [
        make_run("bm25", mono({"en": [0.2, 0.4] * 300}), config={"kind": "bm25", "seed": None})
    ]
    arm = _arm(make_run, "other", [0.0, 0.1, 0.2])
    found = _difference(_compared(fixed + arm, baseline="bm25"))
    assert found.p_seeds is not None
    low, high = _interval(found)
    assert high - low > 2 * 4.3 * 0.1 / np.sqrt(3) * 0.9


def test_both_kinds_of_tests_are_corrected_over_the_table(make_run: MakeRun) -> None:
    names = ("en", "fi", "sw")
    generator = np.random.default_rng(1)
    scores = [{name: list(generator.normal(0.5, 0.02, 400)) for name in names} for _ in range(10)]
    runs = [
        make_run(f"{name}-s{seed}", mono(scores[5 * at + seed]), config={"seed": seed, "alpha": a})
        for at, (name, a) in enumerate((("mono", 1.0), ("mixed", 0.5)))
        for seed in range(5)
    ]
    table = _compared(runs)
    found = [_difference(table, 1, row.label) for row in table.rows]
    assert len(found) == 4
    raw = [max(each.p, each.p_seeds or 0) for each in found]
    assert [each.p_holm for each in found] == holm(raw)
    adjusted = [each.p_equivalence for each in found]
    alone = [
        _difference(_compared(runs, languages=(name,)), label=name).p_equivalence for name in names
    ]
    average = adjusted[3] / 4
    assert average < min(alone), "of three times the queries"
    assert adjusted == pytest.approx(holm([*alone, average]))
    assert all(each.outcome in {"equivalent", "undecided"} for each in found)


def test_the_margin_is_asked_for_in_the_tables_unit() -> None:
    for wrong in (0.0, -0.1, float("nan"), float("inf")):
        with pytest.raises(UsageError, match="--delta is"):
            CompareOptions(delta=wrong)
    assert CompareOptions().margin("nDCG@10") == 0.01
    assert CompareOptions().margin("RankDistance") == 0
    assert CompareOptions(delta=3.0).margin("RankDistance") == 3
    assert CompareOptions(delta=3.0).margin("nDCG@10") == 0.03
    assert CompareOptions(delta=250.0).margin("RankDistance") == 250
    for wrong in (0.01, 100.0, 250.0):
        with pytest.raises(UsageError, match=f"--delta is {wrong:g}, in points of nDCG@10 ×100"):
            CompareOptions(delta=wrong).margin("nDCG@10")


def test_runs_of_the_same_seeds_are_paired(make_run: MakeRun) -> None:
    """A seed that lifts or lowers both arms alike says nothing of their difference."""
    lifts = (-0.15, 0.0, 0.15)
    base = _arm(make_run, "base", lifts, alpha=1.0)
    same = _arm(make_run, "alike", [lift + 0.03 for lift in lifts], alpha=0.0)
    other = [
        make_run(f"other-s{10 + at}", _rows(run), config={"seed": 10 + at, "alpha": 0.5})
        for at, run in enumerate(same)
    ]
    paired = _difference(_compared(base + same))
    apart = _difference(_compared(base + other))
    assert paired.value == pytest.approx(apart.value) == pytest.approx(0.03, abs=0.005)
    assert paired.outcome == "better"
    assert apart.outcome == "undecided"
    widths = [high - low for low, high in map(_interval, (paired, apart))]
    assert widths[0] < 0.1 * widths[1]


def _rows(run: Run) -> list[tuple[str, str, str, str, str, float]]:
    return list(pl.read_parquet(run.results("atlas")).drop("source_id").iter_rows())
