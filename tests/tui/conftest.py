"""Real results for the dashboard to show."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import workshop

__all__ = ["workshop"]


@pytest.fixture
def evaluated(workshop: Path, tmp_path: Path) -> Path:
    """A folder with data and evaluated runs: bm25, hybrid and mono, of the set toy."""
    shutil.copytree(workshop / "data", tmp_path / "data")
    shutil.copytree(workshop / "runs", tmp_path / "runs")
    return tmp_path / "runs"
