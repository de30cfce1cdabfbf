from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from hybench.comparison.costs import ArmCost, cost_caption, cost_lines
from hybench.comparison.layout import sheet
from hybench.comparison.render import to_csv, to_json
from hybench.comparison.table import compare
from hybench.files.documents import write_json
from hybench.runs.cost import Cost
from hybench.runs.events import EventLog
from hybench.runs.run import Run
from tests.comparison.conftest import MakeRun, mono
from tests.comparison.test_table import QUICK

SCORES = {"en": [0.1, 0.2, 0.3] * 4, "sw": [0.3, 0.2, 0.1] * 4}
DONE: dict[str, Any] = {
    "examples": 10, "tokens": 300, "seconds": 8.0, "memory_mb": 900.0, "flops": 4e12,
    "joules": 3600.0, "power": "24 W",
}  # fmt: skip


def arm(make_run: MakeRun, name: str, teacher: dict[str, Any] | None, **done: Any) -> Run:
    """A run with a training's log, an index of two languages and results."""
    info = {"seconds": 1.5, "costs": {"queries": Cost(0.5, 20, int(1e12)), "search": Cost(1.0)}}
    run = make_run(name, mono(SCORES), **info)
    log = EventLog(run.events_file)
    if teacher is not None:
        log.append("teacher", **teacher)
    log.append("start", prepare_seconds=0.25, data=[])
    log.append("done", **{**DONE, **done})
    for language in SCORES:
        folder = run.index("atlas", language)
        folder.mkdir(parents=True)
        cost = {"seconds": 2.0, "tokens": 100, "flops": 3e12}
        write_json(folder / "manifest.json", {"encode_seconds": 2.0, "cost": cost})
    return run


@pytest.fixture
def runs(make_run: MakeRun) -> list[Run]:
    encoding = {"seconds": 1.0, "tokens": 50, "flops": 1e12, "joules": 360.0}
    trained = {"trained": True, "seconds": 5.0, "flops": 2e12, "joules": 1800.0}
    return [
        arm(make_run, "plain", None),
        arm(make_run, "taught", {**trained, "encoding": encoding}),
        arm(make_run, "given", {"trained": False, "encoding": encoding}),
        arm(make_run, "older", {"trained": True, "seconds": 5.0}, flops=None, joules=None),
        make_run("bm25", mono(SCORES), config={"kind": "bm25"}),
    ]


def test_costs_count_the_teacher_and_the_set(runs: list[Run]) -> None:
    (table,) = compare(runs, QUICK)
    plain, taught, given, older, bm25 = table.costs
    assert plain == ArmCost(0.25, 8.0, None, 4.0, 1.5, 300, 4e12, 7e12, 900.0, 3600.0, "24 W")
    assert (taught.teacher_seconds, taught.train_flops, taught.joules) == (6.0, 7e12, 5760.0)
    assert (given.teacher_seconds, given.train_flops, given.joules) == (1.0, 5e12, 3960.0)
    assert (older.train_seconds, older.teacher_seconds, older.train_flops) == (8.0, 5.0, None)
    assert bm25 == ArmCost()


def test_they_stand_below_the_scores_and_in_documents(runs: list[Run]) -> None:
    (table,) = compare(runs, QUICK)
    lines = {
        line.entries[0].text: [e.text for e in line.entries[2:7]] for line in sheet(table).lines
    }
    assert lines["train s"] == ["8", "8", "8", "8", "—"]
    assert lines["train TFLOP"] == ["4", "7", "5", "—", "—"]
    assert lines["train Wh"] == ["1", "1.6", "1.1", "—", "—"]
    assert "Wh are estimated from 24 W." in sheet(table).caption
    costs = json.loads(to_json([table]))["comparisons"][0]["costs"]
    assert costs["taught"]["train_flops"] == 7e12
    records = list(csv.DictReader(to_csv([table]).splitlines()))
    assert records[0]["index_seconds"] == "4.0"
    assert (records[3]["train_flops"], records[4]["train_seconds"]) == ("", "")


def test_seeds_are_averaged_and_a_gap_is_told(make_run: MakeRun) -> None:
    seeds = [make_run(f"hybrid-s{seed}", mono(SCORES), config={"seed": seed}) for seed in range(2)]
    for run, seconds in zip(seeds, (8.0, 10.0), strict=True):
        EventLog(run.events_file).append(
            "done", seconds=seconds, flops=1.0 if seconds < 9 else None
        )
    from dataclasses import replace

    (table,) = compare(seeds, replace(QUICK, group_seeds=True))
    assert (table.costs[0].train_seconds, table.costs[0].train_flops) == (9.0, None)


def test_nothing_known_is_no_line() -> None:
    assert cost_lines([ArmCost(), ArmCost()]) == ()
    assert cost_caption([ArmCost()]) == ""
    measured = ArmCost(train_seconds=1.0, joules=1.0, power="nvml")
    assert "Wh are measured by nvml." in cost_caption([measured])
