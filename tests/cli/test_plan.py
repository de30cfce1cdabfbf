"""``hybench plan``: what it says, and that nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hybench
from tests.cli.program import refused, works


def test_a_prepared_set_with_a_run(here: Path) -> None:
    del here
    done = works("plan", "toy", "--encoder", "mono", "--device", "cpu", "--json")
    said = json.loads(done.out)
    assert said["passages"] == 252
    assert "sample of 252 passages" in said["tokens_counted_by"]
    assert [stage["stage"] for stage in said["stages"]] == [
        "prepare", "index", "graph", "eval", "all",
    ]  # fmt: skip
    whole = said["stages"][-1]
    assert whole["seconds"] == pytest.approx(
        sum(stage["seconds"] for stage in said["stages"][:-1]), abs=0.01
    )
    assert "docs/performance/encoding_static.json" in said["rates"]["static"]["origin"]


def test_a_language_of_miracl_that_is_not_here(here: Path, checkpoint: Path) -> None:
    del here
    asked = ("plan", "miracl-en", "--encoder", checkpoint, "--device", "cpu", "--exact")
    said = works(*asked)
    assert "32,893,221 passages" in said.out
    assert "graph" not in said.out.split("Rates")[0]
    small = json.loads(works(*asked, "--json", "--rate", "transformer=1e12,watts=300").out)
    assert small["rates"]["transformer"] == {"value": 1e12, "origin": "given"}
    joules = {stage["stage"]: stage["joules"] for stage in small["stages"]}
    seconds = {stage["stage"]: stage["seconds"] for stage in small["stages"]}
    assert joules["index"] == pytest.approx(300 * seconds["index"], rel=1e-4)


def test_a_device_that_nobody_has_measured(here: Path) -> None:
    del here
    asked = ("plan", "toy", "--encoder", "mono", "--device", "cuda:0", "--precision", "bf16")
    said = refused(2, *asked)
    assert "There is no rate static (tokens/s) of cuda in bf16" in said
    assert "--calibrate" in said
    known = ("--rate", "static=1e7", "--rate", "search=1e13")
    assert "cuda, bf16" in works(*asked, *known).out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nosuch",), "No data set 'nosuch'"),
        (("miracl-xx",), "MIRACL has no language 'xx'"),
        (("toy", "--encoder", "nosuch"), "No run 'nosuch'"),
        (("toy", "--encoder", "mono", "-l", "fi"), "--languages"),
        (("toy", "--encoder", "mono", "--device", "tpu"), "--device is 'tpu'"),
        (("toy", "--encoder", "mono", "--rate", "x=1"), "--rate is 'x'"),
        (("toy", "--encoder", "mono", "--examples", "-1"), "--examples is -1"),
    ],
)
def test_mistakes(here: Path, arguments: tuple[str, ...], says: str) -> None:
    del here
    assert says in refused(2, "plan", *arguments)


def test_the_verb_gives_a_row_per_stage(here: Path) -> None:
    planned = hybench.plan(
        "toy", "mono", hybench.PlanOptions(device="cpu", exact=True), data_dir=here / "data",
        runs_dir=here / "runs",
    )  # fmt: skip
    frame = planned.to_frame()
    assert frame["stage"].to_list() == ["prepare", "index", "eval", "all"]
    assert frame["disk_bytes"][1] == planned.plan.vector_bytes("f32") + 20 * 252
    assert "| prepare |" in repr(planned)


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize("name", ["mono", "tiny"])
def test_a_calibration_is_kept_and_used(here: Path, name: str) -> None:
    """A set and an encoder of any kind can be calibrated; the next plan knows the rates."""
    del here
    asked = ("plan", "toy", "--encoder", name, "--device", "cpu", "--json")
    kind = "static" if name == "mono" else "transformer"
    trained = f"train-{kind}"
    measured = json.loads(works(*asked, "--calibrate", "--examples", "64", "--batch-size", 8).out)
    for rate in (
        kind,
        "prepare",
        "start-prepare",
        "search",
        "graph",
        "start",
        "base",
        "queries",
        trained,
    ):
        assert measured["rates"][rate]["origin"].startswith("calibrated on ")
        assert measured["rates"][rate]["value"] > 0
    again = json.loads(works(*asked).out)
    assert again["rates"][kind] == measured["rates"][kind]
