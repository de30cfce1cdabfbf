"""Where shared work is done: on this machine, or on a Ray cluster."""

from __future__ import annotations

from hybench.workers.pool import WorkerPool, worker_devices
from hybench.workers.ray_pool import RayPool

Workers = WorkerPool | RayPool


def make_pool(
    module: str,
    device: str,
    processes: int,
    engine: str = "local",
    address: str = "",
    exchange: str = "",
) -> Workers:
    """Processes that will work on requests; they are started when there is work.

    Args:
        module: whose worker they run (`hybench.workers.process`).
        device: cpu, mps, cuda or cuda:N.
        processes: how many, on Ray at most.
        engine: of `hybench.workers.ray_cluster.ENGINES`.
        address: of the cluster.
        exchange: URL through which the cluster's files go; empty where its machines share folders.

    Raises:
        UsageError: there are fewer GPUs than processes, or Ray, or the library for the exchange, is
            not installed.
        StateError: there is no cluster at the address, or the exchange cannot be written.
    """
    if engine == "ray":
        return RayPool(module, device, processes, address, exchange)
    return WorkerPool(module, worker_devices(device, processes))
