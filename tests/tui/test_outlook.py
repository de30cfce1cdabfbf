"""The outlook over the tabs, and tables of a study that is not finished."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from hybench.files.documents import read_json, write_json
from hybench.runs.events import EventLog
from hybench.runs.run import STUDY, Run
from hybench.studies.run import LOG
from hybench.tui.app import Dashboard
from hybench.tui.model.comparison_cache import ComparisonCache
from hybench.tui.model.looks import Looks
from hybench.tui.model.outlook import outlook_text, read_outlook
from hybench.tui.model.scores import ComparisonRequest, Scores, compare_runs, stamped
from tests.comparison.conftest import MakeRun
from tests.comparison.test_looks import write_study
from tests.tui.driving import drive, frozen, options, said, shows

SOME = ("hybrid-s0", "mono-s0", "hybrid-s1", "mono-s1")
CLAIM = {"arms": ["hybrid", "mono"], "setting": "mono", "row": "yo", "direction": "better"}


def test_marks_come_with_the_last_seed(make_run: MakeRun, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    write_study(make_run, folder, SOME)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await shows(pilot, "Look 1 at arms, a study that is not finished")
        assert "▲" not in said(pilot)
        await pilot.press("4")
        await shows(pilot, "95 % interval")
        assert "p Holm" not in said(pilot)  # nothing is tested: no empty columns
        await shows(pilot, "with all 3 seeds it finds")
        assert "hybrid − mono on AVG: +" in said(pilot)
        write_study(make_run, folder, ["hybrid-s2"])
        await shows(pilot, "Look 2 at arms")
        write_study(make_run, folder, ["mono-s2"])
        await shows(pilot, " better ")
        assert "p Holm" in said(pilot)
        assert "Look" not in said(pilot)
        await pilot.press("2")
        await shows(pilot, "▲")

    drive(options(folder, every=0.05, clock=time.time), script, (140, 40))


def test_the_outlook_of_a_study(make_run: MakeRun, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    write_study(make_run, folder, SOME)
    study = read_json(folder / STUDY)
    write_json(folder / STUDY, {**study, "hypotheses": [CLAIM, {**CLAIM, "setting": "cross"}]})

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("O")
        await shows(pilot, "95 % intervals of one look")
        text = said(pilot)
        assert "arms: 6 of 6 cells left; how long one takes is not known" in text
        assert "Against mono hybrid − mono on AVG: +" in text
        assert "Hypotheses of the study hybrid is better than mono (mono, yo)" in text
        assert "(cross" not in text
        frozen(pilot, "outlook-100x30")
        await pilot.press("O")
        await shows(pilot, "4 runs")

    drive(options(folder), script, (100, 30))


def test_without_results_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("O")
        await shows(pilot, "No run here has results yet.")

    drive(options(tmp_path / "runs"), script)


def test_a_run_alone_has_no_outlook(make_run: MakeRun, tmp_path: Path) -> None:
    write_study(make_run, tmp_path / "runs", ["mono-s0"])
    scores = compare_runs(ComparisonRequest(stamped([tmp_path / "runs" / "mono-s0"])))
    found = read_outlook(scores)
    assert not found.arms
    text = [text for text, _ in outlook_text(found, [], "", 80)]
    assert "There is nothing to compare yet." in text


def test_seeds_apart_are_not_planned(make_run: MakeRun, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    write_study(make_run, folder, SOME)
    paths = [Run(folder / name).path for name in SOME]
    found = read_outlook(compare_runs(ComparisonRequest(stamped(paths), group_seeds=False)))
    assert len(found.arms) == 3
    assert {each.planned for of_arm in found.arms.values() for each in of_arm} == {0}


def test_a_look_is_a_number_of_cells(make_run: MakeRun, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    looks = Looks()
    numbers = []
    for count in (2, 2, 4, 3):
        write_study(make_run, folder, SOME[:count])
        paths = [folder / name for name in SOME[:count]]
        text = compare_runs(ComparisonRequest(stamped(paths)), looks).comparison.unfinished
        numbers.append(text.split()[1])
    assert numbers == ["1", "1", "2", "2"]
    assert list(looks.seen.values()) == [[2, 4]]


def outlook_of(comparisons: ComparisonCache) -> Scores | None:
    return None if comparisons.outlook is None else comparisons.outlook.scores


def test_an_outlook_is_read_once_and_is_of_what_is_shown(make_run: MakeRun, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    write_study(make_run, folder, SOME)
    first, second = (
        compare_runs(ComparisonRequest(stamped([folder / name for name in SOME[:count]])))
        for count in (2, 4)
    )
    comparisons = ComparisonCache()
    assert comparisons.next_outlook() is None
    comparisons.keep(first.request, first)
    assert comparisons.next_outlook() is first
    assert comparisons.next_outlook() is None
    comparisons.keep(second.request, second)
    comparisons.read_outlook(first)  # it ends late
    assert outlook_of(comparisons) is None
    assert comparisons.next_outlook() is second
    comparisons.read_outlook(second)
    assert outlook_of(comparisons) is second
    for name in SOME:
        (folder / name / "results" / "atlas.json").unlink()
    comparisons.read_outlook(second)  # of what was read for the comparison
    assert outlook_of(comparisons) is second
    comparisons.scores = again = replace(second, gathered=None)
    comparisons.read_outlook(again)
    assert outlook_of(comparisons) is None
    assert "atlas" in comparisons.outlook_error


def test_the_list_says_how_far_a_study_is_and_the_log_what_failed_in_it(
    make_run: MakeRun, tmp_path: Path
) -> None:
    folder = tmp_path / "runs"
    write_study(make_run, folder, SOME)
    log = EventLog(folder / LOG)
    log.append("cell_failed", cell="mono-s2", reason="Its process was killed.", do="")

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "arms 0 of 6, 1 failed")
        await pilot.press("exclamation_mark")
        await shows(pilot, "arms/mono-s2")
        await shows(pilot, "It failed. Its process was killed.")

    drive(options(folder), script, (140, 40))
