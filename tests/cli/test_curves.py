"""Curves of trainings as files."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cli.program import refused, works
from tests.tui.driving import write_training


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for seed, steps in ((0, 50), (1, 75)):
        write_training(tmp_path / "runs", f"hybrid-s{seed}", steps, seed=seed)
    write_training(tmp_path / "runs", "mono", 75, alpha=1.0)
    return tmp_path / "runs"


def rows(*words: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(works("curves", *words).out)))


def test_the_values_of_arms_and_of_runs(runs: Path) -> None:
    found = rows(runs)
    assert list(found[0]) == ["chart", "run", "step", "value", "low", "high", "runs"]
    arm = [row for row in found if row["run"] == "hybrid (2)"]
    assert [row["runs"] for row in arm] == ["2"] * 50 + ["1"] * 25
    assert float(arm[0]["value"]) == pytest.approx(4 * 2.718281828 ** (-1 / 30), rel=1e-6)
    apart = rows(runs, "--group-by", "run", "--show", "score", "--axis", "examples")
    assert {row["run"] for row in apart} == {"hybrid-s0", "hybrid-s1", "mono"}
    assert [row["examples"] for row in apart if row["run"] == "mono"] == ["200", "400", "600"]


def test_dev_scores_by_language(runs: Path) -> None:
    found = rows(runs, "--show", "languages", "-l", "yor,AVG", "--setting", "mono")
    assert {row["chart"] for row in found} == {"yo Yoruba", "AVG"}
    last = [row for row in found if row["run"] == "mono"][-1]
    assert (last["chart"], last["step"]) == ("AVG", "75")
    assert float(last["value"]) == pytest.approx(58.75)


def test_a_picture_has_a_line_for_each_arm_in_light_and_dark(runs: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="charts as SVG need the extra report")
    for show in ("loss", "languages"):
        file = tmp_path / f"{show}.svg"
        works("curves", runs, "--show", show, "--log", "-o", file)
        text = file.read_text()
        assert ET.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - ours
        assert all(name in text for name in ("hybrid (2)", "mono", "prefers-color-scheme: dark"))
        assert "--arm0" in text
        assert "#0102" not in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--show", "lr2"], "--show lr2: there is none such here"),
        (["--axis", "epochs"], "--axis epochs"),
        (["--group-by", "colour"], "--group-by colour"),
        (["--smooth", "2"], "--smooth"),
        (["--show", "languages", "--data", "none"], "--data none"),
        (["--show", "languages", "-l", "fr"], "-l fr"),
        (["-o", "x.png"], "End it with .svg .csv .md"),
        (["--show", "rate", "--axis", "seconds", "nowhere"], "nowhere"),
    ],
)
def test_what_is_not_there_is_said_in_words(runs: Path, words: list[str], said: str) -> None:
    assert said in refused(2, "curves", runs, *words)


def test_runs_without_such_values_are_told(tmp_path: Path) -> None:
    write_training(tmp_path / "runs", "short", 0)
    assert "No run here has values of loss." in refused(1, "curves", tmp_path / "runs")
    said = refused(1, "curves", tmp_path / "runs", "--show", "languages")
    assert "No run here has validated." in said
