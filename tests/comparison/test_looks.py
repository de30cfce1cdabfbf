"""Looks at a study that is not finished: no marks, letters or verdicts before its last seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from hybench.comparison.gather import CompareOptions
from hybench.comparison.layout import legend
from hybench.comparison.looks import PlannedRuns, planned_runs, withhold_marks
from hybench.comparison.model import Comparison
from hybench.comparison.rows import draw_notes
from hybench.comparison.table import compare
from hybench.comparison.verdict import headline, verdicts
from hybench.files.documents import write_json
from hybench.runs.run import STUDY, Run
from tests.comparison.conftest import MakeRun, mono

ARMS = {"hybrid": 0.5, "mono": 1.0}


def write_study(make_run: MakeRun, folder: Path, evaluated: Sequence[str], seeds: int = 3) -> None:
    """A study of two arms, of which the cells that are named have results; hybrid is better."""
    cells = {f"{arm}-s{seed}": {"arm": arm, "seed": seed} for seed in range(seeds) for arm in ARMS}
    write_json(folder / STUDY, {"name": "arms", "cells": cells, "data": ["atlas"]})
    for name in evaluated:
        arm, seed = name.split("-s")
        random = np.random.default_rng([len(arm), int(seed)])
        scores = {
            code: (
                np.random.default_rng(at).uniform(0.2, 0.6, 40)
                + random.normal(0.2 * (arm == "hybrid"), 0.02, 40)
            ).tolist()
            for at, code in enumerate(("en", "sw", "yo"))
        }
        make_run(name, mono(scores), config={"alpha": ARMS[arm], "seed": int(seed)})


def table(folder: Path) -> tuple[Comparison, tuple[PlannedRuns, ...]]:
    runs = [Run(path.parent) for path in sorted(folder.glob("*/config.toml"))]
    [found] = compare(runs, CompareOptions(group_seeds=True, draws=1000))
    return found, planned_runs(runs, "atlas")


def test_nothing_is_marked_before_the_last_seed(make_run: MakeRun, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    write_study(make_run, folder, ["hybrid-s0", "hybrid-s1", "mono-s0", "mono-s1"])
    found, [planned] = table(folder)
    assert len(planned.cells) == 6
    assert not planned.finished
    assert planned.runs_of_arm[folder / "mono-s2"] == 3
    assert all(pair.difference.significant for pair in found.pairs)
    of_rows = [("yo", pair.difference) for pair in found.pairs]
    [on_draws] = draw_notes(of_rows, "a difference is marked", draws=1)
    found = replace(found, notes=("A caveat.", on_draws))
    shown = withhold_marks(found, [planned], lambda _: 4)
    assert shown.notes[1:] == ("A caveat.",)
    cells = [cell for row in shown.rows for cell in row.cells if cell is not None]
    assert {cell.letters for cell in cells} == {""}
    differences = [cell.difference for cell in cells if cell.difference is not None]
    assert {(each.significant, each.outcome) for each in differences} == {(False, "undecided")}
    assert all(each.low is not None for each in differences)
    assert not shown.pairs
    assert not any(shown.records)
    text = (
        "Look 4 at arms, a study that is not finished (4 of 6 cells of these arms): intervals, no "
        "marks."
    )
    assert shown.notes[0] == shown.unfinished == headline(shown)[0] == text
    assert all("tested yet" in each.sentence for each in verdicts(shown))
    told = " ".join([*legend(shown), *headline(shown), *(v.sentence for v in verdicts(shown))])
    for word in ("▲", "Holm", " p ", "better", "W/T/L", "Undecided"):
        assert word not in told


def test_the_finished_table_has_its_marks(make_run: MakeRun, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    write_study(make_run, folder, [f"{arm}-s{seed}" for arm in ARMS for seed in range(2)], seeds=2)
    found, [planned] = table(folder)
    assert planned.finished
    assert withhold_marks(found, [planned], lambda _: 1) is found
    (folder / STUDY).unlink()
    found, none = table(folder)
    assert none == ()
    assert withhold_marks(found, none, lambda _: 1) is found


def test_only_cells_of_the_arms_that_are_compared_count(make_run: MakeRun, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    write_study(make_run, folder, ["mono-s0", "mono-s1", "mono-s2"])
    [planned] = planned_runs([Run(folder / "mono-s0")], "atlas")
    assert sorted(planned.cells) == ["mono-s0", "mono-s1", "mono-s2"]
    assert planned.finished
    assert planned_runs([Run(folder / "other")], "atlas") == ()
    [other] = planned_runs([Run(folder / "mono-s0")], "atlas@dev")
    assert not other.finished
