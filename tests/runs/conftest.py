"""A run that has begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.runs.run import Run
from tests.runs.trainer import make_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make_run(tmp_path / "runs" / "hybrid")
