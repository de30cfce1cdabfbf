"""A toy set and a budget of seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hybench.config import TrainConfig
from hybench.runs import Event, Run
from hybench.training.train import train
from tests.builders import toy_dataset


@pytest.fixture(scope="session")
def data_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    toy_dataset(root)
    return root


BUDGET = TrainConfig(
    data=("toy",),
    dimension=16,
    vocabulary=400,
    steps=12,
    batch_size=16,
    validate_every=4,
    checkpoint_every=5,
)


def run_to_the_end(path: Path, data_root: Path, **changes: Any) -> list[Event]:
    """Train the budget, changed, into `path`."""
    return list(train(replace(BUDGET, **changes), Run(path), data_root, device="cpu"))
