"""Benchmarks measure what they say, and fail below their bars."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from benchmarks.harness import (
    Check,
    Options,
    Report,
    Side,
    Timing,
    Work,
    main,
    measure,
    memory_share,
    speedup,
    table,
)

MIB = 2**20


def fill(mebibytes: int) -> Work:
    return lambda: len(bytearray(mebibytes * MIB))


def never_installed() -> Work:
    raise ImportError("no module named peer")


def toy(options: Options) -> Report:
    timings = measure([Side("small", fill, (1,)), Side("large", fill, (200,))], options.rounds)
    checks = [speedup(timings, "small", "large", 2), memory_share(timings, "large", "small", 0.5)]
    return Report("Filling memory", timings, checks, "MiB", 1.0, ["A note."])


def test_time_and_memory_are_each_processes_own() -> None:
    timings = toy(Options(rounds=3, quick=False)).timings
    small, large = timings["small"], timings["large"]
    assert (small.result, large.result) == (MIB, 200 * MIB)
    assert len(small.seconds) == 3
    assert small.median < large.median
    assert large.peak_mb - large.prepared_mb > 150
    assert small.peak_mb - small.prepared_mb < 50


def burn() -> Work:
    return lambda: sum(range(5_000_000))


def wait() -> Work:
    return lambda: time.sleep(0.2)


def test_cpu_time_is_that_of_the_work_alone() -> None:
    timings = measure([Side("works", burn), Side("waits", wait)], rounds=2)
    works, waits = timings["works"], timings["waits"]
    assert len(works.cpu_seconds) == len(waits.cpu_seconds) == 2
    assert works.cpu is not None
    assert waits.cpu is not None
    assert waits.cpu < waits.median / 2
    assert waits.cpu < works.cpu
    lines = table(Report("t", timings)).splitlines()
    assert "| CPU s |" in lines[2]
    assert f"| {works.cpu:.4g} |" in lines[4]


def test_a_table_of_times_alone_has_no_column_of_cpu_time() -> None:
    assert "CPU" not in table(Report("t", {"one": Timing((1.0,), 1.0, 1.0, 1.0)}))


def test_a_side_may_take_fewer_rounds() -> None:
    timings = measure([Side("one", fill, (1,), rounds=1), Side("two", fill, (1,))], rounds=2)
    assert [len(timing.seconds) for timing in timings.values()] == [1, 2]


def test_a_missing_peer_says_what_to_install() -> None:
    with pytest.raises(SystemExit, match=r"peer.*'\.\[bench\]'"):
        measure([Side("peer", never_installed)], rounds=1)


def test_the_program_writes_figures_and_fails_below_a_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["toy", "--rounds", "1", "--assert", "--save", str(tmp_path)])
    with pytest.raises(SystemExit) as stop:
        main("toy", toy)
    assert stop.value.code == 1
    out, err = capsys.readouterr()
    assert "| small |" in out
    assert "peak memory: large ÷ small" in out
    assert "1 of 2 bars not met" in err
    written = json.loads((tmp_path / "toy.json").read_text(encoding="utf-8"))
    assert written["versions"]["hybench"]
    assert set(written["timings"]) == {"small", "large"}


def test_without_a_number_no_bar_is_met() -> None:
    assert not Check("x", float("nan"), "≥", 1).holds
    assert not Check("x", float("nan"), "≤", 1).holds
    assert "**not met**" in table(Report("t", {}, [Check("x", 1.2, "≤", 1.1)]))
