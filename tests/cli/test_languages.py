"""Languages are asked for by any code that the field writes, and shown by the stored one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hybench.data.dataset import Dataset
from tests.cli.program import BUDGET, works


@pytest.mark.usefixtures("here")
def test_every_command_that_takes_languages(tmp_path: Path) -> None:
    asked = ("--data", "toy", "--languages", "yor_Latn,deu")
    own = ("--settings", "mono", "--runs-dir", tmp_path / "runs")
    rows = works("eval", "bm25", *asked, *own).out.splitlines()
    assert {row.split()[0] for row in rows if "100.0" in row} == {"de", "yo", "AVG"}
    batches = works("batches", *asked, "--count", 40, "--summary").out
    assert "yo" in batches
    assert "en" not in batches.split()
    assert works("index", "mono", *asked, "--dry-run")
    found = json.loads(works("compare", "runs", *asked, "--group", "two=yor,de", "--json").out)
    labels = {row["label"] for each in found["comparisons"] for row in each["rows"]}
    assert {"de", "yo", "two"} <= labels
    assert "en" not in labels
    scores = json.loads(works("published", "-l", "swh_Latn", "--json").out)["scores"]
    assert {score["language"] for score in scores} == {"sw"}
    assert works("train", *asked, "--scarce", "yor", "--share", "0.5", *BUDGET, "--dry-run")


def test_sources_take_them_too(empty: Path) -> None:
    works("prepare", "atlas", "-l", "swh_Latn,eng", "--scarce", "swh=0.5")
    info = Dataset.open(empty / "data" / "atlas").info
    assert info.languages == ("en", "sw")
    assert info.counts["pairs"]["sw"] < info.counts["pairs"]["en"]
