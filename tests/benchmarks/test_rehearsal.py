from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.rehearsal import RUN, VARIANTS, World, checks_of
from benchmarks.stages import killed_after, run_stage
from tests.waiting import HANG


def _row(passages: int, stage: str, seconds: float, said: float, memory: float) -> dict[str, Any]:
    return {
        "passages": passages, "variant": "1", "stage": stage, "seconds": seconds,
        "peak_mb": 2 * memory, "anonymous_mb": memory,
        "forecast": {"seconds": said, "memory_bytes": 0},
    }  # fmt: skip


def test_bars_are_on_the_largest_size() -> None:
    small = {"rows": [_row(10, "index", 1.0, 9.0, 100.0)], "differing": []}
    large = {
        "rows": [_row(100, "index", 10.0, 8.0, 120.0), _row(100, "eval", 4.0, 5.6, 50.0)],
        "differing": ["2: data/wiki/passages/en.parquet"],
    }
    held = {check.what: (check.value, check.holds) for check in checks_of([small, large])}
    ratio = "forecast and measured time, the larger ÷ the smaller"
    assert held == {
        "files that differ": (1, False),
        f"index, 1: {ratio}": (pytest.approx(1.25), False),
        f"eval, 1: {ratio}": (pytest.approx(1.4), False),
        f"all stages, 1: {ratio}": (pytest.approx(14 / 13.6), True),
        "index, 1: peak memory, 100 ÷ 10 passages": (pytest.approx(1.2), True),
    }


def test_a_variant_is_a_matter_of_encoding(tmp_path: Path) -> None:
    world = World(tmp_path, 1000, 10, "static")
    for variant, more in VARIANTS.items():
        for stage in ("index", "eval"):
            command = world.command(stage, tmp_path / "place", variant)
            assert command[:2] == [stage, RUN]
            assert [each for each in command if each in more] == [*more]
        assert "--processes" not in world.command("prepare", tmp_path / "place", variant)


@pytest.mark.process
def test_a_stage_is_measured_and_its_failure_told(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    found = run_stage(["--version"], log)
    assert 0 < found.seconds < HANG
    assert log.read_text(encoding="utf-8").startswith("hybench ")
    with pytest.raises(SystemExit, match="No data set 'x'"):
        run_stage(["index", "nosuch", "--data", "x", "--runs-dir", str(tmp_path)], log)


@pytest.mark.process
def test_a_process_that_has_ended_cannot_be_killed(tmp_path: Path) -> None:
    assert not killed_after(["--version"], HANG, tmp_path / "log.txt")
    assert killed_after(["--version"], 0.0, tmp_path / "log.txt")
