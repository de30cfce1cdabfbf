"""Which runs are kept."""

from __future__ import annotations

import pytest

from hybench.comparison.conditions import read_conditions, runs_where
from hybench.errors import UsageError
from hybench.files.documents import write_json
from hybench.runs.run import STUDY, Run
from tests.comparison.conftest import CONFIG, MakeRun

BM25 = {"kind": "bm25", "k1": 0.9, **dict.fromkeys(name for name in CONFIG if name != "kind")}


@pytest.fixture
def runs(make_run: MakeRun) -> list[Run]:
    return [
        make_run("short", config={"alpha": 1.0}),
        make_run("long", config={"steps": 1000, "alpha": 1.0, "seed": 1}),
        make_run("cross", config={"steps": 1000, "alpha": 0.0, "scarce": ["sw", "yo"]}),
        make_run("told", config={"steps": 731, "examples": 64_000}),
        make_run("bm25", config=BM25),
    ]


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        ((), ["short", "long", "cross", "told", "bm25"]),
        (("steps=1000",), ["long", "cross", "bm25"]),
        (("steps = 1000", "alpha=1"), ["long", "bm25"]),
        (("steps=600", "steps=1000"), ["short", "long", "cross", "bm25"]),
        (("scarce=sw,yo",), ["cross", "bm25"]),
        (("scarce=",), ["short", "long", "told", "bm25"]),
        (("examples=64000",), ["told", "bm25"]),
        (("batch-size=128", "seed=1"), ["long", "bm25"]),
        (("strategy=hybrid", "share=1"), ["short", "long", "cross", "told", "bm25"]),
        (("k1=0.9",), ["short", "long", "cross", "told", "bm25"]),
    ],
)
def test_runs_with_the_value_and_those_without_the_field_stay(
    runs: list[Run], texts: tuple[str, ...], kept: list[str]
) -> None:
    assert [run.name for run in runs_where(runs, read_conditions(texts))] == kept


@pytest.mark.parametrize(
    ("text", "what", "do"),
    [
        ("steps", "--where is 'steps'.", "Write FIELD=VALUE"),
        ("=5", "--where is '=5'.", "Write FIELD=VALUE"),
        ("step=5", "no run has a field step.", "steps (600, 1000, 731), seed (0, 1), scarce (none"),
        ("steps=5", "--where steps=5: no run has this value.", "steps is: 600, 1000, 731."),
        ("steps=five", "'five' is not a value of steps.", "steps is: 600, 1000, 731."),
    ],
)
def test_what_no_run_has_is_refused(runs: list[Run], text: str, what: str, do: str) -> None:
    with pytest.raises(UsageError) as caught:
        runs_where(runs, read_conditions([text]))
    assert what in caught.value.what
    assert do in caught.value.do


def test_one_run_differs_in_nothing(runs: list[Run]) -> None:
    with pytest.raises(UsageError) as caught:
        runs_where(runs[:1], {"step": ("5",)})
    assert caught.value.do == "They differ in no field."


def test_a_run_of_a_study_is_where_it_is_on_the_grid(make_run: MakeRun) -> None:
    """A start of no steps, an arm of stages, and what is derived, which has no steps itself."""
    parent = {"name": "mono-steps50-s0", "path": "", "digest": "", "config": {"steps": 50}}
    derived = {"kind": "derived", "parents": [parent], "steps": None}
    made = [
        make_run("base-steps50", config={"steps": 0}),
        make_run("base-steps90", config={"steps": 0}),
        make_run("mono-steps50-s0", config={"steps": 50}),
        make_run("staged-steps90-s0", config={"steps": 45}),
        make_run("shift-steps50-s0", config=derived),
    ]
    cells = {
        run.name: {"arm": run.name.split("-")[0], "steps": int(run.name.split("steps")[1][:2])}
        for run in made
    }
    folder = made[0].path.parent
    write_json(folder / STUDY, {"name": "study", "cells": cells})

    def kept(*texts: str) -> list[str]:
        return [run.name for run in runs_where(made, read_conditions(texts))]

    assert kept("steps=50") == ["base-steps50", "mono-steps50-s0", "shift-steps50-s0"]
    assert kept("steps=90") == ["base-steps90", "staged-steps90-s0"]
    assert kept("arm=mono", "arm=shift") == ["mono-steps50-s0", "shift-steps50-s0"]
    (folder / STUDY).unlink()
    assert kept("steps=50") == ["mono-steps50-s0", "shift-steps50-s0"]
    (folder / STUDY).write_text("{")
    assert kept("steps=45") == ["staged-steps90-s0"]
