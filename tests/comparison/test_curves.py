"""Scores against a dial: which runs make a line, and what stands at its points."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from hybench.comparison.curve_documents import CSV_COLUMNS, curve_sheets, render_curves
from hybench.comparison.curves import Curve, curves
from hybench.comparison.gather import CompareOptions
from hybench.errors import StateError, UsageError
from hybench.runs.run import Run
from tests.comparison.conftest import MakeRun, mono

QUICK = CompareOptions(draws=1000)
LANGUAGES = ("en", "sw", "te")


def _scores(level: float, seed: int) -> dict[str, list[float]]:
    noise = np.random.default_rng(seed)
    return {language: list(level + noise.normal(0, 0.05, 50)) for language in LANGUAGES}


@pytest.fixture
def alphas(make_run: MakeRun) -> list[Run]:
    """Three alphas of three seeds, distillation, and BM25."""
    runs = [
        make_run(
            f"hybrid-a{alpha}-s{seed}",
            mono(_scores(0.3 + alpha / 10 + seed / 100, 7 * seed)),
            config={"alpha": alpha, "seed": seed},
        )
        for alpha in (1.0, 0.0, 0.5)
        for seed in range(3)
    ]
    runs += [
        make_run(
            f"distill-a{alpha}",
            mono(_scores(0.5, 1)),
            config={"strategy": "distill", "alpha": alpha},
        )
        for alpha in (0.0, 0.5)
    ]
    return [*runs, make_run("bm25", mono(_scores(0.2, 9)), config={"kind": "bm25"})]


@pytest.fixture
def shares(make_run: MakeRun) -> list[Run]:
    """Two arms at two shares of Swahili, one at a third; a run without results."""
    runs = [
        make_run(
            f"{name}-share{share}-s{seed}",
            mono(_scores(0.4 + share, seed)),
            config={"alpha": alpha, "seed": seed, "scarce": ["sw"], "share": share},
        )
        for name, alpha, levels in (("mono", 1.0, (0.1, 0.01)), ("hybrid", 0.5, (0.1, 0.01, 0.5)))
        for share in levels
        for seed in range(2)
    ]
    return [*runs, make_run("mono-share0.5-s0", config={"alpha": 1.0, "scarce": ["sw"]})]


def _at(found: tuple[Curve, ...], label: str) -> Curve:
    return next(curve for curve in found if curve.label == label)


def test_hybrid_runs_that_differ_in_alpha_make_a_line(alphas: list[Run]) -> None:
    found = curves(alphas, QUICK)
    assert [(curve.field, curve.label) for curve in found] == [("alpha", "AVG"), ("alpha", "LOW")]
    (line,) = found[0].lines
    assert line.arm == "hybrid"
    assert [point.x for point in line.points] == [0.0, 0.5, 1.0]
    assert [point.seeds for point in line.points] == [3, 3, 3]
    assert line.points[1].runs == ("hybrid-a0.5-s0", "hybrid-a0.5-s1", "hybrid-a0.5-s2")
    scores = [_scores(0.35 + seed / 100, 7 * seed) for seed in range(3)]
    every = [np.mean(of_seed[language]) for of_seed in scores for language in LANGUAGES]
    assert line.points[1].value == pytest.approx(np.mean(every))
    assert found[1].languages == ("sw", "te")
    assert found[0].notes == ()


def test_intervals_know_the_seeds(alphas: list[Run]) -> None:
    """Seeds .01 apart at three points, so 6 degrees of freedom: 2.45 times .01 / sqrt(3) a side."""
    (line,) = curves(alphas, QUICK)[0].lines
    for point in line.points:
        assert point.low < point.value < point.high
        assert point.high - point.value > 0.9 * 2.45 * 0.01 / np.sqrt(3)
    single = [run for run in alphas if run.name.endswith("-s1")]
    (curve, _) = curves(single, QUICK)
    assert curve.lines[0].points[0].high - curve.lines[0].points[0].low < 0.02
    assert "Fewer than 3 seeds: hybrid at 0, hybrid at 0.5, hybrid at 1" in curve.notes[0]


def test_share_has_a_line_by_arm_and_a_picture_of_the_scarce(shares: list[Run]) -> None:
    options = CompareOptions(draws=200, curve="share", groups={"both": ("en", "te")})
    found = curves(shares, options)
    assert [curve.label for curve in found] == ["AVG", "LOW", "both", "sw"]
    swahili = _at(found, "sw")
    assert {line.arm: [point.x for point in line.points] for line in swahili.lines} == {
        "mono": [0.01, 0.1],
        "hybrid": [0.01, 0.1, 0.5],
    }
    assert swahili.languages == ("sw",)
    assert [curve.label for curve in curves(shares, CompareOptions(draws=200, languages=("sw",)))] \
        == ["sw", "sw"]  # fmt: skip


def test_both_dials_are_found(shares: list[Run]) -> None:
    found = curves(shares, QUICK)
    assert list(dict.fromkeys(curve.field for curve in found)) == ["alpha", "share"]
    of_alpha = next(curve for curve in found if curve.field == "alpha")
    assert [[point.x for point in line.points] for line in of_alpha.lines] == [[0.5, 1], [0.5, 1]]
    assert len({line.arm for line in of_alpha.lines}) == 2


def test_a_point_without_the_setting_is_left_out(make_run: MakeRun) -> None:
    runs = []
    for at, alpha in enumerate((0.0, 0.5, 1.0)):
        rows = mono({"en": [0.1, 0.2, 0.4]})
        if at != 1:
            rows += [("cross", *row[1:2], "de", *row[3:]) for row in rows]
        runs.append(make_run(f"h-a{alpha}", rows, config={"alpha": alpha}))
    found = curves(runs, QUICK)
    assert [(curve.setting, curve.label) for curve in found] == [("mono", "en"), ("cross", "en")]
    assert [[point.x for point in curve.lines[0].points] for curve in found] == [
        [0.0, 0.5, 1.0],
        [0.0, 1.0],
    ]


def test_no_line_no_curve(alphas: list[Run]) -> None:
    distilled = [run for run in alphas if "distill" in run.name]
    assert curves(distilled, QUICK) == ()
    with pytest.raises(StateError, match="differ in share alone"):
        curves(alphas, CompareOptions(curve="share"))
    with pytest.raises(UsageError, match="--curve is 'seed'") as caught:
        CompareOptions(curve="seed")
    assert caught.value.do == "Choose one of: alpha share steps examples."
    with pytest.raises(UsageError, match="no MRR"):
        curves(alphas, CompareOptions(metric="MRR", curve="alpha"))
    with pytest.raises(UsageError, match="no language xx"):
        curves(alphas, CompareOptions(languages=("xx",)))


def test_sheets_have_the_dial_down_and_the_arms_across(shares: list[Run]) -> None:
    found = curves(shares, CompareOptions(draws=200, curve="share"))
    sheets = curve_sheets(found)
    assert sheets[-1].title == "atlas (test) · mono · nDCG@10 ×100 · sw by share"
    assert sheets[-1].header == ("share", "mono", "hybrid")
    texts = [[entry.text for entry in line.entries] for line in sheets[-1].lines]
    assert [row[0] for row in texts] == ["0.01", "0.1", "0.5"]
    assert texts[2][1] == "—"
    point = found[-1].lines[0].points[0]
    assert texts[0][1] == f"{point.value * 100:.1f} [{point.low * 100:.1f}, {point.high * 100:.1f}]"
    assert "over source queries and seeds" in sheets[-1].caption
    assert sheets[0].caption == ""
    assert not sheets[0].notes
    assert sheets[-1].notes


def test_documents(shares: list[Run]) -> None:
    found = curves(shares, CompareOptions(draws=200, curve="share"))
    value = json.loads(render_curves(found, "json"))
    assert [curve["label"] for curve in value["curves"]] == ["AVG", "LOW", "sw"]
    assert value["curves"][0]["lines"][0]["points"][0]["seeds"] == 2
    rows = list(csv.DictReader(io.StringIO(render_curves(found, "csv"))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == 15
    assert (rows[0]["languages"], rows[0]["dial"], rows[0]["x"]) == ("AVG", "share", "0.01")
    assert rows[0]["runs"] == "mono-share0.01-s0 mono-share0.01-s1"
    assert render_curves(found, "md").startswith("### atlas (test) · mono · nDCG@10 ×100 · AVG")
    with pytest.raises(UsageError, match="no curves in the format 'xml'"):
        render_curves(found, "xml")
