"""What is left of a study would take."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from hybench.study.estimate import estimate_study
from tests.study.conftest import study_of


def test_encoding_what_is_evaluated_counts_for_every_cell(tmp_path: Path, data_root: Path) -> None:
    study = study_of(tmp_path)
    hour = count(step=3600).__next__  # whatever is timed once takes an hour
    plan = estimate_study(study, tmp_path / "runs", data_root, "cpu", clock=hour)
    assert 2 * 3600 <= plan.seconds < 2.5 * 3600
    assert plan.disk_bytes > 2 * 252 * 16 * 4
    assert plan.measured == 0
