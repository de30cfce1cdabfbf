"""Sheets drawn by rich."""

from __future__ import annotations

import io

import pytest

from hybench.cli.tables import STYLES, rich_console, sheet_tables
from hybench.wording.text_table import Entry, Line, Sheet


def _text(sheet: Sheet, width: int | None = None) -> list[str]:
    out = io.StringIO()
    console = rich_console(out, colored=False, terminal=False)
    for part in sheet_tables(sheet, width):
        console.print(part)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def _wide(columns: int) -> Sheet:
    header = ("lang", *(f"run-{at:02}" for at in range(columns)))
    line = Line((Entry("en"), *(Entry(f"{at}.5") for at in range(columns))))
    return Sheet("Wide", header, 1, (line,), "How to read it. " * 12, ("A note. " * 20,))


def test_numbers_stand_below_each_other_whatever_follows() -> None:
    lines = (
        Line((Entry("en"), Entry("50.0", "better", "▲*"))),
        Line((Entry("sw"), Entry("9.5"))),
        Line((Entry("yo"), Entry("12.5", "worse", "▼"))),
        Line((Entry("AVG"), Entry("24.0")), ruled=True),
    )
    shown = _text(Sheet("T", ("lang", "mono"), 1, lines))
    body = [line for line in shown if line[:2] in {"en", "sw", "yo", "AV"}]
    assert [line.index(".") for line in body] == [body[0].index(".")] * 4
    assert body[0].endswith("50.0▲*")


@pytest.mark.parametrize("width", [24, 40, 80, 200])
def test_a_narrow_terminal_gets_all_columns_in_parts(width: int) -> None:
    shown = _text(_wide(16), width)
    assert max(map(len, shown)) <= width
    text = "\n".join(shown)
    assert all(f"run-{at:02}" in text and f"{at}.5" in text for at in range(16))
    assert sum(line.startswith("en") for line in shown) == {24: 8, 40: 4, 80: 2, 200: 1}[width]


def test_a_column_that_cannot_fit_is_folded_not_dropped() -> None:
    sheet = Sheet("T", ("lang", "x" * 50), 1, (Line((Entry("en"), Entry("y" * 50))),))
    assert "".join(_text(sheet, 20)).count("y") == 50


def test_caption_and_notes_are_wrapped_below() -> None:
    shown = _text(_wide(2))
    assert shown[0] == "Wide"
    assert any(line.startswith("How to read it.") for line in shown)
    assert any(line.startswith("note: A note.") for line in shown)
    assert max(map(len, shown)) <= 100


def test_tones_have_styles() -> None:
    out = io.StringIO()
    console = rich_console(out, colored=True, terminal=False)
    line = Line(tuple(Entry(tone or "none", tone) for tone in STYLES))
    for part in sheet_tables(Sheet("T", tuple(STYLES), 0, (line,)), None):
        console.print(part)
    assert "\x1b[34m" in out.getvalue()


def test_an_empty_sheet_is_its_header() -> None:
    assert "lang" in "\n".join(_text(Sheet("T", ("lang", "n"), 1, ()), 80))
    assert "lang" in "\n".join(_text(Sheet("T", ("lang",), 1, ()), 80))
