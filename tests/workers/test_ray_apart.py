"""Machines of a real Ray that share no folder: the bytes of one process, whatever dies.

The head does no work. Each of the others has a cache, temporary files and a home of its own, and is
told no path of the driver.
"""

from __future__ import annotations

import os
import pickle
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from hybench.errors import HybenchError
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.scope import EvalOptions
from hybench.indexes import search_crew
from hybench.indexes.options import IndexOptions
from hybench.indexes.writer import build_index
from hybench.workers.exchange import Exchange
from hybench.workers.packing import Packing
from hybench.workers.ray_pool import RayPool
from tests.indexes.fakes import HashedWords, run_with_model
from tests.indexes.test_shard_workers import digests, index
from tests.indexes.test_writer import tiny
from tests.waiting import wait_until

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.ray]

ray = pytest.importorskip("ray", reason="Ray is the extra hybench[ray]")


class Nodes:
    """A cluster, and its nodes that work, each with a core and folders of its own."""

    def __init__(self, cluster: Any, root: Path) -> None:
        self.cluster, self._root, self._count = cluster, root, 0

    def add(self) -> Any:
        """Another node."""
        self._count += 1
        own = self._root / f"node-{self._count}"
        folders = {name: own / name for name in ("XDG_CACHE_HOME", "TMPDIR", "HOME")}
        for folder in folders.values():
            folder.mkdir(parents=True)
        given = {name: str(folder) for name, folder in folders.items()}
        return self.cluster.add_node(num_cpus=1, env_vars=given)

    def actor(self) -> psutil.Process:
        """The process of an actor of these nodes."""
        for process in psutil.process_iter():
            try:
                of_ray = process.cmdline()[:1] and process.cmdline()[0].startswith("ray::_Actor")
                if of_ray and process.environ().get("HOME", "").startswith(str(self._root)):
                    return process
            except psutil.Error:
                continue
        raise AssertionError("no actor is at work")

    @property
    def caches(self) -> list[Path]:
        """Folders of what nodes have fetched."""
        return list(self._root.glob("node-*/XDG_CACHE_HOME/hybench/exchange/files"))


@pytest.fixture(scope="module")
def nodes(store: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """A cluster whose head does no work, and one node; both have the environment of the store."""
    del store
    from ray.cluster_utils import Cluster

    cluster: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    there = Nodes(cluster, tmp_path_factory.mktemp("nodes"))
    there.add()
    yield there
    ray.shutdown()
    cluster.shutdown()


def handing(monkeypatch: pytest.MonkeyPatch, then: Callable[[int], None]) -> list[bytes]:
    """What is handed to actors, as it is sent; `then` is called with how many these are."""
    sent: list[bytes] = []
    plain = RayPool._begin

    def begin(self: RayPool, number: int, request: Any) -> None:
        plain(self, number, request)
        sent.append(pickle.dumps(request))
        then(len(sent))

    monkeypatch.setattr(RayPool, "_begin", begin)
    return sent


def test_a_killed_worker_and_a_killed_node_lose_nothing(
    place: str, copied: Path, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = digests(*index(copied, "mono"))
    second = nodes.add()

    def kill(count: int) -> None:
        if count == 3:
            os.kill(nodes.actor().pid, signal.SIGKILL)
        if count == 6:
            nodes.cluster.remove_node(second, allow_graceful=False)

    with monkeypatch.context() as patch:
        sent = handing(patch, kill)
        apart = index(copied, "mono", engine="ray", processes=2, exchange=place)
    assert digests(*apart) == alone
    assert len(sent) >= 10  # nine shards, and at least one of them twice
    assert len(nodes.caches) >= 2
    assert not any(str(copied).encode() in each for each in sent)
    exchange = Exchange(place)
    assert not [name for name in exchange.names("results") if name.endswith(".json")]
    assert exchange.names("files")


def test_a_driver_that_died_finds_the_shards_that_were_finished(
    tmp_path: Path, copied: Path, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = digests(*index(copied, "mono"))
    place = f"file://{tmp_path}/exchange"

    def die(self: Packing, *_: Any) -> bool:
        wait_until(lambda: any(name.endswith(".json") for name in self.exchange.names("results")))
        raise KeyboardInterrupt

    options = {"engine": "ray", "processes": 1, "exchange": place}
    with monkeypatch.context() as patch:
        patch.setattr(Packing, "take", die)
        with pytest.raises(KeyboardInterrupt):
            index(copied, "mono", **options)
    with monkeypatch.context() as patch:
        sent = handing(patch, lambda _: None)
        assert digests(*index(copied, "mono", **options)) == alone
    assert len(sent) < 9


def test_searches_of_an_evaluation_are_shared(
    place: str, tmp_path: Path, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, dataset = run_with_model(tmp_path), tiny(tmp_path / "data")
    build_index(run, dataset, HashedWords(), IndexOptions(exact=True, shard_rows=64))
    alone = evaluate(run, dataset, HashedWords()).values
    monkeypatch.setattr(search_crew, "WORTH", 0)
    monkeypatch.setattr(search_crew, "PASSAGE_BLOCK", 64)
    sent = handing(monkeypatch, lambda _: None)
    options = EvalOptions(engine="ray", processes=2, force=True, exchange=place)
    assert evaluate(run, dataset, HashedWords(), options).values.equals(alone)
    assert len(sent) >= 2
    assert not any(str(tmp_path).encode() in each for each in sent)
    # Manifests, ids and shards of both languages; what was asked for is not kept.
    kept = Exchange(place).names("files")
    assert len(kept) == len({*run.path.glob("index/*/*/*")})


def test_what_workers_cannot_fetch_is_said(
    tmp_path: Path, copied: Path, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damage(self: Packing, request: Any) -> None:
        if not self.exchange.names("files"):
            plain(self, request)
        self.exchange.remove(f"files/{name}" for name in self.exchange.names("files"))
        self.exchange.say("files/none", {})

    plain = Packing.push
    monkeypatch.setattr(Packing, "push", damage)
    for cache in nodes.caches:
        shutil.rmtree(cache)
    with pytest.raises(HybenchError, match=r"On \S+: .* has no whole file files/") as error:
        index(copied, "mono", engine="ray", exchange=f"file://{tmp_path}/exchange")
    assert error.value.do == "The same command sends it again."
