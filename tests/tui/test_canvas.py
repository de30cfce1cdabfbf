"""Lines without gaps, who wins a cell, and bands."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hybench.tui.draw.canvas import DASHES, EIGHTHS, Canvas, decimate
from hybench.tui.draw.curves import envelope


def drawn(canvas: Canvas) -> list[str]:
    """Signs row by row."""
    return ["".join(map(chr, row)) for row in canvas.cells().signs.tolist()]


def dots(canvas: Canvas) -> set[tuple[int, int]]:
    """Places of the dots of braille signs, row and column."""
    places = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1)]
    return {
        (4 * row + down, 2 * column + across)
        for row, line in enumerate(drawn(canvas))
        for column, sign in enumerate(line)
        for bit, (down, across) in enumerate(places)
        if sign != " " and (ord(sign) - 0x2800) >> bit & 1
    }


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40))
@example([0.0, 1.0])
def test_a_line_has_no_gap(heights: list[float]) -> None:
    canvas = Canvas(20, 8)
    canvas.line(np.linspace(0, canvas.columns - 1, len(heights)), np.array(heights), 0)
    found = dots(canvas)
    assert {column for _, column in found} == set(range(canvas.columns))
    start = min(found, key=lambda dot: dot[1])
    reached, edge = {start}, [start]
    while edge:
        row, column = edge.pop()
        near = {(row + a, column + b) for a in (-1, 0, 1) for b in (-1, 0, 1)} & found - reached
        reached |= near
        edge += near
    assert reached == found


def test_a_flat_line_is_one_dot_high() -> None:
    canvas = Canvas(10, 3)
    canvas.line(np.array([0.0, 19.0]), np.array([0.4, 0.5]), 0)
    columns = [column for _, column in dots(canvas)]
    assert sorted(columns) == list(range(20))


def test_a_needle_in_a_column_is_drawn_whole() -> None:
    canvas = Canvas(4, 4)
    heights = np.zeros(800)
    heights[411] = 1.0
    canvas.line(np.linspace(0, 7, 800), heights, 0)
    assert {row for row, column in dots(canvas) if column == 4} == set(range(16))


def test_what_lies_outside_is_left_out() -> None:
    canvas = Canvas(4, 2)
    canvas.line(np.array([-1e9, -5.0]), np.array([0.5, 0.5]), 0)
    canvas.line(np.array([9.0, 1e9]), np.array([0.5, 0.5]), 0)
    canvas.line(np.array([0.0, 7.0]), np.array([3.0, 1e300]), 0)
    assert dots(canvas) == set()
    canvas.line(np.array([-100.0, 100.0]), np.array([0.5, 0.5]), 0)
    assert len(dots(canvas)) == 8


def test_where_lines_cross_the_first_wins_and_each_goes_on_beside_it() -> None:
    canvas = Canvas(9, 5)
    ends = np.array([0.0, 17.0])
    canvas.line(ends, np.array([0.5, 0.5]), 0)
    canvas.line(ends, np.array([0.0, 1.0]), 1)
    owners = canvas.cells().owners
    assert owners[2].tolist() == [0] * 9
    assert {owners[row].max() for row in (0, 1, 3, 4)} == {1}


@pytest.mark.parametrize("heights", [(0.5, 0.5), (0.0, 1.0)])
@pytest.mark.parametrize("count", [2, 3])
def test_lines_on_each_other_are_all_seen(heights: tuple[float, float], count: int) -> None:
    canvas = Canvas(12, 4)
    for owner in range(count):
        canvas.line(np.array([0.0, 23.0]), np.array(heights), owner)
    owners = canvas.cells().owners
    shares = [int((owners == owner).sum()) for owner in range(count)]
    assert min(shares) >= (sum(shares) - 4) // count
    assert len(dots(canvas)) >= 24


def test_curves_of_one_run_are_told_apart_by_their_lines() -> None:
    def marks(dash: int) -> int:
        canvas = Canvas(60, 1)
        canvas.line(np.array([0.0, 119.0]), np.array([0.5, 0.5]), 0, dash=dash)
        return len(dots(canvas))

    assert [marks(dash) for dash in range(3)] == [120 * of // period for of, period in DASHES]


def test_plain_signs_draw_the_same_line() -> None:
    canvas = Canvas(4, 2, braille=False)
    canvas.line(np.arange(4.0), np.array([0.0, 0.34, 0.67, 1.0]), 0)
    assert drawn(canvas) == ["  .'", ".'  "]


def test_a_band_fills_its_cells_in_eighths() -> None:
    canvas = Canvas(4, 2)
    canvas.band(np.array([2.0, 5.0]), np.array([0.25, 0.25]), np.array([0.75, 0.75]), 3)
    cells = canvas.cells()
    assert cells.bands.tolist() == [[-1, 3, 3, -1]] * 2
    assert cells.floors[:, 1].tolist() == [0, EIGHTHS // 2]
    assert cells.ceilings[:, 1].tolist() == [EIGHTHS // 2, EIGHTHS]


def test_an_envelope_holds_all_values() -> None:
    random = np.random.default_rng(0)
    places = np.sort(random.uniform(0, 30, 500))
    low = random.normal(size=500)
    high = low + random.uniform(0, 1, 500)
    columns, floor, ceiling = envelope(places, low, high, 30, 2)
    cells = np.floor(places) * 2
    assert np.all(np.interp(cells, columns, floor) <= low)
    assert np.all(np.interp(cells, columns, ceiling) >= high)
    assert envelope(places[:0], low[:0], high[:0], 30, 2)[0].size == 0


@given(st.lists(st.floats(-20, 70), min_size=1, max_size=300))
@example([49.0, 50.0, 50.0])
@example([-0.5, -0.5, 0.0])
def test_decimation_keeps_the_extremes_of_each_column(places: list[float]) -> None:
    columns = np.sort(np.array(places))
    there = np.round(columns)
    values = np.arange(len(columns), dtype=np.float64) % 7
    kept, low, high = decimate(columns, values, values, 50)
    assert np.all(np.diff(kept) > 0)
    on_canvas = {column for column in there.tolist() if 0 <= column < 50}
    assert on_canvas <= set(kept.tolist())
    assert set(kept.tolist()) - on_canvas <= {
        max(there[there < 0], default=math.nan),
        min(there[there >= 50], default=math.nan),
    }
    for column, least, most in zip(kept, low, high, strict=True):
        if column in on_canvas:
            inside = values[there == column]
            assert (least, most) == (inside.min(), inside.max())
