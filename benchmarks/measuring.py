"""Measures the same work by several programs, in turn, each in its own process."""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Work = Callable[[], object]
"""The timed function; its result is sent back to the benchmark, so it should be small."""


def import_all_before_forks() -> None:
    """Import what commands need, so that processes forked from here import nothing heavy."""
    import sentence_transformers  # noqa: F401
    import torch

    import hybench.cli.main
    import hybench.evaluation.evaluate
    import hybench.training.train  # noqa: F401

    torch.set_num_threads(1)  # no pool of threads may be there at a fork


@dataclass(frozen=True)
class Side:
    """One program's way of doing the work.

    Attributes:
        name: as tables show it.
        prepare: a function of a module, called once in the side's own process with `arguments`:
            imports and data are its business, what it returns is timed.
        arguments: for `prepare`; they are pickled.
        packages: distributions whose versions belong beside the figures.
        environment: variables of the side's process, set before it starts.
        rounds: timed runs, where one of this side takes too long for as many as of the others.
    """

    name: str
    prepare: Callable[..., Work]
    arguments: tuple[Any, ...] = ()
    packages: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    rounds: int | None = None


@dataclass(frozen=True)
class Timing:
    """The measurements of one side.

    Attributes:
        seconds: wall-clock seconds of each timed run.
        peak_mb: largest resident memory of its process during the timed runs, MiB, all told.
        prepared_mb: resident memory before the first of them, MiB.
        prepare_seconds: wall-clock seconds of its `prepare`, imports included.
        result: what its last run returned.
        cpu_seconds: of all threads and of processes that ended, in each timed run; empty where it
            was not measured. Other work on the machine lengthens them less than wall-clock time.
    """

    seconds: tuple[float, ...]
    peak_mb: float
    prepared_mb: float
    prepare_seconds: float
    result: Any = None
    cpu_seconds: tuple[float, ...] = ()

    @property
    def median(self) -> float:
        """Median seconds of a run."""
        return statistics.median(self.seconds)

    @property
    def cpu(self) -> float | None:
        """Median CPU seconds of a run."""
        return statistics.median(self.cpu_seconds) if self.cpu_seconds else None


def _cpu_seconds() -> float:
    """CPU time of this process so far, and of its children that ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _memory(name: str) -> float:
    """``VmRSS`` or ``VmHWM`` of this process in MiB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise OSError(f"/proc/self/status has no {name}")


def _serve(pipe: Connection, side: Side) -> None:
    """Prepare a side, then run it on each request from the other end."""
    begun = time.perf_counter()
    try:
        work = side.prepare(*side.arguments)
    except ImportError as error:
        pipe.send(("missing", str(error)))
        return
    gc.collect()
    # 5 resets the high-water mark (proc(5), clear_refs): preparing does not count.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    pipe.send(("ready", time.perf_counter() - begun, _memory("VmRSS")))
    while pipe.recv():
        begun, begun_cpu = time.perf_counter(), _cpu_seconds()
        result = work()
        seconds, cpu = time.perf_counter() - begun, _cpu_seconds() - begun_cpu
        pipe.send((seconds, cpu, _memory("VmHWM"), result))


@dataclass
class _Worker:
    side: Side
    process: Any
    pipe: Connection
    ready: tuple[float, float]
    runs: list[tuple[float, float, float]] = field(default_factory=list)
    result: Any = None

    def run(self) -> float:
        self.pipe.send(True)
        seconds, cpu, peak, self.result = self.pipe.recv()
        self.runs.append((seconds, cpu, peak))
        return float(seconds)

    def timing(self) -> Timing:
        return Timing(
            seconds=tuple(round(seconds, 6) for seconds, _, _ in self.runs),
            peak_mb=round(max((peak for _, _, peak in self.runs), default=0.0), 1),
            prepared_mb=round(self.ready[1], 1),
            prepare_seconds=round(self.ready[0], 3),
            result=self.result,
            cpu_seconds=tuple(round(cpu, 6) for _, cpu, _ in self.runs),
        )


def _start(side: Side) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    before = {name: os.environ.get(name) for name in side.environment}
    os.environ.update(side.environment)
    try:
        process = context.Process(target=_serve, args=(theirs, side), daemon=True)
        process.start()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    theirs.close()
    answer = ours.recv()
    if answer[0] == "missing":
        raise SystemExit(f"{side.name}: {answer[1]}. Install the peers: pip install -e '.[bench]'")
    return _Worker(side, process, ours, answer[1:])


def measure(sides: Sequence[Side], rounds: int, warmup: int = 1) -> dict[str, Timing]:
    """Run every side in turn, `rounds` times; all processes exist from first to last.

    Args:
        sides: what to run.
        rounds: timed runs of each.
        warmup: runs of each that do not count.
    """
    workers = []
    for side in sides:
        say(f"preparing {side.name}")
        workers.append(_start(side))
    for number in range(warmup + rounds):
        for worker in workers:
            if number >= warmup + (worker.side.rounds or rounds):
                continue
            seconds = worker.run()
            if number < warmup:
                worker.runs.clear()
            say(f"{worker.side.name}: {seconds:.4g} s{' (warm-up)' if number < warmup else ''}")
    for worker in workers:
        worker.pipe.send(False)
        worker.process.join(timeout=30)
    return {worker.side.name: worker.timing() for worker in workers}


def say(text: str) -> None:
    """Report the progress of the work."""
    print(text, file=sys.stderr, flush=True)
