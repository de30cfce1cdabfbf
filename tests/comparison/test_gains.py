"""Which model an arm began with, among the arms of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hybench.comparison.arms import make_arms
from hybench.comparison.gains import find_starts
from hybench.runs.events import EventLog
from hybench.runs.run import Run

TRAINED = {"kind": "train", "encoder": "org/model", "steps": 9, "seed": 0, "query_prefix": "q: "}
MODEL = {"kind": "model", "encoder": "org/model", "digest": "d1", "query_prefix": "q: "}


def made(folder: Path, name: str, config: dict[str, Any], digest: str | None = None) -> Run:
    run = Run(folder / name)
    run.path.mkdir(parents=True)
    run.write_config(config)
    if digest is not None:
        EventLog(run.events_file).append("encoder", digest=digest)
    return run


def starts(*runs: Run) -> dict[str, str]:
    arms = make_arms(runs, group_seeds=True)
    return {arms[arm].label: arms[start].label for arm, start in find_starts(arms).items()}


@pytest.mark.parametrize(
    ("config", "digest", "found"),
    [
        ({}, "d1", True),
        ({}, "d2", False),
        ({}, None, True),  # an older training: by the name
        ({"encoder": "org/other"}, None, False),
        ({"encoder": "org/other"}, "d1", True),
        ({"encoder": "static", "init": "org/model"}, "d1", False),
        ({"layers": 3}, "d1", False),
        ({"encoder": "static"}, "", False),
    ],
)
def test_a_model_is_known_by_its_digest(
    tmp_path: Path, config: dict[str, Any], digest: str | None, *, found: bool
) -> None:
    runs = [made(tmp_path, "base", MODEL), made(tmp_path, "arm", TRAINED | config, digest)]
    assert starts(*runs) == ({"arm": "base"} if found else {})


def test_of_two_runs_of_a_model_the_one_used_alike_is_taken(tmp_path: Path) -> None:
    bare = made(tmp_path, "bare", MODEL | {"query_prefix": ""})
    base = made(tmp_path, "base", MODEL)
    arm = made(tmp_path, "arm", TRAINED, "d1")
    other = made(tmp_path, "other", TRAINED | {"query_prefix": ""}, "d1")
    assert starts(bare, base, arm, other) == {"arm": "base", "other": "bare"}


def test_a_training_of_no_steps_is_a_start(tmp_path: Path) -> None:
    static = TRAINED | {"encoder": "static", "init": "org/model"}
    base = made(tmp_path, "base", static | {"steps": 0}, "d1")
    arm = made(tmp_path, "arm", static, "d1")
    narrow = made(tmp_path, "narrow", static | {"dimension": 8}, "d1")
    assert starts(base, arm, narrow) == {"arm": "base"}
    scratch = {**TRAINED, "encoder": "static"}
    random = made(tmp_path, "random", scratch | {"steps": 0}, "")
    trained = made(tmp_path, "trained", scratch, "")
    assert starts(random, trained) == {}, "weights drawn here differ by seed"
