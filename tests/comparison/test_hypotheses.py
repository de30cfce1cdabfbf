"""Hypotheses of a study: read, tested as one family, and put into words and files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hybench.comparison.gather import CompareOptions
from hybench.comparison.hypotheses import Hypotheses, Hypothesis
from hybench.comparison.hypothesis_documents import hypothesis_sheet
from hybench.comparison.hypothesis_tests import hypotheses_of, study_of
from hybench.comparison.render import render
from hybench.comparison.table import compare
from hybench.errors import UsageError
from hybench.report.latex import latex_report
from hybench.runs.run import STUDY, Run
from hybench.statistics.paired_tests import holm
from tests.comparison.conftest import MakeRun, Row

OPTIONS = CompareOptions(draws=2000)
ARMS = {"hybrid": 0.5, "cross": 0.0, "mono": 1.0}
MakeStudy = Callable[..., Path]


def _scores(arm: str, steps: int, seed: int, queries: int = 200) -> list[Row]:
    """hybrid is .1 above cross at 10 steps and level with it at 20; mono is .1 below."""
    shift = {"hybrid": 0.1 if steps == 10 else 0.0, "mono": -0.1}.get(arm, 0.0)
    noise = np.random.default_rng([ord(arm[0]), steps, seed])
    rows: list[Row] = []
    for at, language in enumerate(("en", "sw", "yo")):
        base = np.random.default_rng(at).uniform(0.2, 0.8, queries)
        values = base + shift + noise.normal(0, 0.03, queries)
        rows += [
            ("mono", language, language, f"q{number:03}", "nDCG@10", float(value))
            for number, value in enumerate(values)
        ]
    return rows


@pytest.fixture
def make_study(make_run: MakeRun, tmp_path: Path) -> MakeStudy:
    """Write a study of three arms, two budgets and two seeds, with hypotheses."""

    def make(*hypotheses: Mapping[str, Any], lacking: str = "", **more: Any) -> Path:
        cells: dict[str, dict[str, Any]] = {"bm25": {"arm": "bm25"}}
        for arm, alpha in ARMS.items():
            for steps in (10, 20):
                for seed in (0, 1):
                    name = f"{arm}-steps{steps}-s{seed}"
                    cells[name] = {"arm": arm, "steps": steps, "seed": seed}
                    if name.startswith(lacking or "?"):
                        continue
                    config = {"alpha": alpha, "steps": steps, "seed": seed}
                    make_run(name, _scores(arm, steps, seed), config=config, parallel=True)
        described = {
            "name": "budget",
            "arms": list(ARMS),
            "data": ["atlas"],
            "cells": cells,
            "hypotheses": list(hypotheses),
            **more,
        }
        folder = tmp_path / "runs"
        (folder / STUDY).write_text(json.dumps(described), encoding="utf-8")
        return folder

    return make


BETTER = {"arms": ["hybrid", "cross"], "setting": "mono", "direction": "better"}
WORSE = {"arms": ["mono", "cross"], "setting": "mono", "direction": "better", "row": "yo"}
SAME = {"arms": ["hybrid", "cross"], "setting": "mono", "direction": "equivalent", "delta": 5.0}
LOW = {"arms": ["mono", "hybrid"], "setting": "mono", "row": "LOW"}


def _tested(folder: Path) -> Hypotheses:
    found = hypotheses_of(folder, OPTIONS)
    assert found is not None
    return found


def test_a_run_without_a_seed_is_an_arm(make_study: MakeStudy, make_run: MakeRun) -> None:
    """Derived of a model as it is, for one."""
    asked = {"arms": ["fixed", "cross"], "setting": "mono"}
    file = make_study(asked) / STUDY
    described = json.loads(file.read_text(encoding="utf-8"))
    for steps in (10, 20):
        name = f"fixed-steps{steps}"
        described["cells"][name] = {"arm": "fixed", "steps": steps}
        make_run(name, _scores("mono", steps, 0), config={"kind": "derived"}, parallel=True)
    file.write_text(json.dumps(described), encoding="utf-8")
    found = _tested(file.parent)
    assert [each.found for each in found.tested].count("not run") == 0
    assert all(each.values is not None for each in found.tested)


def test_each_is_asked_at_every_point_and_all_are_corrected_together(
    make_study: MakeStudy,
) -> None:
    found = _tested(make_study(BETTER, WORSE, SAME, LOW))
    assert [dict(each.point)["steps"] for each in found.tested] == [10, 20] * 4
    assert found.tests == 8
    raw = [each.p for each in found.tested if each.p is not None]
    assert [each.p_holm for each in found.tested] == holm(raw)
    told = [each.found for each in found.tested]
    assert told[0] == "shown"
    assert told[1:4] == ["not shown"] * 3, "level with it, and worse twice"
    assert told[4:6] == ["not shown", "shown"], "a difference of 10 points, then of none"
    assert told[6] == "shown"


def test_a_test_with_a_side_has_half_the_p_or_one_less_it(make_study: MakeStudy) -> None:
    both = {**BETTER, "direction": "different"}
    turned = {**BETTER, "arms": ["cross", "hybrid"]}
    found = _tested(make_study(BETTER, both, turned))
    up, either, down = (found.tested[at] for at in (0, 2, 4))
    assert up.p is not None
    assert either.p is not None
    assert down.p is not None
    assert up.p == pytest.approx(either.p / 2)
    assert down.p == pytest.approx(1 - either.p / 2)
    assert up.difference is not None
    assert either.difference is not None
    assert down.difference is not None
    assert up.difference.value == -down.difference.value


def test_its_numbers_are_those_of_the_comparison(make_study: MakeStudy) -> None:
    folder = make_study({**BETTER, "direction": "different"})
    runs = [Run(path) for path in sorted(folder.glob("*-steps10-*"))]
    options = CompareOptions(draws=2000, group_seeds=True, baseline="cross-steps10")
    (table,) = compare(runs, options)
    row = next(row for row in table.rows if row.label == "AVG")
    at = next(at for at, column in enumerate(table.columns) if column.way == "hybrid")
    cell = row.cells[at]
    assert cell is not None
    assert cell.difference is not None
    tested = _tested(folder).tested[0]
    assert tested.difference is not None
    assert tested.sources == row.sources == 200, "three languages of the same queries"
    assert tested.values is not None
    assert tested.values[0] == cell.value
    for name in ("value", "low", "high", "p", "p_seeds"):
        expected = pytest.approx(getattr(cell.difference, name), rel=1e-9)
        assert getattr(tested.difference, name) == expected


def test_what_has_no_runs_yet_waits(make_study: MakeStudy) -> None:
    folder = make_study(BETTER, lacking="hybrid-steps20")
    found = _tested(folder)
    assert [each.found for each in found.tested] == ["shown", "not run"]
    assert found.tests == 1
    shown = hypothesis_sheet(found)
    assert "1 of 2 hypotheses" in shown.lead[0]
    assert "1 wait for their runs." in shown.lead[0]
    assert _tested(make_study({**BETTER, "setting": "multi"})).tests == 0


def test_a_claim_is_worded_as_it_was_made_before_its_runs_are_there(make_study: MakeStudy) -> None:
    [run, waits] = _tested(make_study(SAME, lacking="hybrid-steps20")).tested
    assert waits.found == "not run"
    assert waits.words == run.words
    assert run.words.endswith("differ by less than 5 points")


def test_a_run_with_a_damaged_config_is_passed_over_as_in_the_tables(
    make_study: MakeStudy,
) -> None:
    folder = make_study(BETTER)
    (folder / "hybrid-steps10-s1" / "config.toml").write_text("no = = TOML", encoding="utf-8")
    assert [each.found != "not run" for each in _tested(folder).tested] == [True, True]


def test_the_sheet_names_who_is_better_and_whether_it_was_named_late(
    make_study: MakeStudy,
) -> None:
    different = {**LOW, "row": "AVG"}
    early = hypothesis_sheet(_tested(make_study(different)))
    assert "named before the study was run" in early.lead[0]
    assert early.lines[0].entries[0].text == "mono and hybrid differ"
    assert early.lines[1].entries[0].text == "", "said once"
    assert early.lines[0].entries[1].text == "mono, AVG, steps 10"
    assert early.lines[0].entries[-1].text == "hybrid better"
    late = hypothesis_sheet(_tested(make_study(different, late=True)))
    assert "named after the study was begun" in late.lead[0]


def test_only_some_points_can_be_shown_with_the_correction_of_all(make_study: MakeStudy) -> None:
    folder = make_study(BETTER, LOW)
    found = _tested(folder)
    some = hypotheses_of(folder, OPTIONS, [Run(folder / "mono-steps10-s1"), Run(folder / "bm25")])
    assert some is not None
    assert [dict(each.point)["steps"] for each in some.tested] == [10, 10]
    assert some.tested[0] == found.tested[0]


def test_every_format_has_them_first(make_study: MakeStudy) -> None:
    folder = make_study(BETTER, SAME)
    found = _tested(folder)
    tables = compare([Run(path) for path in sorted(folder.glob("*-s0"))], OPTIONS)
    markdown = render(tables, "md", found)
    assert markdown.startswith("### Hypotheses of study budget")
    assert markdown.index("exploratory") < markdown.index("### atlas")
    value = json.loads(render(tables, "json", found))
    assert value["hypotheses"]["tests"] == 4
    assert value["hypotheses"]["tested"][0]["found"] == "shown"
    assert json.loads(render(tables, "json"))["hypotheses"] is None
    lines = list(csv.DictReader(io.StringIO(render(tables, "csv", found))))
    named = [line for line in lines if line["kind"] == "hypothesis"]
    assert len(named) == 4
    assert named[0]["run"] == "hybrid"
    assert named[0]["baseline"] == "cross"
    assert float(named[0]["p_holm"]) == found.tested[0].p_holm
    latex = latex_report(tables, found)
    assert latex.index("tab:hypotheses-budget") < latex.index("tab:atlas-test-mono")


def test_runs_of_one_study_are_known_as_such(make_study: MakeStudy, make_run: MakeRun) -> None:
    folder = make_study()
    runs = [Run(path) for path in sorted(folder.glob("*-s0"))]
    assert study_of(runs) == folder
    assert study_of([*runs, make_run("other", folder="elsewhere")]) is None
    assert hypotheses_of(folder, OPTIONS) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"arms": ["a"]}, "must be a list of 2 strings"),
        ({"arms": ["a", "a"]}, "Name two arms"),
        ({"arms": "ab"}, "must be a list of 2 strings"),
        ({"setting": "solo"}, "setting is 'solo'"),
        ({"setting": 3}, "setting is 3"),
        ({"direction": "worse"}, "direction is 'worse'"),
        ({"row": 1}, "row is 1"),
        ({"delta": 1.0}, "delta is of equivalence alone"),
        ({"delta": True, "direction": "equivalent"}, "delta is True"),
        ({"rows": "AVG"}, "unknown field rows"),
    ],
)
def test_a_wrong_one_is_refused_in_one_line(change: dict[str, Any], said: str) -> None:
    value = {"arms": ["a", "b"], "setting": "mono", **change}
    with pytest.raises(UsageError) as caught:
        Hypothesis.read(value, "f.toml: hypothesis 1")
    assert said in caught.value.what + caught.value.do
    assert caught.value.what.startswith("f.toml: hypothesis 1")


def test_it_is_kept_as_it_was_named() -> None:
    value = {"arms": ["a", "b"], "setting": "multi", "direction": "equivalent", "delta": 1}
    named = Hypothesis.read(value, "here")
    assert Hypothesis.read(named.to_json(), "there") == named
    with pytest.raises(UsageError, match="is 3"):
        Hypothesis.read(3, "here")
