"""Two nodes of a real Ray on this machine encode an index: the same bytes, whatever dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hybench.errors import HybenchError
from hybench.indexes import shard_actors
from hybench.indexes.shard_actors import ShardActors
from tests.indexes.test_shard_workers import digests, index

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.ray]

ray = pytest.importorskip("ray", reason="Ray is the extra hybench[ray]")


@pytest.fixture(scope="module", autouse=True)
def nodes() -> Iterator[tuple[Any, Any]]:
    """A cluster of two nodes with a core each, and the one that is not its head."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    second = cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    cluster.wait_for_nodes()
    yield cluster, second
    ray.shutdown()
    cluster.shutdown()


def at_each_request(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[ShardActors, int], object]
) -> list[int]:
    """Call `act` before each request, with how many were before; the shards asked for."""
    asked: list[int] = []
    plain = ShardActors._request

    def request(self: ShardActors, folder: Path, language: str, number: int) -> Any:
        act(self, len(asked))
        asked.append(number)
        return plain(self, folder, language, number)

    monkeypatch.setattr(ShardActors, "_request", request)
    return asked


def test_a_process_lost_again_and_again_ends_it_and_finished_shards_stay(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_those_at_work(actors: ShardActors, before: int) -> None:
        if before > 4:
            for waited in actors._waited.values():
                ray.kill(waited.actor)

    alone = digests(*index(copied, "mono"))
    with monkeypatch.context() as patch:
        patch.setattr(shard_actors, "RETRIES", 0)
        at_each_request(patch, lose_those_at_work)
        with pytest.raises(HybenchError, match="Ray lost 1 process that encoded passages of de"):
            index(copied, "mono", engine="ray", processes=2)
    shards = copied / "runs" / "mono" / "index" / "toy" / ".de.shards"
    there = len(list(shards.glob("*.npy")))
    assert there >= 3
    asked = at_each_request(monkeypatch, lambda *_: None)
    assert digests(*index(copied, "mono", engine="ray", processes=2)) == alone
    assert len(asked) == 9 - there


def test_what_an_actor_cannot_do_is_said(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = copied / "runs" / "mono" / "model" / "model.safetensors"
    asked = at_each_request(monkeypatch, lambda *_: weights.write_bytes(b"damaged"))
    with pytest.raises(HybenchError, match="mono"):
        index(copied, "mono", engine="ray")
    assert len(asked) == 1


def test_a_node_may_die_too(
    copied: Path, nodes: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = digests(*index(copied, "mono"))
    cluster, second = nodes

    def lose_a_node(_: ShardActors, before: int) -> None:
        if before == 3:
            cluster.remove_node(second, allow_graceful=False)

    asked = at_each_request(monkeypatch, lose_a_node)
    assert digests(*index(copied, "mono", engine="ray", processes=2)) == alone
    assert set(asked) == set(range(9))
