"""The tiny set and a run with a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.data.dataset import Dataset
from hybench.runs.run import Run
from tests.evaluation.tiny import tiny_dataset
from tests.indexes.fakes import run_with_model


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return tiny_dataset(tmp_path)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return run_with_model(tmp_path)
