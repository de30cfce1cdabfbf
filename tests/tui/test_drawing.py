"""Curves, axes, tables and texts as cells."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import hybench
from hybench.comparison.model import Difference
from hybench.tui.draw.axes import limits, tick_text, ticks
from hybench.tui.draw.chart import draw_chart
from hybench.tui.draw.curves import curve_of
from hybench.tui.draw.glyphs import ASCII, UNICODE, Glyphs
from hybench.tui.draw.palette import Palette, theme_palette
from hybench.tui.draw.table import Column, Field, Record, Table
from hybench.tui.draw.table_lines import draw_header, draw_record
from hybench.tui.draw.text import (
    Verbatim,
    ago,
    clusters,
    fit,
    fit_apart,
    fit_middle,
    short,
    width_of,
    wrap,
)
from hybench.tui.draw.traces import LABELS, Trace, View, value_at
from hybench.tui.model.comparison import forest

PLAIN = theme_palette({}, None, no_color=True)
FULL = theme_palette({"primary": "#0178D4", "panel": "#242F38"}, "truecolor", no_color=False)
BASIC = theme_palette({"primary": "#0178D4"}, "standard", no_color=False)

TEXTS = {
    "ar": "ما هي عاصمة تايلاند؟", "ja": "タイの首都はどこですか", "th": "เมืองหลวงของไทยคืออะไร",
    "te": "థాయిలాండ్ రాజధాని ఏది", "bn": "থাইল্যান্ডের রাজধানী কী", "hi": "थाईलैंड की राजधानी क्या है",
    "yo": "Kí ni olú ìlú Tàílándì", "he": "בירת תאילנד", "emoji": "👩‍👩‍👧 family",
}  # fmt: skip


def drawn(*traces: Trace, glyphs: Glyphs = UNICODE, view: View | None = None) -> list[str]:
    lines = draw_chart(traces, view or View("loss"), 40, 12, PLAIN, glyphs)
    assert len(lines) == 12
    texts = ["".join(segment.text for segment in line) for line in lines]
    assert {width_of(text) for text in texts} == {40}
    return texts


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_a_rising_line_rises(glyphs: Glyphs) -> None:
    rows = drawn(Trace("up", curve_of(range(100), range(100)), 0), glyphs=glyphs)[1:-1]
    columns = [[x for x, sign in enumerate(row[LABELS:-1]) if sign != " "] for row in rows]
    assert columns[0][-1] == 40 - LABELS - 2
    assert columns[-1][0] == 0
    tops = [cells[0] for cells in columns if cells]
    assert tops == sorted(tops, reverse=True)


def test_a_single_needle_among_many_points_is_seen() -> None:
    values = np.zeros(50_000)
    values[31_234] = 1
    rows = drawn(Trace("needle", curve_of(range(50_000), values.tolist()), 0))
    assert rows[1][LABELS:-1].strip() != ""


INFINITE = [math.inf] * 5


@pytest.mark.parametrize(
    ("values", "said", "legend"),
    [
        (INFINITE, "All values are infinite.", "x inf"),
        ([math.nan] * 5, "All values are NaN.", "x NaN"),
        ([*INFINITE, math.nan], "All values are NaN or infinite.", "x NaN"),
        ([*INFINITE, -math.inf], "All values are infinite.", "x -inf"),
    ],
)
def test_a_chart_without_finite_values_says_which_there_are(
    values: list[float], said: str, legend: str
) -> None:
    rows = drawn(Trace("x", curve_of(range(len(values)), values), 0))
    assert legend in rows[0]
    assert said in rows[1]
    assert rows[-2].count("×") == len(values)
    assert rows[-1].endswith(" step ─╯")
    mixed = drawn(Trace("x", curve_of([0, 1], [-1.0, math.inf]), 0), view=View("loss", log=True))
    assert "No values above zero" in mixed[1]
    assert "×" in mixed[-2]


def test_a_value_is_read_out_between_a_curves_ends_alone() -> None:
    trace = Trace("x", curve_of([10, 20, 30, 40], [1.0, 2.0, math.nan, math.inf]), 0)
    read = {
        x: None if value is None else str(value)
        for x in (0, 9, 10, 14, 16, 24, 31, 39, 40, 41, 90)
        for value in [value_at(trace, x)]
    }
    assert read == {
        0: None, 9: None, 10: "1.0", 14: "1.0", 16: "2.0", 24: "2.0", 31: "nan", 39: "inf",
        40: "inf", 41: None, 90: None,
    }  # fmt: skip
    assert value_at(trace, None) == math.inf
    assert value_at(trace, 41, reach=1) == math.inf
    assert value_at(Trace("none", curve_of([], []), 0), None) is None


@pytest.mark.parametrize(("height", "titles"), [(7, 1), (12, 2)])
def test_a_legend_keeps_every_value_whatever_the_names(height: int, titles: int) -> None:
    for count in range(1, 9):
        traces = [
            Trace(f"a-long-name-{at}", curve_of([0, 1], [1.0, 1.5 + at]), at) for at in range(count)
        ]
        lines = draw_chart(traces, View("loss"), 66, height, PLAIN, UNICODE)
        assert len(lines) == height
        title = "".join(part.text for line in lines[:titles] for part in line)
        assert all(f"{1.5 + at}" in title for at in range(count)), title
        assert titles == 1 or all(f"{at} {1.5 + at}" in title for at in range(count)), title


def test_names_in_a_legend_are_cut_apart() -> None:
    names = ("mono", "hybrid-dev-steps150-s0", "hybrid-example-steps150-s0")
    traces = [Trace(name, curve_of([0, 1], [1.0, 2.0]), at) for at, name in enumerate(names)]
    title = "".join(
        part.text for part in draw_chart(traces, View("loss"), 60, 7, PLAIN, UNICODE)[0]
    )
    shown = [part.split(" ")[0] for part in title.split(UNICODE.marked)[1:]]
    assert shown == ["mono", "…dev-…eps150-s0", "…exam…eps150-s0"]


def test_a_grid_is_drawn_where_it_is_asked_for_alone() -> None:
    trace = Trace("up", curve_of(range(100), range(100)), 0)
    plain, ruled = (drawn(trace, view=View("loss", grid=grid)) for grid in (False, True))
    assert not any(sign in row for row in plain for sign in UNICODE.dots)
    ruled_rows = [row for row in ruled if UNICODE.dots[0] in row]
    assert {row[1 : LABELS - 1].strip() for row in ruled_rows} == {"0", "50"}
    below = ruled[-1].index("50") + 1
    assert sum(row[below] == UNICODE.dots[1] for row in ruled[1:-1]) >= 8


def test_numbers_beside_a_chart_are_whole() -> None:
    for values in ([0.0, 0.0049], [0.001, 0.00101], [1e-7, 3e-7], [0, 123456], [-2500.0, 1]):
        rows = drawn(Trace("x", curve_of([0, 1], values), 0))[1:-1]
        labels = [text for row in rows if (text := row[1 : LABELS - 1].strip())]
        assert 1 <= len(labels) <= 4
        numbers = [float(text.replace("k", "e3")) for text in labels]
        assert numbers == sorted(numbers, reverse=True)
        assert all(min(values) <= number <= max(values) for number in numbers)


def test_raw_values_lie_in_a_band_behind_their_average() -> None:
    values = np.tile([0.0, 2.0], 50)
    curve = curve_of(range(100), values.tolist())
    trace = Trace("x", curve, 0, smoothed=np.ones(100))
    lines = draw_chart([trace], View("loss"), 60, 12, FULL, UNICODE)
    papers = [
        [part.style.bgcolor for part in line if part.style and part.style.bgcolor]
        for line in lines[1:-1]
    ]
    assert all(papers[1:-1])
    assert {paper for row in papers for paper in row} == {FULL.tint(0)}
    inked = [row for row in drawn(trace)[1:-1] if any("⠀" < sign <= "⣿" for sign in row)]
    assert len(inked) == 1
    assert "░" in "".join(drawn(trace))


def test_nothing_below_zero_on_a_logarithmic_axis() -> None:
    rows = drawn(Trace("none", curve_of([1, 2], [-1.0, 0.0]), 0), view=View("loss", log=True))
    assert "above zero" in rows[1]
    rows = drawn(Trace("some", curve_of([1, 2, 3], [0.0, 1.0, 100.0]), 0), view=View("l", log=True))
    assert "some 100" in rows[0]


@given(
    st.lists(st.floats(-1e300, 1e300) | st.just(float("nan")), max_size=40),
    st.booleans(),
    st.floats(0, 40),
    st.sampled_from([(8, 3), (15, 4), (40, 12), (120, 30)]),
)
def test_any_values_are_drawn_in_exactly_the_room_there_is(
    values: list[float], log: bool, cursor: float, size: tuple[int, int]
) -> None:
    trace = Trace("x", curve_of(range(len(values)), values), 0, alarms=np.array([1.0]))
    view = View("title", left=0, right=40, log=log, cursor=cursor)
    lines = draw_chart([trace], view, *size, PLAIN, UNICODE)
    assert len(lines) == size[1]
    assert {sum(width_of(part.text) for part in line) for line in lines} == {size[0]}


@pytest.mark.parametrize(
    ("low", "high", "log", "wanted"),
    [
        (0.0, 1.0, False, [0, 0.25, 0.5, 0.75, 1.0]),
        (0.0, 9.0, False, [0, 2.5, 5, 7.5]),
        (0.001, 10.0, True, [0.001, 0.01, 0.1, 1, 10]),
        (3.0, 3.0, False, [3.0]),
    ],
)
def test_ticks_are_round(low: float, high: float, log: bool, wanted: list[float]) -> None:
    assert ticks(low, high, 5, log=log) == pytest.approx(wanted)


def test_numbers_are_short() -> None:
    given = (0, 1234, 0.00001234, float("nan"), None, 2e6, math.inf, -math.inf)
    assert [short(each) for each in given] == [
        "0", "1.23k", "1.23e-5", "NaN", "—", "2M", "inf", "-inf",
    ]  # fmt: skip
    assert [ago(each) for each in (None, 5, 90, 7200, 500_000)] == [
        "—", "5 s", "2 min", "2.0 h", "5.8 d",
    ]  # fmt: skip
    assert [tick_text(each, 0.25) for each in (0, 0.25, 1.0)] == ["0", "0.25", "1"]
    assert limits(np.array([2.0, 2.0]), log=False) == (1.8, 2.2)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("align", ["left", "right"])
def test_texts_of_any_script_stay_in_their_cells(name: str, align: str) -> None:
    text = TEXTS[name]
    for width in range(60):
        shown = fit(text, width, align)
        assert width_of(shown) == width
    for width in range(2, 30):
        assert all(width_of(line) <= width for line in wrap(text, width))
    assert "".join(clusters(text)) == text


@given(st.text(max_size=30), st.integers(0, 40))
@example("a\u200d", 3)
@example("\u200d", 1)
def test_any_text_fits_and_steers_no_terminal(text: str, width: int) -> None:
    shown = fit(text, width)
    assert width_of(shown) == width
    assert "\x1b" not in shown
    assert "\n" not in shown


def test_marks_are_not_torn_from_their_letters() -> None:
    for text in TEXTS.values():
        for width in range(2, width_of(text)):
            kept = fit(text, width).rstrip(" \u200e").removesuffix("…")
            assert text.startswith(kept)
            assert kept == "".join(clusters(text)[: len(clusters(kept))])


@given(st.text(max_size=20), st.integers(5, 30))
def test_a_name_cut_in_its_middle_keeps_both_ends(text: str, width: int) -> None:
    assert width_of(fit_middle(text, width)) == width
    assert fit_middle("distill-kl-steps1000 (5)", 16) == "disti…ps1000 (5)"


def test_names_beside_each_other_are_cut_apart() -> None:
    names = [
        *("hybrid-steps150-s0", "hybrid-dev-steps150-s0", "hybrid-example-steps150-s0"),
        *("hybrid-steps600-s0", "hybrid-dev-steps600-s0", "distill-mse-steps150-s0"),
        *("distill-kl-steps150-s0", "mono-steps150-s0", "mono-steps150-s0", "base"),
    ]
    assert fit_apart(names, 12) == [
        *("hybr…s150-s0", "…dev…s150-s0", "…exa…s150-s0", "hybr…s600-s0", "…dev…s600-s0"),
        *("…mse…s150-s0", "…kl-…s150-s0", "mono…s150-s0", "mono…s150-s0", "base        "),
    ]
    assert fit_apart(["base", "hybrid"], 12, "right") == ["        base", "      hybrid"]


def test_ascii_changes_our_signs_and_no_text_of_others() -> None:
    """Every sign that stands in the sources' own texts has one in ASCII."""
    sources = [
        path
        for folder in ("tui", "compare")
        for path in (Path(hybench.__file__).parent / folder).rglob("*.py")
        if path.name != "glyphs.py"
    ]
    signs: set[str] = set()
    for path in sources:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        told = {text for text in texts if "\n" not in text and not text.endswith(".")}
        signs |= {sign for text in told for sign in text if not sign.isascii()}
    unsaid = {sign for sign in signs if not ASCII.plain(sign).isascii()} - INVISIBLE
    assert unsaid == set()
    for text in TEXTS.values():
        assert ASCII.plain(text) == text
    assert ASCII.plain(Verbatim("5 × 3 → …")) == "5 × 3 → …"


