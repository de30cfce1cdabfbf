"""Tabs 2 to 5 on the results of real runs."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from hybench.comparison.gather import CompareOptions
from hybench.comparison.model import PublishedColumn
from hybench.comparison.table import compare
from hybench.runs.events import EventLog
from hybench.runs.run import Run
from hybench.tui.app import Dashboard
from hybench.tui.model.heat_map import HeatMapRequest, read_map
from hybench.tui.model.matrix import matrix_table
from hybench.tui.panes.comparison import ComparisonPane
from hybench.tui.panes.heat_map import HeatMapPane
from hybench.tui.panes.matrix import MatrixPane
from hybench.tui.panes.queries import QueriesPane
from hybench.tui.panes.runs import RunsPane
from hybench.tui.widgets.grid import Grid
from tests.builders import reconfigure
from tests.cli.program import works
from tests.tui.driving import NOW, drive, options, said, screen, shows, until, write_training

WIDE = (120, 30)


def line_with(pilot: Pilot[None], text: str) -> str:
    return next((line for line in screen(pilot) if text in line), "")


def test_the_matrix_has_the_numbers_of_compare(evaluated: Path) -> None:
    table = works("compare", evaluated, "--setting", "mono", "--format", "md").out
    wanted = [cell.strip() for cell in line_in(table, "| de |").split("|")[3:6]]

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await shows(pilot, "reference: mono")
        shown = line_with(pilot, "de ")
        for value in wanted:
            assert value.rstrip("*▲▼") in shown
        assert app.query_one(MatrixPane).grid.key == "de"
        await shows(pilot, "bm25")

    drive(options(evaluated), script, WIDE)


def test_published_values_are_differences_where_the_others_are(evaluated: Path) -> None:
    runs = [Run(evaluated / name) for name in ("mono", "hybrid")]
    [found] = compare(runs, CompareOptions(data="toy", setting="mono"))
    values = (0.5, *[None] * (len(found.rows) - 1))
    found = replace(found, published=(PublishedColumn("theirs", values, ("a paper",)),))
    base = found.rows[0].cells[found.baseline or 0]
    assert base is not None
    for difference, text in ((False, "50.0"), (True, f"{50 - 100 * base.value:+.1f}")):
        table = matrix_table(found, difference=difference)
        assert [record.fields[-2].text for record in table.records[:2]] == [text, "—"]


def line_in(text: str, part: str) -> str:
    return next(line for line in text.splitlines() if part in line)


def test_runs_with_curves_come_first(evaluated: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "bm25")
        listed = app.query_one(RunsPane).grid.table.records
        assert [record.fields[2].text for record in listed] == ["hybrid", "mono", "bm25"]

    drive(options(evaluated), script, WIDE)


def test_keys_of_the_matrix(evaluated: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        pane = app.query_one(MatrixPane)
        await pilot.press("2")
        await shows(pilot, "mono · AP")
        await pilot.press("m")
        await shows(pilot, "mono · nDCG@10")
        await pilot.press("M", "t")
        await shows(pilot, "cross · AP")
        await pilot.press("t")
        await shows(pilot, "multi · AP")
        await shows(pilot, "RankDistance")
        await pilot.press("t", "d")
        await shows(pilot, "differences")
        assert "=" in line_with(pilot, "de ")
        await pilot.press("right", "b")
        await shows(pilot, "reference: hybrid")
        await pilot.press("d", "s")
        assert column(pane) == sorted(column(pane), reverse=True)
        await pilot.press("s")
        assert column(pane) == sorted(column(pane))
        await pilot.press("s")
        assert [record.key for record in pane.grid.table.records[:3]] == ["de", "en", "yo"]

    drive(options(evaluated), script, WIDE)


def column(pane: MatrixPane) -> list[float]:
    """The values of the languages in the column under the cursor."""
    at = pane.grid.column
    return [float(each.fields[at].text.strip(" *▲▼")) for each in pane.grid.table.records[:3]]


def test_a_published_system_that_is_not_of_this_set_is_refused_in_words(evaluated: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await shows(pilot, "mono · AP")
        await pilot.press("P", *"BM25", "enter")
        await shows(pilot, "--published")
        await shows(pilot, "reference: mono")
        assert app.comparisons.choices.published == ""

    drive(options(evaluated), script, WIDE)


def test_the_last_validations_of_live_runs(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    write_training(runs, "hybrid", 50)
    write_training(runs, "mono", 25)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("space", "space", "2", "v")
        await shows(pilot, "last validations")
        await until(pilot, lambda: "62.5" in line_with(pilot, "en "))
        assert "56.2" in line_with(pilot, "en ")
        assert "52.5" in line_with(pilot, "AVG")

    drive(options(runs, every=0.05), script, WIDE)


def test_the_last_validations_are_of_one_set_and_setting_at_a_time(tmp_path: Path) -> None:
    """Whichever set a run has validated on first."""
    runs = tmp_path / "runs"
    by_set = {"atlas": {"mono": {"en": 0.21}, "multi": {"en": 0.32}}, "toy": {"mono": {"en": 0.43}}}
    for name, sets in (("one", ["atlas", "toy"]), ("two", ["toy", "atlas"])):
        run = write_training(runs, name, 25)
        scores = {each: by_set[each] for each in sets}
        log = EventLog(run.events_file, clock=lambda: NOW - 50)
        log.append("validation", step=30, score=0.3, scores=scores)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("a", "2", "v")
        for key, heading, value in (
            ("", "atlas · mono", "21.0"),
            ("t", "atlas · multi", "32.0"),
            ("o", "toy · mono", "43.0"),
            ("o", "atlas · mono", "21.0"),
        ):
            await pilot.press(*([key] if key else []))
            await shows(pilot, f"last validations · {heading}")
            line = line_with(pilot, "en ")
            assert line.split()[1:] == [value, value]

    drive(options(runs, every=0.05), script, WIDE)


def test_the_cross_map_its_cursor_and_its_bias(evaluated: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await shows(pilot, "reference: mono")
        await pilot.press("3")
        await shows(pilot, "de queries in de passages (mono)")
        assert line_with(pilot, "q\\p").split() == ["q\\p", "language", "de", "en", "yo"]
        await shows(pilot, "Bias: RankDistance")
        await pilot.press("right", "down")
        await shows(pilot, "en queries in en passages (mono)")
        await pilot.press("left")
        await shows(pilot, "en queries in de passages (cross)")
        name = app.query_one(HeatMapPane).arm
        await pilot.press("n")
        await until(pilot, lambda: app.query_one(HeatMapPane).arm == name + 1)
        await pilot.press("d")
        await shows(pilot, "hybrid minus mono")
        await pilot.press("enter")
        await shows(pilot, "filter lang:en")

    drive(options(evaluated), script, WIDE)


def test_the_map_of_several_seeds_is_their_mean(evaluated: Path) -> None:
    runs = (Run(evaluated / "mono"), Run(evaluated / "hybrid"))
    both, first, second = (
        read_map(HeatMapRequest(each, (), "toy", "AP")) for each in (runs, runs[:1], runs[1:])
    )
    mean = (first.scores.values + second.scores.values) / 2
    np.testing.assert_allclose(both.scores.values, mean, atol=1e-12)
    assert not np.allclose(mean, first.scores.values)
    for metric, of_language in both.bias.items():
        expected = (first.bias[metric]["yo"] + second.bias[metric]["yo"]) / 2
        assert of_language["yo"] == pytest.approx(expected)


def test_seeds_are_taken_together_or_apart(evaluated: Path) -> None:
    for seed in (1, 2):
        again = evaluated / f"hybrid-s{seed}"
        shutil.copytree(evaluated / "hybrid", again)
        reconfigure(Run(again), seed=seed)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await shows(pilot, "5 runs")
        await shows(pilot, "hybrid (3)")
        await pilot.press("3", "n")
        await shows(pilot, "mean of 3 seeds")
        await pilot.press("2", "G")
        await shows(pilot, "hybrid-s1")
        assert "hybrid (3)" not in "".join(screen(pilot)[:4])

    drive(options(evaluated), script, WIDE)


def test_compare_says_the_verdict_and_exports_what_the_command_would(
    evaluated: Path, tmp_path: Path
) -> None:
    file = tmp_path / "table.md"

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.watched.history(evaluated / "hybrid"))
        await pilot.press("4")
        await shows(pilot, "W/T/L")
        await until(pilot, lambda: app.query_one(ComparisonPane).arm == 0)
        await pilot.press("n")
        await shows(pilot, "hybrid  W/T/L")
        await shows(pilot, "Configs differ in: alpha 1.0 → 0.5")
        await shows(pilot, "hybrid and mono" if "differ by" in "".join(screen(pilot)) else "hybrid")
        await pilot.press("e")
        app.query_one("#export-ask").query_one(Input).value = str(file)
        await pilot.press("enter")
        await shows(pilot, "Written to")
        assert any(notice.text.startswith("hybench compare ") for notice in app.watched.notices)
        assert "in the log" not in screen(pilot)[-1], app.watched.notices
        await pilot.press("e")
        app.query_one("#export-ask").query_one(Input).value = "table.doc"
        await pilot.press("enter")
        await shows(pilot, "table.doc has no known ending.")
        await pilot.press("e")
        app.query_one("#export-ask").query_one(Input).value = "nowhere/table.md"
        await pilot.press("enter")
        await shows(pilot, "There is no folder nowhere.")

    drive(options(evaluated), script, WIDE)
    assert file.read_text() == works("compare", evaluated, "--format", "md").out


def test_queries_worst_first_filtered_and_opened(evaluated: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        pane = app.query_one(QueriesPane)
        await pilot.press("5")
        await shows(pilot, "against mono")
        await until(pilot, lambda: len(pane.grid.table.records) == 36)
        deltas = [float(record.fields[0].text) for record in pane.grid.table.records]
        assert deltas == sorted(deltas)
        await pilot.press("s")
        assert [float(each.fields[0].text) for each in pane.grid.table.records] == deltas[::-1]
        await pilot.press("s", "slash", *"lang:yor d<=0", "enter")
        await shows(pilot, "filter lang:yor d<=0")
        records = pane.grid.table.records
        assert {record.fields[3].text for record in records} == {"yo"}
        assert all(float(record.fields[0].text) <= 0 for record in records)
        await pilot.press("slash", *[" ", "Δ", "?"], "enter")
        await shows(pilot, "The filter 'Δ?' is not understood.")
        await pilot.press("slash", *["backspace"] * 20, "enter", "home", "enter")
        await shows(pilot, "Relevant: ")
        assert any("✓" in line for line in screen(pilot))
        assert "worst first" not in screen(pilot)[1]  # these are ranks, not the list
        await pilot.press("escape")
        assert not pane.has_class("detail")
        assert "worst first" in screen(pilot)[1]

    drive(options(evaluated), script, WIDE)


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_a_typed_query_is_searched_by_a_process_of_its_own(evaluated: Path, tmp_path: Path) -> None:
    import sys

    loaded = "torch" in sys.modules
    commands = {"hits.csv": "", "hits.md": "", "hits.json": ""}

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("5", "n")
        await shows(pilot, "hybrid against mono")
        await pilot.press("f", *"yor:pupa ewé", "enter")
        await until(pilot, lambda: any("passages in both" in line for line in screen(pilot)))
        records = app.query_one(QueriesPane).hits.table.records
        assert {record.fields[at].text for record in records for at in (2, 7)} == {"yo"}
        assert "pupa" in records[0].fields[8].text
        for name in commands:
            app.say("")
            await pilot.press("e")
            app.query_one("#export-ask").query_one(Input).value = str(tmp_path / name)
            await pilot.press("enter")
            await shows(pilot, "Written to")
            commands[name] = app.watched.notices[-1].text
        await pilot.press("escape", "f", *["backspace"] * 12, *"xx:nothing", "enter")
        await shows(pilot, "Run mono has no index of toy (xx)")
        await shows(pilot, "Run hybrid has no index of toy (xx)")

    drive(options(evaluated), script, WIDE)
    assert ("torch" in sys.modules) == loaded
    for name, command in commands.items():
        _, *words = shlex.split(command)
        again = tmp_path / f"again-{name}"
        words[words.index("-o") + 1] = str(again)
        works(*words)
        assert again.read_bytes() == (tmp_path / name).read_bytes(), command


def test_without_the_texts_the_ids_stand_there(evaluated: Path, tmp_path: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("5")
        await shows(pilot, "No texts: toy is not in")
        await pilot.press("enter")
        await shows(pilot, "Relevant: f0")

    drive(options(evaluated, data_dir=tmp_path / "elsewhere"), script, WIDE)


def test_results_that_cannot_be_read_are_left_out_and_told(evaluated: Path) -> None:
    (evaluated / "hybrid" / "results" / "toy.parquet").write_bytes(b"PAR1")

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await shows(pilot, "reference: mono")
        assert not any("hybrid" in line for line in screen(pilot)[:4])
        await pilot.press("exclamation_mark")
        await shows(pilot, "hybrid")
        await shows(pilot, "its checksum is not")

    drive(options(evaluated), script, WIDE)


def test_one_run_alone_has_nothing_to_compare(evaluated: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("space", "4")
        await shows(pilot, "There is nothing to compare")
        await pilot.press("5")
        await shows(pilot, "1–23 of 36")

    drive(options(evaluated), script, WIDE)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (250, 70)])
def test_every_tab_fits_every_size(evaluated: Path, size: tuple[int, int]) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        for tab, text in (("2", "de "), ("3", "de "), ("4", "de "), ("5", "de ")):
            await pilot.press(tab)
            await shows(pilot, text)
            lines = screen(pilot)
            assert len(lines) == size[1]
            assert all(len(line) <= size[0] for line in lines)
            assert "? help" in lines[-1]

    drive(options(evaluated, clock=lambda: NOW), script, size)


def test_the_difference_stands_below_the_map_where_both_have_room(evaluated: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        pane = app.query_one(HeatMapPane)
        await pilot.press("3", "n")
        await shows(pilot, "Bias: ")
        await shows(pilot, "hybrid minus mono")
        grids = [pane.grid, pane.query_one("#heat-map-below", Grid)]
        shown = [
            {
                record.key: [field.text for field in record.fields[2:]]
                for record in each.table.records
            }
            for each in grids
        ]
        maps = [
            read_map(HeatMapRequest((Run(evaluated / name),), (), "toy", "AP"))
            for name in ("hybrid", "mono")
        ]
        for query in ("de", "en", "yo"):
            for at, passage in enumerate(("de", "en", "yo")):
                arm, base = (each.scores.value(query, passage) or 0.0 for each in maps)
                assert shown[0][query][at] == f"{arm * 100:.1f}"
                assert float(shown[1][query][at]) == pytest.approx((arm - base) * 100, abs=0.051)
        lines = screen(pilot)
        heads = [line.index(" de") for line in lines if line.startswith("q\\p")]
        assert len(heads) == 2
        assert heads[0] == heads[1]  # so that a pair's value and difference are in one column
        await pilot.press("d")  # the difference alone
        await until(pilot, lambda: not pane.has_class("both"))
        await pilot.press("d", "n")  # the reference has none
        await until(pilot, lambda: "minus" not in said(pilot))
        await pilot.resize_terminal(100, 24)
        await pilot.press("p")
        await shows(pilot, " hybrid · toy")
        assert not pane.has_class("both")

    drive(options(evaluated, every=3600.0), script, (140, 36))
