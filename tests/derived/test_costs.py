"""What derived runs have cost, of logs that say it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hybench.derived.costs import cost_events
from hybench.runs.cost import Cost
from hybench.runs.events import EventLog
from hybench.runs.run import Run

DONE: dict[str, Any] = {
    "seconds": 10.0, "tokens": 100, "flops": 1000, "joules": 5.0, "examples": 64, "memory_mb": 7.0,
    "exposure": {"examples": 64, "pairs": 9, "negatives": 7.0, "languages": {"en": 1.0}},
}  # fmt: skip
START: dict[str, Any] = {**DONE, "seconds": 3.0, "examples": 16, "configs": [{"seed": 0}]}
TEACHER: dict[str, Any] = {
    "model": "teacher", "trained": True, "seconds": 2.0, "examples": 8, "tokens": 9,
    "encoding": {"seconds": 1.0, "tokens": 3, "flops": 4, "joules": 1.0},
}  # fmt: skip
OWN = Cost(0.5, tokens=1, flops=2, joules=0.25)


def logged(root: Path, name: str, **events: dict[str, Any]) -> Run:
    run = Run(root / name)
    run.path.mkdir()
    run.write_config({"kind": "model" if name == "model" else "train"})
    for event, values in events.items():
        EventLog(run.events_file).append(event, **values)
    return run


def test_parents_and_own_work_are_summed(tmp_path: Path) -> None:
    one, two = (logged(tmp_path, name, done=DONE) for name in ("one", "two"))
    done = cost_events([one, two], OWN)["done"]
    assert (done["seconds"], done["tokens"], done["flops"]) == (20.5, 200, 2002)
    assert (done["joules"], done["examples"], done["memory_mb"]) == (10.25, 128, 7.0)
    assert done["exposure"]["examples"] == 128
    assert done["exposure"]["languages"] == {"en": 1.0}
    alone = cost_events([one], OWN)["done"]
    assert alone["exposure"] == DONE["exposure"]
    assert cost_events([logged(tmp_path, "model")], OWN)["done"]["seconds"] == 0.5


def test_what_parents_share_counts_once(tmp_path: Path) -> None:
    one, two = (
        logged(tmp_path, name, initial=START, teacher=TEACHER, done=DONE) for name in ("one", "two")
    )
    events = cost_events([one, two], OWN)
    assert events["done"]["seconds"] == 10 + 3 + 10 + 0.5
    assert events["done"]["examples"] == 64 + 16 + 64
    assert events["teacher"]["encoding"]["seconds"] == 3.0
    assert events["teacher"]["examples"] == 8


def test_what_one_parent_does_not_say_is_not_said(tmp_path: Path) -> None:
    one = logged(tmp_path, "one", done=DONE)
    two = logged(tmp_path, "two", done={key: DONE[key] for key in ("seconds", "examples")})
    done = cost_events([one, two], OWN)["done"]
    assert "tokens" not in done
    assert "flops" not in done
    assert done["examples"] == 128
