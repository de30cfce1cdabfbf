"""``hybench published``: a summary, filters, formats."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.program import next_command, refused, works


def test_a_summary_of_what_there_is() -> None:
    done = works("published")
    lines = done.out.splitlines()
    assert lines[0] == "published scores"
    row = next(line for line in lines if " XLM-R/hybrid " in line and line.startswith("miracl"))
    assert row.split()[2:6] == ["mono", "R@100", "nDCG@10", "15"]
    assert "arXiv 2408.10536 Table 12" in row
    row = next(line for line in lines if "LAReQA-mBERT/X-Y" in line)
    assert "mean alone" in row
    assert next_command(done)[0] == "compare"


def test_values_of_a_language() -> None:
    done = works("published", "--languages", "yo,sw", "--metric", "ndcg_at_10", "--system", "BM25")
    assert "miracl (dev) · mono · nDCG@10 ×100, published" in done.out
    lines = [line.split() for line in done.out.splitlines()]
    assert ["system", "sw", "yo"] in lines
    assert ["pyserini:bm25", "38.3", "40.6"] in lines
    assert "note: pyserini:bm25: castorini/pyserini@" in done.out
    assert "R@100" not in done.out


def test_a_metric_that_is_no_share_is_not_multiplied() -> None:
    out = works("published", "--metric", "RankDistance", "--dataset", "xquad-r").out
    assert "xquad-r (test) · multi · RankDistance, published" in out
    assert ["XLM-R/hybrid", "287.0"] in [line.split() for line in out.splitlines()]


def test_formats(tmp_path: Path) -> None:
    filters = ("published", "--dataset", "miracl", "--languages", "yo", "--system", "pyserini:bm25")
    done = works(*filters, "--json")
    assert done.err == ""
    scores = json.loads(done.out)["scores"]
    assert {score["language"] for score in scores} == {"yo"}
    rows = list(csv.DictReader(io.StringIO(works(*filters, "--format", "csv").out)))
    assert [float(row["value"]) for row in rows] == [score["value"] for score in scores]
    markdown = works(*filters, "--format", "md").out
    assert markdown.startswith("### miracl (dev) · mono · R@100 ×100, published\n\n| system | yo |")
    path = tmp_path / "table.md"
    assert works(*filters, "-o", path).out == ""
    assert path.read_text(encoding="utf-8") == markdown
    assert works(*filters, "-o", tmp_path / "table.csv").out == ""
    assert (tmp_path / "table.csv").read_text(encoding="utf-8").startswith("dataset,split,")


def test_everything_as_data() -> None:
    rows = list(csv.DictReader(io.StringIO(works("published", "--format", "csv").out)))
    assert len(rows) == 1398
    assert all(row["source"] and row["system"] and row["value"] for row in rows)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--format", "html"), "'--format': 'html' is not one of 'table', 'json', 'md', 'csv'."),
        (("--dataset", "atlas"), "--dataset: no published scores of 'atlas'."),
        (("--system", "XLMR/hybrid"), "Similar names: XLM-R/hybrid"),
        (("--languages", "xx"), "--languages: no scores in 'xx' here."),
        (("--metric", "mrr"), "--metric: no published scores of 'mrr'."),
    ],
)
def test_a_wrong_choice(flags: tuple[str, ...], says: str) -> None:
    assert says in refused(2, "published", *flags)
