"""Heat maps: their numbers, and colours on which they can be read."""

from __future__ import annotations

import re

import pytest

from hybench.comparison.gather import CompareOptions
from hybench.comparison.table import compare
from hybench.report.heat_maps import contrast
from hybench.report.page import html_report
from tests.report.conftest import MakeArms, random_rows
from tests.report.pages import read_page, rows
from tests.report.test_page import DAY, report


def test_maps(make_arms: MakeArms) -> None:
    page = read_page(report(make_arms(("mono", "cross"))))
    first, second, change = [
        each for each in page.all("table") if "heat" in each.attributes["class"]
    ]
    for table in (first, second, change):
        assert [row[0] for row in rows(table)[1:]] == ["de", "sw", "yo"]
    left, right, gap = (
        [float(text.replace("−", "-")) for row in rows(each)[1:] for text in row[1:]]
        for each in (first, second, change)
    )
    # Each is rounded to two digits on its own.
    assert all(abs(r - v - g) <= 1.5 for v, r, g in zip(left, right, gap, strict=True))


def test_a_map_is_the_mean_over_queries_and_seeds(make_arms: MakeArms) -> None:
    names = ("mono-s0", "mono-s1", "hybrid-s0", "hybrid-s1")
    runs = make_arms(names)
    comparisons = compare(runs, CompareOptions(draws=1000, group_seeds=True))
    page = read_page(html_report(runs, comparisons, title="t", date=DAY))
    first = next(each for each in page.all("table") if "heat" in each.attributes["class"])
    scores = [row for seed in (0, 1) for row in random_rows(("de", "sw", "yo"), 0, seed)]
    for query, *shown in rows(first)[1:]:
        for passage, text in zip(("de", "sw", "yo"), shown, strict=True):
            values = [row[5] or 0.0 for row in scores if row[1:3] == (query, passage)]
            assert text == f"{100 * sum(values) / len(values):.0f}"
    assert rows(page.by_id("costs-table"))[1][:4] == ["mono", "2", "8.0", "76,800"]
    differ = {row[0]: row[1:] for row in rows(page.by_id("configs-table"))[1:]}
    assert differ["seeds"] == ["0, 1", "0, 1"]
    assert differ["runs"] == ["mono-s0, mono-s1", "hybrid-s0, hybrid-s1"]
    assert [row[0] for row in rows(page.by_id("runs-table"))[1:]] == list(names)


def test_colours_stand_out(make_arms: MakeArms) -> None:
    text = report(make_arms(("mono", "cross")))
    themes = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    assert len(themes) == 2
    for theme in themes:
        colors = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", theme))
        for name in ("ink", "quiet", "link", "better", "worse"):
            assert contrast(colors[name], colors["paper"]) >= 4.5, name
            assert contrast(colors[name], colors["raised"]) >= 4.5, name
        for arm in range(8):
            assert contrast(colors[f"arm{arm}"], colors["paper"]) >= 3
    squares = re.findall(r"\.s\d+ \{ background: (#\w+); color: (#\w+); \}", text)
    assert len(squares) == 3 * 21
    assert all(contrast(*square) >= 4.5 for square in squares)


def test_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