INVISIBLE = set("\u200e\u200d\u2800\U0001f3fb\U0001f3ff")

TABLE = Table(
    (Column("lang", "left"), Column("one"), Column("two"), Column("text", "left", most=99)),
    [
        Record("de", (Field("de"), Field("1.5", heat=0.0), Field("22.5", "best", 1.0), Field("x"))),
        Record("ar", (Field("ar"), Field("3", heat=0.5), Field("4"), Field(TEXTS["ar"]))),
    ],
)


def row(
    table: Table, at: int, width: int, palette: Palette = PLAIN, glyphs: Glyphs = UNICODE
) -> str:
    line = draw_record(table, table.records[at], 0, width, palette, glyphs)
    text = "".join(part.text for part in line)
    assert width_of(text) == width
    return text


def test_a_table_prints_its_numbers_whatever_the_colours() -> None:
    assert row(TABLE, 0, 40, FULL).split() == ["de", "1.5", "22.5", "x"]
    assert row(TABLE, 0, 40, BASIC).split() == ["de", "▁1.5", "█22.5", "x"]
    assert row(TABLE, 0, 40, PLAIN, ASCII).split() == ["de", "_1.5", "@22.5", "x"]
    header = draw_header(TABLE, 0, 40, PLAIN, UNICODE, None)
    assert "".join(part.text for part in header).split() == ["lang", "one", "two", "text"]


@pytest.mark.parametrize("width", range(1, 60))
def test_a_table_takes_exactly_its_width(width: int) -> None:
    for at in range(2):
        row(TABLE, at, width)
    header = draw_header(TABLE, 0, width, PLAIN, UNICODE, 1)
    assert sum(width_of(part.text) for part in header) == width


def test_an_interval_is_drawn_around_its_difference() -> None:
    def found(low: float | None, value: float, high: float | None) -> Difference:
        return Difference(value, low, high, 0.5, 0.0, True, 0.5, False, None)

    assert forest(found(-1, 0, 1), 1, 9) == "────●────"
    assert forest(found(-1, 0.5, 1), 1, 9) == "────┼─●──"
    assert forest(found(0.5, 0.75, 1), 1, 9) == "    │ ─●─"
    assert forest(found(None, 0.75, None), 1, 9) == "    │  ● "
    assert forest(found(-9, 0, 1), 1, 9) == "◂───●────"
    assert forest(found(2, 3, 4), 1, 9) == "    │   ▸"
