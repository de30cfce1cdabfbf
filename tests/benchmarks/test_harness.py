"""Benchmarks measure what they say, and fail below their bars."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.harness import (
    Check,
    Options,
    Report,
    Side,
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
