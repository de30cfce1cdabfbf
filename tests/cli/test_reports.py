"""``hybench compare --format latex|html``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.cli.program import works
from tests.report.pages import read_page, rows

COMPARE = ("compare", "runs", "--data", "toy")


def test_latex(here: Path) -> None:
    done = works(*COMPARE, "--format", "latex", "--setting", "mono")
    assert done.out.startswith("% Needs \\usepackage{booktabs}.\n\\begin{table}\n")
    assert done.out.count("\\begin{table}") == 1
    assert done.err == ""


def test_html(here: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    done = works(*COMPARE, "--format", "html", "-o", path)
    assert done.out == ""
    assert f"Written to {path}." in done.err
    page = read_page(path.read_text(encoding="utf-8"))
    assert [head.text for head in page.all("h1")] == ["toy (test): bm25, hybrid, mono"]
    assert [day.text for day in page.all("time")] == [date.today().isoformat()]
    assert [row[0] for row in rows(page.by_id("glance"))] == ["arm", "bm25", "hybrid", "mono"]
    costs = {row[0]: row[1:] for row in rows(page.by_id("costs-table"))}
    assert costs["bm25"][1] == "—"
    assert float(costs["mono"][1].replace(",", "")) >= 0
    # mono and hybrid differ in alpha: a dial.
    assert [row[0] for row in rows(page.by_id("k0-table"))[1:]] == ["hybrid", "hybrid"]


def test_html_with_a_dial_keeps_the_comparison(here: Path) -> None:
    done = works(*COMPARE, "--format", "html", "--curve", "alpha", "--setting", "mono")
    page = read_page(done.out)
    assert rows(page.by_id("glance"))
    assert rows(page.by_id("k0-table"))


def test_a_single_run_is_no_plural(here: Path) -> None:
    page = works("compare", "runs/mono", "--data", "toy", "--format", "html").out
    assert "from 1 run</p>" in page
