"""What training showed the arms: read from logs, compared, shown beside the scores."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hybench.comparison.budgets import (
    Budget,
    budget_differences,
    budget_lines,
    compact,
    read_budget,
)
from hybench.comparison.gather import CompareOptions
from hybench.comparison.layout import sheet, sheets
from hybench.comparison.model import Comparison
from hybench.comparison.render import render
from hybench.comparison.table import compare
from hybench.comparison.verdict import headline
from hybench.report.latex import latex_report
from hybench.report.provenance import exposure_table
from hybench.runs.events import EventLog
from hybench.runs.run import Run
from tests.comparison.conftest import MakeRun, mono

MONO = {"en": 0.477, "fi": 0.477, "sw": 0.046}
CROSS = {"en": 0.499, "fi": 0.499, "sw": 0.002}
SCORES = [0.1, 0.12, 0.3, 0.2, 0.25, 0.1, 0.05, 0.2]


def log_training(
    run: Run,
    examples: int,
    languages: Mapping[str, float] | None = None,
    *,
    negatives: float = 127.0,
    tokens: int | None = None,
    teacher: int | None = None,
) -> None:
    """Write the log of a training that is done; an older one where no languages are given."""
    log = EventLog(run.events_file, clock=lambda: 0.0)
    if teacher is not None:
        log.append("teacher", model="m", trained=True, examples=teacher, tokens=10 * teacher)
    values: dict[str, Any] = {"examples": examples, "tokens": tokens or 20 * examples}
    if languages is not None:
        values["exposure"] = {
            "examples": examples, "pairs": 2000, "negatives": negatives, "languages": languages,
        }  # fmt: skip
    log.append("step", step=1, loss=1.0)
    log.append("done", step=750, **values)


def _budget(examples: float, languages: Mapping[str, float], **values: float) -> Budget:
    given = {"tokens": 20 * examples, "pairs": 2000.0, "negatives": 127.0, **values}
    return Budget(examples, languages=languages, **given)


@pytest.fixture
def runs(make_run: MakeRun) -> list[Run]:
    """X-X and X-Y of equal steps, and BM25; both settings have the same scores."""
    rows = [
        (setting, "en", "all" if setting == "multi" else "en", *row[3:])
        for setting in ("mono", "multi")
        for row in mono({"en": SCORES})
    ]
    made = [
        make_run("mono", rows, config={"alpha": 1.0}),
        make_run("cross", rows, config={"alpha": 0.0}),
        make_run("bm25", rows, config={"kind": "bm25"}),
    ]
    log_training(made[0], 265_332, MONO, negatives=121.6)
    log_training(made[1], 384_000, CROSS, teacher=64_000)
    return made


@pytest.fixture
def tables(runs: list[Run]) -> tuple[Comparison, ...]:
    return compare(runs, CompareOptions(draws=200))


def test_a_budget_is_the_mean_over_the_runs_of_an_arm(make_run: MakeRun) -> None:
    runs = [make_run(f"a-s{seed}", config={"seed": seed}) for seed in range(2)]
    log_training(runs[0], 1000, {"en": 0.75, "sw": 0.25}, negatives=10.0, teacher=500)
    log_training(runs[1], 1100, {"en": 1.0}, negatives=11.0, teacher=700)
    found = read_budget([run.events_file for run in runs])
    assert found == Budget(
        examples=1050.0,
        tokens=21_000.0,
        pairs=2000.0,
        negatives=10.5,
        languages={"en": 0.875, "sw": 0.125},
        teacher_examples=600.0,
        teacher_tokens=6000.0,
    )
    assert found.shown_in("sw") == pytest.approx(131.25)


def test_what_a_log_does_not_say_is_not_known(make_run: MakeRun, tmp_path: Path) -> None:
    older, newer, begun = (make_run(name) for name in ("older", "newer", "begun"))
    log_training(older, 1000)
    log_training(newer, 1000, {"en": 1.0})
    EventLog(begun.events_file).append("step", step=1, loss=1.0)
    assert read_budget([older.events_file]) == Budget(1000.0, 20_000.0)
    assert read_budget([older.events_file, newer.events_file]) == Budget(1000.0, 20_000.0)
    assert read_budget([newer.events_file, begun.events_file]) is None
    assert read_budget([tmp_path / "none.jsonl"]) is None
    for wrong in (
        {"examples": "many", "tokens": 1},
        {"examples": 1, "tokens": -5},
        {"tokens": 10**400},
    ):
        EventLog(older.events_file).append("done", **wrong)
        assert read_budget([older.events_file]) is None
    EventLog(older.events_file).append("done", examples=5, tokens=6, exposure={"languages": [1]})
    assert read_budget([older.events_file]) == Budget(5.0, 6.0)


def test_the_issue_in_a_sentence() -> None:
    [said] = budget_differences(
        ["mono", "cross", "bm25"],
        [_budget(265_332, MONO, negatives=121.6), _budget(384_000, CROSS), None],
    )
    assert said == (
        "The arms were not shown the same: examples 265,332 (mono) to 384,000 (cross), negatives "
        "per query 122 (mono) to 127 (cross); examples of sw 768 (cross, 0.2 %) to 12,205 (mono, "
        "4.6 %). A difference between them may be of exposure, not only of method; with --examples "
        "N, training shows every arm as many."
    )


def test_two_per_cent_are_no_difference() -> None:
    one, other = _budget(1000, {"en": 0.5, "sw": 0.5}), _budget(1020, {"en": 0.5, "sw": 0.5})
    assert budget_differences(["a", "b"], [one, other]) == ()
    assert budget_differences(["a"], [one]) == ()
    assert budget_differences(["a", "b"], [one, None]) == ()
    assert budget_differences(["a", "b"], []) == ()
    [said] = budget_differences(["a", "b"], [one, _budget(1021, {"en": 0.5, "sw": 0.5})])
    assert "examples 1,000 (a) to 1,021 (b). A" in said


def test_tokens_are_named_where_they_do_not_go_with_the_examples() -> None:
    languages = {"en": 1.0}
    short, long = _budget(1000, languages, tokens=20_000.0), _budget(2000, languages, tokens=9e4)
    [said] = budget_differences(["short", "long"], [short, long])
    assert "examples 1,000 (short) to 2,000 (long), tokens 20k (short) to 90k (long)" in said


def test_of_many_languages_the_worst_two_are_named() -> None:
    one = _budget(1000, {"en": 0.85, "fi": 0.1, "sw": 0.05})
    other = _budget(1000, {"en": 0.77, "fi": 0.2, "sw": 0.03})
    none = _budget(1000, {"en": 1.0})
    [said] = budget_differences(["a", "b"], [one, other])
    assert "examples of fi 100 (a, 10 %) to 200 (b, 20 %) and of sw 30 (b, 3 %) to 50 (a" in said
    assert " en " not in said
    assert said.endswith("not only of method.")  # --examples would change nothing
    [said] = budget_differences(["a", "none"], [one, none])
    assert "examples of fi 0 (none, 0 %) to 100 (a, 10 %) and of sw 0 (none" in said


def test_numbers_of_three_digits() -> None:
    assert [compact(number) for number in (0, 7, 346.2, 999.6, 512_000, 999_960, 15_640_000)] == [
        "0", "7", "346", "1k", "512k", "1M", "15.6M",
    ]  # fmt: skip


def test_budgets_stand_below_the_scores_once(tables: tuple[Comparison, ...]) -> None:
    first, last = sheets(tables)
    below = {line.entries[0].text: line for line in last.lines}
    names = ["examples", "pairs", "tokens", "negatives", "teacher", "least shown"]
    assert list(below)[-6:] == names
    assert not set(names) & {line.entries[0].text for line in first.lines}
    texts = [[entry.text for entry in below[name].entries[2:5]] for name in names]
    assert texts == [
        ["265k", "384k", ""],
        ["2k", "2k", ""],
        ["5.31M", "7.68M", ""],
        ["122", "127", ""],
        ["", "64k", ""],
        ["sw 4.6 %", "sw 0.2 %", ""],
    ]
    assert [below[name].ruled for name in names] == [True, *[False] * 5]
    assert all(len(line.entries) == len(last.header) for line in last.lines)
    assert "examples and below" in last.caption
    assert "examples and below" not in first.caption
    assert "examples" in {line.entries[0].text for line in sheet(tables[0]).lines}
    assert budget_lines([None, None]) == ()


def test_the_headline_says_it_and_the_steps_are_silent(
    tables: tuple[Comparison, ...], runs: list[Run]
) -> None:
    for table in tables:
        [said] = [text for text in headline(table) if "not shown the same" in text]
        assert "265,332 (mono) to 384,000 (cross)" in said
    config = runs[1].config_file
    changed = config.read_text().replace("steps = 600", "steps = 900")
    config.write_text(changed.replace("batch_size = 128", "batch_size = 64"))
    (table, _) = compare(runs, CompareOptions(draws=100))
    assert not [note for note in table.notes if "Unequal budgets: " in note]
    # Without a count, the configs speak.
    runs[0].events_file.unlink()
    (table, _) = compare(runs, CompareOptions(draws=100))
    assert "Unequal budgets: steps differs (mono 600; cross 900)." in table.notes
    assert not [text for text in headline(table) if "not shown the same" in text]
    # An older log counts examples, but no negatives.
    log_training(runs[0], 384_000)
    (table, _) = compare(runs, CompareOptions(draws=100))
    told = [note for note in table.notes if note.startswith("Unequal budgets: ")]
    assert told == ["Unequal budgets: batch_size differs (mono 128; cross 64)."]


def test_documents_hold_them(tables: tuple[Comparison, ...]) -> None:
    for table in json.loads(render(tables, "json"))["comparisons"]:
        assert list(table["budgets"]) == ["mono", "cross", "bm25"]
        assert table["budgets"]["mono"]["languages"] == MONO
        assert table["budgets"]["cross"]["teacher_examples"] == 64_000
        assert table["budgets"]["bm25"] is None
    rows = list(csv.DictReader(io.StringIO(render(tables, "csv"))))
    (first,) = [row for row in rows if (row["setting"], row["run"]) == ("multi", "mono")]
    assert (first["examples"], first["distinct_pairs"], first["negatives"]) == (
        "265332.0",
        "2000.0",
        "121.6",
    )
    assert float(first["language_examples"]) == pytest.approx(265_332 * 0.477, abs=0.1)
    assert [row["examples"] for row in rows if row["run"] == "bm25"] == ["", ""]
    assert "| examples |  | 265k | 384k |" in render(tables, "md")
    latex = latex_report(tables)
    assert "examples 265,332 (mono) to 384,000 (cross)" in latex
    assert "    examples &  & 265k & 384k" in latex
    shown = exposure_table(tables)
    assert shown is not None
    assert [datum.text for datum in shown.header] == ["examples", "mono", "cross"]
    swahili = shown.bodies[0][2]
    assert [datum.text + datum.mark for datum in swahili[1:]] == ["12,205 (4.6 %)", "768 (0.2 %)"]


def test_seeds_of_as_many_examples_are_one_arm(make_run: MakeRun) -> None:
    """Their steps follow from the seed."""
    rows = mono({"en": SCORES})
    runs = [
        make_run(f"a-s{seed}", rows, config={"seed": seed, "examples": 5000, "steps": 600 + seed})
        for seed in range(3)
    ]
    (table,) = compare(runs, CompareOptions(draws=100, group_seeds=True))
    assert [column.seeds for column in table.columns] == [3]
    other = make_run("b", rows, config={"alpha": 1.0, "examples": 5000, "steps": 900})
    (table,) = compare([runs[0], other], CompareOptions(draws=100))
    assert not [note for note in table.notes if "Unequal" in note]
