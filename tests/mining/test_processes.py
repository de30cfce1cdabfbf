"""Mining in several processes, or in little memory: the same bytes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import hybench
from hybench.encoders import sharing
from hybench.indexes import search_crew
from hybench.indexes.exact.budget import Budget
from hybench.mining import mine as mining
from hybench.mining.options import MineOptions
from tests.training.conftest import run_to_the_end

OPTIONS = MineOptions(count=20, depth=60, relative_margin=-100.0, negatives="any")


def files(place: Path, runs: Path, options: MineOptions, **more: Any) -> dict[str, str]:
    mined = hybench.mine(
        "tiny", "small", options, data_dir=place, runs_dir=runs, device="cpu", **more
    )
    assert not mined.unchanged
    return mined.negatives.info.files


@pytest.mark.process
@pytest.mark.slow
def test_negatives_are_those_of_one_process_in_memory(
    sets: Path, toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, runs = tmp_path / "data", tmp_path / "runs"
    shutil.copytree(sets, place)
    run_to_the_end(runs / "tiny", toys, alpha=1.0, encoder="tiny")
    teacher = str(runs / "tiny" / "model")
    options = replace(OPTIONS, score_with=teacher)
    monkeypatch.setattr(mining, "AT_ONCE", 5)
    expected = files(place, runs, replace(options, name="one"))
    with monkeypatch.context() as patch:
        patch.setattr(Budget, "streams", True)
        assert files(place, runs, replace(options, name="streamed", memory=2**30)) == expected
    monkeypatch.setattr(sharing, "WORTH", 0)
    monkeypatch.setattr(search_crew, "WORTH", 0)
    shutil.rmtree(runs / "tiny" / "index")
    assert files(place, runs, replace(options, name="two", processes=2)) == expected
