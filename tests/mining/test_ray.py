"""Mining on a real Ray, whose machines share the folders or none: the same bytes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hybench.encoders import sharing, sharing_worker
from hybench.indexes import shard_worker
from hybench.workers.ray_pool import RayPool
from tests.mining.test_processes import OPTIONS, files
from tests.own_ray import own_ray
from tests.training.conftest import run_to_the_end

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.ray]

pytest.importorskip("ray", reason="Ray is the extra hybench[ray]")


@pytest.fixture(autouse=True)
def cluster(own_cache: None) -> Iterator[None]:
    """A worker, with a cache of its own."""
    with own_ray(1):
        yield


def test_negatives_are_those_of_one_process(
    sets: Path, toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, runs = tmp_path / "data", tmp_path / "runs"
    shutil.copytree(sets, place)
    run_to_the_end(runs / "tiny", toys, alpha=1.0, encoder="tiny")
    options = replace(OPTIONS, score_with=str(runs / "tiny" / "model"))
    expected = files(place, runs, replace(options, name="one"))
    monkeypatch.setattr(sharing, "WORTH", 0)
    asked: set[str] = set()
    plain = RayPool.run

    def run(self: RayPool, *given: Any) -> list[Any]:
        asked.add(self._module)
        return plain(self, *given)

    monkeypatch.setattr(RayPool, "run", run)
    for exchange in ("", f"file://{tmp_path}/exchange"):
        shutil.rmtree(runs / "tiny" / "index")
        there = replace(options, name="there", engine="ray", exchange=exchange, force=True)
        assert files(place, runs, there) == expected
        assert asked == {sharing_worker.__name__, shard_worker.__name__}
        asked.clear()
    assert not list((runs / "tiny").glob(".hybench-*"))
