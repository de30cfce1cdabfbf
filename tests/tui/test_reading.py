"""What a comparison's tabs say of it: as `hybench compare` does, with the same reference."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from textual.pilot import Pilot

from hybench.comparison.layout import legend
from hybench.tui.app import Dashboard
from hybench.tui.model.comparison import FOREST, comparison_table
from hybench.tui.model.comparison_cache import ComparisonCache
from hybench.tui.model.export import export, export_command
from hybench.tui.model.matrix import matrix_table
from hybench.tui.model.queries import query_table
from hybench.tui.model.scores import ComparisonRequest, Scores, compare_runs, stamped
from tests.cli.program import works
from tests.tui.driving import drive, options, said, screen, shows, until

WIDE = (140, 40)


def asked(folder: Path, **choices: str | bool) -> Scores:
    runs = sorted(path for path in folder.iterdir())
    return compare_runs(ComparisonRequest(stamped(runs), **choices))  # type: ignore[arg-type]


def test_the_verdict_is_that_of_compare_over_seeds(seeds: Path) -> None:
    table = works("compare", seeds, "--group-seeds", "--format", "md").out
    [record] = re.findall(r"\| W/T/L \|[^|]*\| ([\d/]+) \|", table)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("4")
        await shows(pilot, f"hybrid (2)  W/T/L {record}")

    drive(options(seeds), script, WIDE)
    apart = works("compare", seeds, "--format", "md").out
    assert f" {record} " not in apart


@pytest.mark.parametrize("tab", ["2", "4"])
def test_notes_and_legend_stand_below_the_table(seeds: Path, tab: str) -> None:
    comparison = asked(seeds).comparison
    assert comparison.notes

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press(tab)
        await shows(pilot, "significantly better or worse")
        for text in comparison.notes:
            assert text in said(pilot)
        for sentence in legend(comparison):
            in_pair = not sentence.startswith(("Letters", "detectable"))
            assert (sentence in said(pilot)) == (in_pair or tab == "2")
        await pilot.press("i")
        await shows(pilot, "Summary")
        assert comparison.notes[0] in said(pilot)

    drive(options(seeds), script, WIDE)


def test_what_has_no_room_is_counted(seeds: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await until(pilot, lambda: re.search(r"▾\d+ more", screen(pilot)[-2]))
        shown = int(re.findall(r"▾(\d+) more", screen(pilot)[-2])[0])
        await pilot.press("tab", "j")
        await until(pilot, lambda: f"▾{shown - 1} more" in screen(pilot)[-2])

    drive(options(seeds), script)


@pytest.mark.parametrize("suffix", [".md", ".csv", ".json", ".tex"])
def test_the_export_is_what_compare_writes(seeds: Path, tmp_path: Path, suffix: str) -> None:
    ours, theirs = tmp_path / f"ours{suffix}", tmp_path / f"theirs{suffix}"
    scores = asked(seeds, reference="hybrid")
    export(scores, ours)
    words = shlex.split(export_command(scores, theirs))
    assert words[0] == "hybench"
    works(*words[1:])
    assert ours.read_bytes() == theirs.read_bytes()


def test_a_reference_that_goes_is_told(seeds: Path) -> None:
    runs = {path.name: path for path in seeds.iterdir()}

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        app.mark([runs["hybrid-s0"], runs["mono-s0"], runs["mono-s1"]])
        await pilot.press("2")
        await shows(pilot, "reference: mono")
        app.marked.clear()
        app.mark([runs["hybrid-s0"], runs["hybrid-s1"]])
        await pilot.press("G")
        await shows(pilot, "the reference is now hybrid-s0 (the first), no longer mono.")
        app.mark([runs["mono-s0"]])
        app.choose(reference="hybrid-s0")
        await shows(pilot, "reference: hybrid-s0")
        app.marked.clear()
        app.mark([runs["hybrid-s1"], runs["mono-s0"]])
        await shows(pilot, "hybrid-s0 is not among these runs: the reference is now mono-s0")
        assert app.watched.wrong == 0
        await pilot.press("exclamation_mark")
        await shows(pilot, "hybrid-s0 is not among these runs")

    drive(options(seeds, every=0.2), script, WIDE)


def test_a_reference_by_hand_is_not_told(seeds: Path) -> None:
    runs = sorted(seeds.iterdir())
    comparisons = ComparisonCache()
    for reference in ("", "hybrid", "mono"):
        comparisons.choose(reference=reference)
        request = comparisons.next_request(runs, runs)
        assert request is not None
        comparisons.keep(request, compare_runs(request))
        assert (comparisons.scores is not None, comparisons.changed) == (True, "")


def test_averages_stay_in_sight_and_the_rest_is_counted(seeds: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        for tab, least in (("2", 13), ("4", 12)):
            await pilot.press(tab)
            await shows(pilot, "AVG")
            await shows(pilot, f" of {least}")
            assert any(line.startswith("LOW") for line in screen(pilot))
            first = [line[:2] for line in screen(pilot)].index("ar")
            for _ in range(30):
                await pilot.press("down")
            assert any(line.startswith("AVG") for line in screen(pilot))
            assert any(line.startswith("LOW") for line in screen(pilot))
            assert screen(pilot)[first][:2] != "ar"
            await shows(pilot, f"–{least} of {least}")

    drive(options(seeds), script, (80, 20))


def test_the_picture_of_intervals_has_the_room_that_columns_leave(seeds: Path) -> None:
    comparison = asked(seeds).comparison
    arm = 1 - (comparison.baseline or 0)
    for width in range(60, 160):
        table = comparison_table(comparison, arm, width)
        taken = sum(table.widths) + len(table.widths) - 1
        if len(table.columns) > 8:
            assert taken <= width
            assert FOREST[0] <= table.widths[-1] <= FOREST[1]
            assert table.widths[-1] % 2
        else:
            assert width - taken < FOREST[0] + 2
    assert len(comparison_table(comparison, arm, 80).columns) == 9


def test_one_wild_interval_does_not_flatten_the_others(seeds: Path) -> None:
    scores = asked(seeds).comparison
    arm = 1 - (scores.baseline or 0)
    found = [row.cells[arm] for row in scores.rows]
    wild = found[0]
    assert wild is not None
    assert wild.difference is not None
    before = [record.fields[-1].text for record in comparison_table(scores, arm, 140).records[1:]]
    object.__setattr__(wild.difference, "high", 50 * abs(wild.difference.high or 1))
    after = [record.fields[-1].text for record in comparison_table(scores, arm, 140).records]
    assert after[0].endswith("▸")
    spread = [sum(map(len, map(str.strip, texts))) for texts in (before, after[1:])]
    assert spread[1] > 0.6 * spread[0]


def test_numbers_stand_below_each_other_whatever_their_letters(seeds: Path) -> None:
    comparison = asked(seeds).comparison
    table = matrix_table(comparison)
    for at in range(2, 2 + len(comparison.columns)):
        rows = [record for record in table.records if not record.rule][: len(comparison.rows)]
        texts = [record.fields[at].text for record in rows]
        width = max(map(len, texts))
        points = {text.rjust(width).index(".") for text in texts}
        assert len(points) == 1
        assert any(text.rstrip()[-1].isalpha() for text in texts)


def test_the_sort_of_the_matrix_is_said(seeds: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await shows(pilot, "hybrid (2)")
        await pilot.press("s")
        await shows(pilot, "by hybrid, best first")
        assert "↓" in screen(pilot)[2]
        await pilot.press("s")
        await shows(pilot, "by hybrid, worst first")
        assert "↑" in screen(pilot)[2]
        await pilot.press("s")
        await until(pilot, lambda: "first" not in screen(pilot)[1])

    drive(options(seeds), script, WIDE)


def test_differences_are_filtered_in_the_unit_that_is_shown(seeds: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("5")
        await shows(pilot, "hybrid against mono")
        await shows(pilot, "worst first")
        await pilot.press("slash", *"Δ<-20", "enter")
        await shows(pilot, "filter Δ<-20")
        pane = app.pane
        shown = [float(record.fields[0].text) for record in pane.grid.table.records]
        assert shown
        assert max(shown) <= -20
        await pilot.press("slash", "Δ", "?", "enter")
        await shows(pilot, "is not understood")
        assert "filter Δ<-20 " in screen(pilot)[1] + " "  # the filter in force, not the mistake
        await pilot.press("s")
        await shows(pilot, "best first")

    drive(options(seeds), script, (120, 30))


def test_a_querys_value_is_the_mean_of_its_seeds(seeds: Path) -> None:
    from hybench.runs.run import Run
    from hybench.tui.model.queries import Pair, Side, differences

    def values(*names: str) -> dict[tuple[str, str], float]:
        side = Side("x", tuple(Run(seeds / name) for name in names))
        frame = differences(Pair(None, side, "atlas", "mono", "nDCG@10", seeds)).frame
        rows = frame.select("query_lang", "query_id", "right").iter_rows()
        return {(code, query): value for code, query, value in rows}

    both, first, second = values("mono-s0", "mono-s1"), values("mono-s0"), values("mono-s1")
    assert both == {key: pytest.approx((first[key] + second[key]) / 2) for key in first}


def test_of_a_metric_that_is_better_when_lower_the_worst_is_the_largest() -> None:
    import polars as pl

    from hybench.comparison.query_lists import select_queries
    from hybench.runs.run import Run
    from hybench.tui.model.queries import Pair, Side

    side = Side("x", (Run(Path("x")),))
    pair = Pair(side, side, "atlas", "multi", "RankDistance", Path())
    frame = pl.DataFrame(
        {
            "query_lang": ["de"] * 3,
            "corpus_lang": ["all"] * 3,
            "query_id": ["a", "b", "c"],
            "left": [1.0] * 3,
            "right": [0.0, 5.0, 30.0],
            "delta": [-1.0, 4.0, 29.0],
            "text": [""] * 3,
        }
    )
    first = query_table(frame, pair).records[0]
    assert (first.fields[0].text, first.fields[0].tone) == ("+29.0", "worse")
    assert select_queries(frame, "Δ>10", "RankDistance").height == 1
    assert select_queries(frame, "Δ>10", "nDCG@10").height == 2
