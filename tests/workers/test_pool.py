from __future__ import annotations

from pathlib import Path

import pytest

from hybench.errors import DataError, HybenchError, UsageError
from hybench.workers.pool import WorkerPool, worker_devices
from tests.workers import echo

DEVICES = ("cpu", "cpu")


def test_each_process_has_its_device() -> None:
    assert worker_devices("cpu", 3) == ("cpu", "cpu", "cpu")
    with pytest.raises(UsageError, match="0 GPUs for 2 processes"):
        worker_devices("cuda", 2)


@pytest.mark.process
def test_results_come_in_the_order_of_the_requests(tmp_path: Path) -> None:
    asked = [{"value": f"é{number}"} for number in range(5)]
    asked[1]["dies_unless"] = str(tmp_path / "died")
    told: dict[int, int] = {}
    with WorkerPool(echo.__name__, DEVICES) as pool:
        assert len(pool) == 2
        results = pool.run(asked, told.__setitem__)
        assert results == [[f"é{number}", "cpu"] for number in range(5)]
        assert told == dict.fromkeys(range(5), 3)  # the last word is always told
        assert pool.run([]) == []


@pytest.mark.process
def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    with WorkerPool(echo.__name__, ["cpu"]) as pool:
        with pytest.raises(HybenchError, match="It is so") as error:
            pool.run([{"fails": "It is so."}])
        assert error.value.do == DataError("", "Do something else.").do
    with (
        WorkerPool(echo.__name__, ["cpu"]) as pool,
        pytest.raises(HybenchError, match="All 1 process"),
    ):
        pool.run([{"dies_unless": str(tmp_path / "died")}])
