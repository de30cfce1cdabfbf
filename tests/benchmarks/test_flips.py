"""One flip in some files, of those that `benchmarks.flips` does by the dozen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.flips import Output, judge
from tests.waiting import HANG


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_no_flipped_bit_passes_in_silence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.flips", "--flips", "1", "--seed", "5", "--files", "3"],
        capture_output=True,
        text=True,
        timeout=10 * HANG,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "commands after a flip, 0 faults" in done.stdout


def test_what_counts_as_a_fault() -> None:
    whole = Output(0, "a", "", {Path("x"): "1"})
    assert judge(whole, whole) == "same"
    assert judge(Output(1, "", "error: x"), whole) == "refused"
    assert judge(Output(0, "b", "warning: x"), whole) == "told"
    assert judge(Output(0, "b", ""), whole) == "silent"
    assert judge(Output(0, "a", "", {Path("x"): "2"}), whole) == "silent"
    assert judge(Output(1, "", "error: this is a bug in hybench: x"), whole) == "bug"
    assert judge(Output(-11, "", ""), whole) == "bug"
