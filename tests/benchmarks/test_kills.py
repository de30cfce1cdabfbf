"""A handful of the kills that `benchmarks.kills` does by the dozen."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.waiting import HANG


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_what_was_killed_ends_as_if_it_had_not_been() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kills", "--kills", "4", "--seed", "3"],
        capture_output=True,
        text=True,
        timeout=10 * HANG,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("4 kills, 0 files that differ")
