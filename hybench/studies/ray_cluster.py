"""Runs cells on a Ray cluster, whose machines share the folders of data and runs.

A cell is a task of Ray that starts the worker process of `worker` on its machine. If its machine or
its process dies, Ray restarts it elsewhere, and it resumes from its checkpoint.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from hybench.concurrency.progress import Stop
from hybench.files.locks import is_held
from hybench.runs.run import LOCK
from hybench.studies.local_processes import Worker
from hybench.studies.order import WaitingCells
from hybench.studies.worker import CellRequest, Ended, Message
from hybench.workers.ray_cluster import RETRIES, connect

_LOCK_WAIT = 30.0
"""Seconds that a cell waits for its previous process to end."""


def ray_engine(address: str, jobs: int, devices: Sequence[str]) -> Any:
    """An engine (`hybench.studies.run.Engine`) on the Ray cluster at an address.

    Args:
        address: as in `ray.init`; empty for ``RAY_ADDRESS``, or a new local Ray.
        jobs: cells at a time; 0 for all that the cluster has room for.
        devices: the first determines whether a cell requests a GPU.

    Raises:
        UsageError: Ray is not installed.
        StateError: there is no cluster at the address.
    """
    connect(address)

    def run(requests: Sequence[CellRequest], logs: Path, stop: Stop) -> Iterator[Message]:
        return _run(requests, jobs, devices[0], logs, stop)

    return run


def _run(
    requests: Sequence[CellRequest], jobs: int, device: str, logs: Path, stop: Stop
) -> Iterator[Message]:
    import ray
    from ray.util.queue import Queue

    said = Queue(actor_options={"num_cpus": 0})
    resources = {"num_gpus": 1} if device.startswith("cuda") else {}
    waiting = WaitingCells(
        [replace(request, device=device.partition(":")[0]) for request in requests]
    )
    at_work: dict[Any, str] = {}
    stopped = False
    try:
        while at_work or (waiting and not stop.is_set()):
            while not stop.is_set() and (jobs == 0 or len(at_work) < jobs):
                request = waiting.ready()
                if request is None:
                    break
                remote: Any = ray.remote(_cell)
                begin = remote.options(num_cpus=request.threads, max_retries=RETRIES, **resources)
                # Absolute paths: Ray chooses a task's working directory.
                task = begin.remote(_absolute(request), logs.resolve(), said)
                at_work[task] = request.name
            if stop.is_set() and not stopped:
                stopped = True
                for task in at_work:
                    ray.cancel(task)
            ended, _ = ray.wait(list(at_work), timeout=0.5)
            while not said.empty():
                yield said.get()
            for task in ended:
                message = _ended(task, at_work.pop(task))
                waiting.end(message)
                yield message
    finally:
        for task in at_work:
            ray.cancel(task, force=True)
        said.shutdown()


def _absolute(request: CellRequest) -> CellRequest:
    folder, data_dir = (str(Path(path).resolve()) for path in (request.folder, request.data_dir))
    return replace(request, folder=folder, data_dir=data_dir)


def _ended(task: Any, name: str) -> Ended:
    import ray

    try:
        ended = ray.get(task)
    except ray.exceptions.TaskCancelledError:
        return Ended(name, "interrupted", {})
    except ray.exceptions.RayError as error:
        first = str(error).strip().splitlines()[0]
        hint = f"It was started {1 + RETRIES} times; see Ray's logs."
        return Ended(name, "failed", {}, f"Ray lost the cell: {first}", hint)
    assert isinstance(ended, Ended)  # noqa: S101 - for the type checker
    return ended


def _cell(request: CellRequest, logs: Path, said: Any) -> Ended:
    """The task: a worker process, and its messages passed on."""
    lock = Path(request.folder) / request.name / LOCK
    patience = time.monotonic() + _LOCK_WAIT
    while is_held(lock) and time.monotonic() < patience:
        time.sleep(0.2)
    log = logs / f"{request.name}.log"
    worker = Worker(request.threads, log)
    worker.begin(replace(request, log=str(log)))
    ended = None
    messages = worker.messages()
    while ended is None:
        try:
            message = next(messages)
        except KeyboardInterrupt:  # Ray's way to cancel a task
            worker.interrupt()
            messages = worker.messages()
            continue
        if isinstance(message, Ended):
            ended = message
        else:
            with suppress(Exception):  # a lost report does not end the work
                said.put_nowait(message)
    worker.close()
    return ended
