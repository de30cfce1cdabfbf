"""Two nodes of a real Ray on this machine: the same as processes, whatever dies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hybench.errors import HybenchError
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.scope import EvalOptions
from hybench.indexes import search_crew
from hybench.indexes.options import IndexOptions
from hybench.indexes.writer import build_index
from hybench.workers.engine import make_pool
from hybench.workers.ray_pool import RayPool
from hybench.workers.requests import Request
from tests.indexes.fakes import HashedWords, run_with_model
from tests.indexes.test_shard_workers import digests, index
from tests.indexes.test_writer import tiny
from tests.workers import echo

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.ray]

ray = pytest.importorskip("ray", reason="Ray is the extra hybench[ray]")


@pytest.fixture(scope="module", autouse=True)
def nodes() -> Iterator[tuple[Any, Any]]:
    """A cluster of two nodes with a core each, and the one that is not its head."""
    from ray.cluster_utils import Cluster

    cluster: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    second = cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    cluster.wait_for_nodes()
    yield cluster, second
    ray.shutdown()
    cluster.shutdown()


def test_results_come_in_the_order_of_the_requests_and_a_dead_ones_is_done_again(
    tmp_path: Path,
) -> None:
    asked: list[Request] = [{"value": f"é{number}"} for number in range(5)]
    asked[1] = {**asked[1], "dies_unless": str(tmp_path / "died")}
    told: dict[int, int] = {}
    with make_pool(echo.__name__, "cpu", 2, "ray") as pool:
        assert len(pool) == 2
        assert pool.run(asked, told.__setitem__) == [[f"é{number}", "cpu"] for number in range(5)]
        assert told == dict.fromkeys(range(5), 3)
        assert pool.run([]) == []


def test_what_cannot_be_done_is_said() -> None:
    with RayPool(echo.__name__, "cpu", 1, "") as pool:
        with pytest.raises(HybenchError, match="It is so") as error:
            pool.run([{"fails": "It is so."}])
        assert error.value.do == "Do something else."
        with pytest.raises(HybenchError, match="Ray lost 4 processes at the same work"):
            pool.run([{"dies_always": True}])


def test_searches_of_an_evaluation_are_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, dataset = run_with_model(tmp_path), tiny(tmp_path / "data")
    build_index(run, dataset, HashedWords(), IndexOptions(exact=True, shard_rows=64))
    alone = evaluate(run, dataset, HashedWords()).values
    monkeypatch.setattr(search_crew, "WORTH", 0)
    monkeypatch.setattr(search_crew, "PASSAGE_BLOCK", 64)
    shares: list[Request] = []
    plain = RayPool._begin

    def begin(self: RayPool, number: int, sent: Any) -> None:
        shares.append(sent)
        plain(self, number, sent)

    monkeypatch.setattr(RayPool, "_begin", begin)
    options = EvalOptions(engine="ray", processes=2, force=True)
    assert evaluate(run, dataset, HashedWords(), options).values.equals(alone)
    assert len(shares) >= 2
    assert not list(run.path.glob(".search-*"))


def test_a_node_that_dies_leaves_its_shard_to_the_other(
    copied: Path, nodes: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = digests(*index(copied, "mono"))
    cluster, second = nodes
    begun: list[Request] = []
    plain = RayPool._begin

    def begin(self: RayPool, number: int, sent: Any) -> None:
        plain(self, number, sent)
        begun.append(sent)
        if len(begun) == 4:
            cluster.remove_node(second, allow_graceful=False)

    monkeypatch.setattr(RayPool, "_begin", begin)
    assert digests(*index(copied, "mono", engine="ray", processes=2)) == alone
    assert {request["number"] for request in begun} == set(range(9))
