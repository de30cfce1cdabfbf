"""Start and lead a training in several processes of one machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from hybench.concurrency.processes import MOST_PROCESSES, cores, environment
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.config.train import TrainConfig
from hybench.errors import HybenchError, TrainingError, UsageError
from hybench.runs.events import Event
from hybench.runs.run import Run
from hybench.training.distributed.accelerate import refuse_other_settings
from hybench.training.distributed.follower import FOLLOWED, HOST, TrainingRequest
from hybench.training.distributed.group import ALONE, ProcessEndedError, ProcessGroup
from hybench.training.distributed.place import Place, joined
from hybench.training.train import never, train
from hybench.values.checks import within

_GRACE = 20.0
"""Seconds in which this process may notice by itself that another has ended."""

_NOTICED = 2.0
"""Seconds after which a process that others have lost has certainly ended."""


def train_together(
    config: TrainConfig,
    run: Run,
    data_root: Path,
    processes: int,
    *,
    device: str = "auto",
    resume: bool = False,
    force: bool = False,
    stop: Callable[[], bool] = never,
    progress: ProgressCallback = ignore,
    lost: Callable[[HybenchError], object] = lambda _: None,
) -> Iterator[Event]:
    """Train as `hybench.training.train.train` does, in several processes.

    If torchrun has started this process, the others are torchrun's; else they are started here.

    Args:
        config: the config; its batches are those of one process.
        run: as for one process.
        data_root: likewise.
        processes: number of processes, if torchrun has not started this one, which leads.
        device: auto, cpu or cuda, with one GPU per process.
        resume: as for one process.
        force: likewise.
        stop: likewise.
        progress: likewise.
        lost: called in a thread if another process has ended and this one waits for it without
            end, as a GPU may.

    Raises:
        UsageError: there are fewer GPUs than processes; a launcher asks for other settings than
            the config's; or as for one process.
        TrainingError: a process has ended.
    """
    check_processes(processes)
    refuse_other_settings(config, os.environ)

    def events(device: str, group: ProcessGroup) -> Iterator[Event]:
        return train(
            config,
            run,
            data_root,
            device=device,
            resume=resume,
            force=force,
            stop=stop,
            progress=progress,
            group=group,
        )

    place = Place.from_environment()
    if place is not None:
        own = place.device(device)
        with joined(place, own) as group:
            yield from events(own, group)
        return
    if processes == 1:
        yield from events(device, ALONE)
        return
    place = Place(0, processes, 0, processes)
    own = first_device(processes, device)
    request = TrainingRequest(
        config.resolved().to_toml(), str(run.path), str(data_root), device, resume, 0, processes, 0
    )
    with _started(request, lost) as others, _threads(processes if own == "cpu" else 1):
        try:
            with joined(place, own, others.store) as group:
                yield from events(own, group)
        except ProcessEndedError as error:
            raise others.reason() or error from error
        others.wait()


def check_processes(processes: int) -> None:
    """Check the number of processes to start.

    Raises:
        UsageError: it is out of range, or torchrun has started this process.
    """
    within("--processes", processes, 1, MOST_PROCESSES)
    place = Place.from_environment()
    if place is not None and processes > 1:
        raise UsageError(
            f"--processes is {processes} in one of {place.size} processes of torchrun.",
            "Omit --processes.",
        )


def first_device(processes: int, device: str) -> str:
    """The device of the first of `processes` processes on this machine.

    Raises:
        UsageError: there are fewer GPUs than processes.
    """
    return Place(0, processes, 0, processes).device(device) if processes > 1 else device


@contextmanager
def _threads(processes: int) -> Iterator[None]:
    """Leave the other processes their share of the cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(max(1, before // processes))
    try:
        yield
    finally:
        torch.set_num_threads(before)


@dataclass(frozen=True)
class _Others:
    """The other processes, which were started here, and the store where all connect.

    Attributes:
        store: for `joined`.
        processes: number 1 is the first.
        stderrs: the stderr of each, in a file.
    """

    store: Any
    processes: list[subprocess.Popen[str]]
    stderrs: list[IO[str]]

    def reason(self) -> TrainingError | None:
        """The error of the first process that ended for its own reason, if there is one."""
        deadline = time.monotonic() + _NOTICED
        while time.monotonic() < deadline:
            for rank, (process, file) in enumerate(
                zip(self.processes, self.stderrs, strict=True), 1
            ):
                if process.poll() not in {None, 0, FOLLOWED}:
                    return _reason(rank, len(self.processes) + 1, process.returncode, file)
            time.sleep(0.05)
        return None

    @property
    def gone(self) -> bool:
        """Whether one has ended unexpectedly."""
        return any(process.poll() not in {None, 0} for process in self.processes)

    def wait(self) -> None:
        """Wait for the others to exit, after the training has ended."""
        for process in self.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_GRACE)


def _reason(rank: int, size: int, code: int, stderr: IO[str]) -> TrainingError:
    stderr.seek(0)
    lines = [line for line in stderr.read().splitlines() if line.strip()]
    where = f"Process {rank + 1} of {size}"
    if code < 0:
        return TrainingError(
            f"{where} was killed ({signal.Signals(-code).name}).",
            "It may be out of memory: lower --batch-size or --processes, then use --resume.",
        )
    what, do = (lines or ["It printed nothing."])[-2:][0], (lines or [""])[-1]
    return TrainingError(f"{where}: {what}", do)


@contextmanager
def _started(request: TrainingRequest, lost: Callable[[HybenchError], object]) -> Iterator[_Others]:
    """Start the others; they have exited at the end of the context."""
    from torch.distributed import TCPStore  # type: ignore[attr-defined]

    store = TCPStore(HOST, 0, is_master=True, wait_for_workers=False)
    threads = max(1, cores() // request.size)
    others = _Others(store, [], [])
    over = threading.Event()
    try:
        for rank in range(1, request.size):
            file: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
            process = subprocess.Popen(
                [sys.executable, "-m", "hybench.training.distributed.follower"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=file,
                env=environment(threads),
                encoding="utf-8",
                # Only this process handles Ctrl-C at the terminal.
                start_new_session=True,
            )
            others.stderrs.append(file)
            others.processes.append(process)
            assert process.stdin is not None  # noqa: S101 - for the type checker
            with suppress(BrokenPipeError):
                process.stdin.write(
                    json.dumps(asdict(replace(request, rank=rank, port=store.port)))
                )
                process.stdin.write("\n")
                process.stdin.flush()
        threading.Thread(target=_watch, args=(others, over, lost), daemon=True).start()
        yield others
    finally:
        over.set()
        for process, stderr in zip(others.processes, others.stderrs, strict=True):
            process.kill()
            with suppress(BrokenPipeError), process:
                pass
            stderr.close()


def _watch(others: _Others, over: threading.Event, lost: Callable[[HybenchError], object]) -> None:
    """Call `lost` if another process has ended and this one does not notice."""
    while not over.wait(0.5):
        if others.gone and not over.wait(_GRACE):
            lost(others.reason() or ProcessEndedError())
            return
