"""The estimate of a training before it is begun."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hybench.runs.run import Run
from hybench.training.estimate import estimate
from tests.training.conftest import BUDGET


@pytest.mark.parametrize("steps", [0, 2])
@pytest.mark.parametrize("optimizer", ["adamw", "lazy-adamw"])
def test_trainings_shorter_than_what_is_timed(
    data_root: Path, tmp_path: Path, steps: int, optimizer: str
) -> None:
    config = replace(BUDGET, steps=steps, optimizer=optimizer)
    found = estimate(config, Run(tmp_path / "run"), data_root, device="cpu")
    assert found.steps == steps
    assert (found.seconds > 0) == (steps > 0)
    assert not (tmp_path / "run").exists()
