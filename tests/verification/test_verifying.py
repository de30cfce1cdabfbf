"""Published numbers measured again: what is judged how, and what is said of what is not there."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import hybench
from hybench.encoders.kinds import ENCODERS
from hybench.files.checksums import sha256_file
from hybench.verification import bench, verifying
from hybench.verification.bench import Measured
from hybench.verification.known import Known, known_numbers
from hybench.verification.numerics import HALF, PADDING, check_encoder, check_processes
from hybench.verification.outcomes import Outcome
from tests.cli.program import hybench as program
from tests.cli.program import refused

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
CHECKPOINT = "tiny/checkpoint"


def known(**changes: object) -> Known:
    """The first number of the table, changed."""
    return replace(known_numbers()[0], **changes)  # type: ignore[arg-type]


def test_the_table_holds_what_was_published() -> None:
    table = {(each.model, each.where, each.metric): each for each in known_numbers()}
    assert table[MINILM, "miracl-yo yo", "nDCG@10"].value == 0.3805
    assert table[MINILM, "miracl-yo yo", "R@100"].value == 0.6849
    assert table["", "xquad-r th", "passages"].value == 852
    assert table["", "mlqa-r hi", "queries"].value == 507
    assert len(table) == len({(*place, each.source) for place, each in table.items()})
    for each in known_numbers():
        assert each.source
        assert each.prepare
        assert len(each.weights) in {0, 64}
        assert each.kind == "counts" or each.setting in {"mono", "cross"}


@pytest.mark.parametrize(
    ("value", "exact", "verdict"),
    [
        (0.3809, True, "verified"),
        (0.3811, True, "missed"),
        (0.3811, False, "near copy"),
        (0.40, False, "near copy, missed"),
    ],
)
def test_a_near_copy_has_its_own_tolerance(value: float, exact: bool, verdict: str) -> None:
    outcome = Outcome(known(near=0.01), Measured(value, exact))
    assert outcome.verdict == verdict
    assert outcome.difference == pytest.approx(value - 0.3805)


def test_what_has_no_tolerance_is_not_judged() -> None:
    assert Outcome(known(tolerance=None), Measured(0.9)).verdict == "not judged"
    assert Outcome(known(near=None), Measured(0.3805, exact=False)).verdict == "not judged"
    assert Outcome(known(), reason="it is not there").verdict == "not run"


@pytest.fixture
def toy_table(copied: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> list[Known]:
    """A table of two numbers of the toy set: of a model that is at hand, and of one that is not."""
    shutil.copytree(checkpoint, copied / "models" / "checkpoint")
    toy = known(
        model=CHECKPOINT, data="toy", query_language="yo", passage_language="yo", value=0.5,
        metric="R@1", weights="", revision="", query_length=16, passage_length=16,
    )  # fmt: skip
    size = replace(toy, kind="counts", model="", metric="passages", value=84.0, tolerance=0.0)
    table = [toy, replace(toy, model="tiny/elsewhere"), size]
    for module in (verifying, bench):
        monkeypatch.setattr(module, "known_numbers", lambda: tuple(table))
    return table


def test_it_runs_what_is_at_hand_and_says_why_not_the_rest(toy_table: list[Known]) -> None:
    first = hybench.verify(models_dir="models")
    copy, elsewhere, size = first.outcomes
    assert copy.measured is not None
    assert copy.measured.run == "checkpoint"
    assert not copy.measured.exact
    assert elsewhere.reason.startswith("the model is not at hand (--model elsewhere=FOLDER")
    assert (size.verdict, size.difference) == ("verified", 0.0)
    assert not first.missed
    toy_table[0] = replace(
        toy_table[0],
        value=copy.measured.value,
        weights=sha256_file(Path("models/checkpoint/model.safetensors")),
    )
    again = hybench.verify({CHECKPOINT: "models/checkpoint"}, only=("checkpoint",))
    assert [each.verdict for each in again.outcomes] == ["verified"]
    frame = hybench.evaluate("checkpoint", "toy").to_frame()
    values = frame.filter(setting="mono", query_lang="yo", metric="R@1")["value"]
    assert copy.measured.value == pytest.approx(values.mean())


def test_the_command_prints_both_and_fails_on_a_miss(toy_table: list[Known]) -> None:
    toy_table[2] = replace(toy_table[2], value=85.0)
    done = program("verify", "--models-dir", "models")
    assert done.code == 1
    line = next(line for line in done.out.splitlines() if line.startswith("the set"))
    assert line.split()[-5:] == ["85", "84", "-1", "0", "missed"]
    assert "Not run: elsewhere on toy yo: the model is not at hand" in " ".join(done.out.split())
    document = json.loads(program("verify", "--only", "passages", "--json").out)
    assert document["missed"] is True
    assert [each["verdict"] for each in document["numbers"]] == ["missed"]
    assert "--model is 'x'" in refused(2, "verify", "--model", "x")


def test_a_set_that_is_not_prepared_is_named_with_its_command(empty: Path) -> None:
    found = hybench.verify(only=("miracl-yo yo passages", "no such"))
    [outcome] = found.outcomes
    assert outcome.reason == "miracl-yo is not prepared (hybench prepare miracl --languages yo)"


def test_checks_of_an_encoder_hold(checkpoint: Path) -> None:
    from hybench.encoders.loading import load_encoder

    padding, half = check_encoder(load_encoder(checkpoint, "cpu"), "tiny")
    assert padding.tolerance == PADDING
    assert 0 < half.difference < HALF
    assert padding.holds
    assert half.holds
    assert not replace(padding, difference=2 * PADDING).holds


@pytest.mark.process
@pytest.mark.slow
def test_one_process_trains_as_two_do() -> None:
    check = check_processes(2)
    assert check.holds
    assert "static" in ENCODERS
