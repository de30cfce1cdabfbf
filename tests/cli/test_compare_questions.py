"""``hybench compare``: margins, groups, scripts, curves, and the verdict in words."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from hybench.runs.run import Run
from tests.builders import reconfigure
from tests.cli.program import refused, works

COMPARE = ("compare", "runs", "--data", "toy", "--setting", "mono")


def _again(name: str, run: str, **changed: object) -> None:
    """A run's folder once more, under another name and with other values in its config."""
    shutil.copytree(f"runs/{run}", f"runs/{name}")
    reconfigure(Run(Path(f"runs/{name}")), **changed)


def test_the_verdict_stands_above_the_table(here: Path) -> None:
    done = works(*COMPARE)
    words, _, table = " ".join(done.out.split()).partition(" lang n ")
    assert "hybrid" in words
    assert "mono" in words
    assert table
    assert "No arm has a second seed" in words


def test_margins_in_json(here: Path) -> None:
    (table,) = json.loads(works(*COMPARE, "--json", "--delta", "30").out)["comparisons"]
    assert table["margin"] == 0.3
    found = table["rows"][-1]["cells"]["hybrid"]["difference"]
    assert (found["outcome"], found["low"], found["detectable"]) == ("too-few", None, None)
    assert 0 < found["differing"] < 6
    assert {"effect", "p_equivalence", "needed", "p_seeds", "floor"} <= set(found)
    assert {each["outcome"] for each in table["verdicts"]} >= {found["outcome"]}


def test_rows_of_groups_and_scripts(here: Path) -> None:
    done = works(*COMPARE, "--format", "csv", "--group", "mine=de,yo", "--scripts")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    labels = list(dict.fromkeys(row["language"] for row in rows))
    assert labels == ["de", "en", "yo", "AVG", "mine"]  # all in Latin: no row of its own
    assert {row["kind"] for row in rows if row["language"] == "mine"} == {"group"}


def test_curves(copied: Path, tmp_path: Path) -> None:
    _again("hybrid-s1", "hybrid", seed=1)
    _again("mono-s1", "mono", seed=1)
    flags = ("--curve", "alpha")
    done = works(*COMPARE, *flags)
    assert "toy (test) · mono · AP ×100 · AVG by alpha" in done.out
    header = next(line for line in done.out.splitlines() if line.startswith("alpha"))
    assert header.split() == ["alpha", "hybrid"]
    assert "Next: " in done.err
    rows = list(csv.DictReader(io.StringIO(works(*COMPARE, *flags, "--format", "csv").out)))
    assert [(row["x"], row["seeds"]) for row in rows] == [("0.5", "2"), ("1.0", "2")]
    (curve,) = json.loads(works(*COMPARE, *flags, "--json").out)["curves"]
    assert curve["label"] == "AVG"
    path = tmp_path / "curve.md"
    works(*COMPARE, *flags, "-o", path)
    assert path.read_text(encoding="utf-8").startswith("### toy (test) · mono · AP")


def test_where(copied: Path) -> None:
    _again("hybrid-longer", "hybrid", steps=16)
    _again("mono-longer", "mono", steps=16)

    def labels(*flags: str) -> list[str]:
        (table,) = json.loads(works(*COMPARE, "--json", *flags).out)["comparisons"]
        return [column["label"] for column in table["columns"]]

    assert labels("--where", "steps=16") == ["bm25", "hybrid-longer", "mono-longer"]
    assert labels("--where", "steps=8", "--where", "alpha=1") == ["bm25", "mono"]
    done = works(*COMPARE, "--curve", "steps", "--where", "alpha=0.5")
    header = next(line for line in done.out.splitlines() if line.startswith("steps"))
    assert header.split() == ["steps", "hybrid"]
    assert "toy (test) · mono · AP ×100 · AVG by steps" in done.out


def test_what_was_shown_stands_beside_the_scores(copied: Path) -> None:
    done = works(*COMPARE)
    for name in ("examples", "pairs", "tokens", "negatives", "least shown"):
        assert [line for line in done.out.splitlines() if line.startswith(name)], name
    (table,) = json.loads(works(*COMPARE, "--json").out)["comparisons"]
    budgets = table["budgets"]
    assert budgets["bm25"] is None
    assert budgets["mono"]["examples"] == budgets["hybrid"]["examples"] == 8 * 16
    assert sum(budgets["mono"]["languages"].values()) == pytest.approx(1, abs=1e-4)


def test_no_curve_where_nothing_was_turned(here: Path) -> None:
    said = refused(1, *COMPARE, "--curve", "share")
    assert "No two runs with results of toy differ in share alone." in said


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--delta", "0"), "--delta is 0."),
        (("--delta", "-1"), "--delta is -1."),
        (("--delta", "0.01"), "--delta is 0.01, in points of AP ×100.\n  Choose 0.1, "),
        (("--delta", "100"), "--delta is 100, in points of AP ×100."),
        (("--group", "de,yo"), "--group is 'de,yo'.\n  Write NAME=LANG,LANG"),
        (("--group", "a=xx"), "--group: no language xx here."),
        (("--group", "yo=de,en"), "--group: yo is a language."),
        (("--group", "AVG=de"), "--group: a row AVG exists already."),
        (("--curve", "seed"), "'--curve': 'seed' is not one of 'alpha', 'share', 'steps'"),
        (("--where", "alpha"), "--where is 'alpha'.\n  Write FIELD=VALUE"),
        (
            ("--where", "alfa=1"),
            "no run has a field alfa.\n  The runs differ in: alpha (0.5, 1.0).",
        ),
        (
            ("--where", "alpha=0.7"),
            "--where alpha=0.7: no run has this value.\n  alpha is: 0.5, 1.0.",
        ),
        (
            ("--curve", "alpha", "--format", "latex"),
            "the format 'latex'.\n  With --curve choose --format: table json md csv html.",
        ),
        (("--curve", "alpha", "-o", "curve.tex"), "no curves in the format 'latex'."),
    ],
)
def test_a_wrong_choice(flags: tuple[str, ...], says: str, here: Path) -> None:
    assert says in refused(2, *COMPARE, *flags)
