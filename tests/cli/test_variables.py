"""Options that are set by variables of the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.config.config_file import read_config
from tests.cli.program import BUDGET, TRAIN, hybench, refused, works


def test_steps_from_the_environment(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYBENCH_TRAIN_STEPS", "3")
    works("train", "--data", "toy", *BUDGET, "--name", "short")
    assert read_config(copied / "runs" / "short" / "config.toml").steps == 3
    works(*TRAIN, "--name", "long")
    assert read_config(copied / "runs" / "long" / "config.toml").steps == 8
    monkeypatch.setenv("HYBENCH_TRAIN_STEPS", "many")
    other = ("train", "--data", "toy", *BUDGET, "--name", "other")
    assert refused(2, *other).startswith("error: HYBENCH_TRAIN_STEPS: Invalid value for '--steps'")
    monkeypatch.setenv("HYBENCH_TRAIN_STEPS", "-2")
    assert refused(2, *other).startswith("error: HYBENCH_TRAIN_STEPS: --steps is -2.")
    assert refused(2, *other, "--steps", "-1").startswith("error: --steps is -1.")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("HYBENCH_TRAIN_STEP", "Did you mean HYBENCH_TRAIN_STEPS?"),
        ("HYBENCH_RUNS_DIR", "Name the command, as in HYBENCH_"),
        ("HYBENCH_WEATHER", "See hybench COMMAND --help."),
    ],
)
def test_a_variable_that_sets_nothing(
    name: str, advice: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "3")
    assert f"warning: {name} sets no option. {advice}" in hybench("status").err
