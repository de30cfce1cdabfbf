"""Comparisons as documents."""

from __future__ import annotations

import csv
import io
import json

import pytest

from hybench.comparison.gather import CompareOptions
from hybench.comparison.layout import p_text, sheet, sheets
from hybench.comparison.model import Comparison, Difference
from hybench.comparison.render import CSV_COLUMNS, FORMATS, render
from hybench.comparison.table import compare
from hybench.errors import UsageError
from tests.comparison.conftest import MakeRun, mono

LOW = [0.1, 0.12, 0.3, 0.2, 0.25, 0.1, 0.05, 0.2]


@pytest.fixture
def tables(make_run: MakeRun) -> tuple[Comparison, ...]:
    """Two arms; the second is better in English and was not run in Swahili."""
    high = [value + 0.5 for value in LOW]
    return compare(
        [
            make_run("base", mono({"en": LOW, "sw": LOW})),
            make_run("up", mono({"en": high})),
        ],
        CompareOptions(draws=1000),
    )


def test_json_is_complete_and_stable(tables: tuple[Comparison, ...]) -> None:
    text = render(tables, "json")
    assert text == render(tables, "json")
    value = json.loads(text)
    assert value["format"] == 1
    (table,) = value["comparisons"]
    assert list(table)[:6] == ["dataset", "split", "setting", "metric", "columns", "baseline"]
    assert table["baseline"] == "base"
    english = table["rows"][0]
    assert english["cells"]["up"]["value"] == pytest.approx(sum(LOW) / 8 + 0.5)
    assert english["cells"]["up"]["difference"]["p"] == 2 / 256
    assert english["cells"]["base"]["difference"] is None
    assert table["rows"][1]["cells"]["up"] is None
    assert table["records"] == {
        "base": None,
        "up": {"wins": 1, "ties": 0, "losses": 0, "better": 1},
    }


def test_csv_is_tidy(tables: tuple[Comparison, ...]) -> None:
    rows = list(csv.DictReader(io.StringIO(render(tables, "csv"))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert [(row["language"], row["run"]) for row in rows] == [
        (label, run) for label in ("en", "sw", "AVG 1/2") for run in ("base", "up")
    ]
    up = rows[1]
    assert float(up["difference"]) == pytest.approx(0.5)
    assert (up["n"], up["best"], up["significant"], up["exact"]) == ("8", "1", "1", "1")
    assert (rows[3]["value"], rows[3]["p"]) == ("", "")


def test_markdown(tables: tuple[Comparison, ...]) -> None:
    lines = render(tables, "md").splitlines()
    assert lines[0] == "### atlas (test) · mono · nDCG@10 ×100"
    assert lines[2].startswith("up is better than base on en (one seed): ")
    del lines[2:6]
    assert (
        lines[2] == "| lang | n | base | up | difference | 95 % interval | p (Holm) | detectable |"
    )
    assert lines[4] == "| en | 8 | 16.5 | 66.5▲* | +50.0 | — | 0.016 | — |"
    assert lines[5] == "| sw | 8 | 16.5 | — | — | — | — | — |"
    assert lines[7] == "| W/T/L |  |  | 1/0/0 |  |  |  |  |"
    text = "\n".join(lines)
    assert "baseline base (the first)" in text
    assert "1,000 draws" in text
    assert "over the 2 tests of this table, alpha 0.05" in text
    assert "- Fewer than 3 seeds" in text


def test_a_pipe_in_a_name_does_not_break_markdown(make_run: MakeRun) -> None:
    tables = compare([make_run("a|b", mono({"en": LOW}))], CompareOptions(draws=100))
    lines = render(tables, "md").splitlines()
    assert lines[2] == "| lang | n | a\\|b |"
    assert lines[6] == "\\* best, — not run."


def test_a_worse_rank_distance_points_down(make_run: MakeRun) -> None:
    rows = [
        [("multi", "en", "all", f"q{at}", "RankDistance", base + at) for at in range(9)]
        for base in (100.0, 300.0)
    ]
    runs = [make_run(name, rows[at]) for at, name in enumerate(["a", "b"])]
    (table,) = compare(runs, CompareOptions(metric="RankDistance", draws=100))
    shown = sheet(table)
    assert shown.title.endswith("RankDistance")
    assert [entry.text + entry.mark for entry in shown.lines[0].entries[2:4]] == [
        "104.0* a",
        "304.0▼ b",
    ]
    assert shown.lines[0].entries[3].tone == "worse"
    assert shown.caption.startswith("Lower is better.")


def test_bias_stands_below_the_table(make_run: MakeRun) -> None:
    rows = [
        ("multi", "en", "all", f"q{at}", metric, value)
        for at in range(3)
        for metric, value in (("nDCG@10", 0.5), ("RankDistance", 287.04), ("SameLang@10", 1.234))
    ]
    (table,) = compare([make_run("a", rows)], CompareOptions(draws=100))
    texts = [[entry.text for entry in line.entries] for line in sheet(table).lines]
    assert texts == [
        ["en", "3", "50.0"],
        ["RankDistance", "", "287.0"],
        ["SameLang@10", "", "1.23"],
    ]
    assert "SameLang@10: 1 is unbiased" in sheet(table).caption


def test_unknown_format() -> None:
    with pytest.raises(UsageError) as caught:
        render([], "xml")
    assert caught.value.do == "Choose one of: table json md csv."
    assert list(FORMATS) == ["json", "md", "csv"]


def test_p_text() -> None:
    told = [
        p_text(Difference(0.1, None, None, p, 0, False, p, False, None, floor=floor))
        for p in (0.0002, 0.001, 0.0456, 1.0)
        for floor in (False, True)
    ]
    assert told == [
        "<0.001", "<0.001", "0.001", "≤0.001", "0.046", "≤0.046", "1.000", "≤1.000",
    ]  # fmt: skip


def test_what_holds_for_all_tables_is_said_once(make_run: MakeRun) -> None:
    high = [value + 0.5 for value in LOW]
    both = [
        [
            ("multi" if setting else "mono", "en", "all" if setting else "en", *row[3:])
            for setting in (0, 1)
            for row in mono({"en": values})
        ]
        for values in (LOW, high)
    ]
    runs = [make_run("a", both[0]), make_run("b", both[1])]
    tables = compare(runs, CompareOptions(draws=1000))
    assert [table.setting for table in tables] == ["mono", "multi"]
    shown = sheets(tables)
    alone = [sheet(each) for each in tables]
    assert shown[-1] == alone[-1]
    for first, whole in zip(shown[:-1], alone[:-1], strict=True):
        assert "Holm" in whole.caption
        assert "Holm" not in first.caption
        assert whole.notes
        assert not first.notes
