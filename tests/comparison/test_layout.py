"""Whose detectable difference a row shows."""

from __future__ import annotations

import numpy as np

from hybench.comparison.gather import CompareOptions
from hybench.comparison.layout import detectables, largest_detectable, sheet
from hybench.comparison.table import compare
from hybench.comparison.units import metric_style
from tests.comparison.conftest import MakeRun, mono
from tests.comparison.test_table import QUICK, _difference


def test_the_caption_says_whose_detectable_difference_a_row_shows(make_run: MakeRun) -> None:
    flat, wild = [0.1, 0.12, 0.1, 0.11] * 3, [0.9, 0.1, 0.2, 0.6] * 3
    runs = [
        make_run("base", mono({"en": [0.05] * 12, "sw": [0.05] * 12})),
        make_run("a", mono({"en": flat, "sw": wild})),
        make_run("b", mono({"en": wild, "sw": flat})),
    ]
    (table,) = compare(runs, QUICK)
    where = "detectable, by row: smallest difference found with 80 % power before correction"
    caption = sheet(table).caption
    assert f"{where}, the largest of the trained arms', which is that of b (en" in caption
    assert "a (sw" in caption
    shown = next(line for line in sheet(table).lines if line.entries[0].text == "en").entries[-1]
    assert shown.text == metric_style("nDCG@10").text(_difference(table, "en", 2).detectable or 0)
    (two,) = compare(runs[:2], QUICK)
    assert f"{where}." in sheet(two).caption


def test_bm25_does_not_take_over_what_is_detectable(make_run: MakeRun) -> None:
    """It differs from the arms by much in single queries: that says nothing of the arms."""
    random = np.random.default_rng(0)
    base = random.uniform(size=80)
    runs = [
        make_run("mono", mono({"en": list(base)}), config={"alpha": 1.0}),
        make_run("bm25", mono({"en": list(random.uniform(size=80))}), config={"kind": "bm25"}),
        make_run("near", mono({"en": list(base + random.normal(0, 0.01, 80))})),
        make_run("far", mono({"en": list(base + random.normal(0, 0.05, 80))}), config={"alpha": 0}),
    ]
    (table,) = compare(runs, QUICK)
    sizes = {at: _difference(table, "en", at).detectable for at in (1, 2, 3)}
    assert sizes[1] is not None
    assert sizes[3] is not None
    assert sizes[1] > 3 * sizes[3]
    assert detectables(table, table.rows[0]) == {2: sizes[2], 3: sizes[3]}
    shown = sheet(table).lines[0].entries[-1].text
    assert shown == metric_style("nDCG@10").text(sizes[3])
    told = ", the largest of the trained arms', which is that of far"
    assert largest_detectable(table) == told
    (alone,) = compare(runs[:2], QUICK)
    assert detectables(alone, alone.rows[0]) == {1: sizes[1]}


def test_arms_that_were_not_trained_are_not_called_so(make_run: MakeRun) -> None:
    random = np.random.default_rng(1)
    runs = [
        make_run(name, mono({"en": list(random.uniform(size=30))}), config={"kind": "bm25"})
        for name in ("one", "two", "three")
    ]
    (table,) = compare(runs, CompareOptions(draws=200))
    assert largest_detectable(table).startswith(", the largest of the arms', which is that of ")
    assert table.pairs == ()


def test_a_row_with_too_few_queries_shows_neither_interval_nor_size(make_run: MakeRun) -> None:
    runs = [
        make_run("a", mono({"en": [0.1] * 5, "sw": [0.1] * 9})),
        make_run("b", mono({"en": [0.5] * 5, "sw": [0.2, 0.4, 0.3] * 3})),
    ]
    (table,) = compare(runs, QUICK)
    english, swahili = ([entry.text for entry in line.entries] for line in sheet(table).lines[:2])
    assert english == ["en", "5", "10.0", "50.0", "+40.0", "—", "0.062", "—"]
    assert "—" not in swahili
