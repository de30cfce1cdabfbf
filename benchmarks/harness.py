"""The same work by several programs, in turn, each in a process of its own.

A benchmark names its sides and what must hold between them; `main` runs it, prints a table, writes
the figures where asked, and fails below a bar with ``--assert``.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

Work = Callable[[], object]
"""What is timed; what it returns comes back to the benchmark, so it should be small."""

_MEBIBYTE = 2**20


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
    """What was measured of one side.

    Attributes:
        seconds: wall-clock seconds of each timed run.
        peak_mb: largest resident memory of its process during the timed runs, MiB, all told.
        prepared_mb: resident memory before the first of them, MiB.
        prepare_seconds: wall-clock seconds of its `prepare`, imports included.
        result: what its last run returned.
    """

    seconds: tuple[float, ...]
    peak_mb: float
    prepared_mb: float
    prepare_seconds: float
    result: Any = None

    @property
    def median(self) -> float:
        """Median seconds of a run."""
        return statistics.median(self.seconds)


@dataclass(frozen=True)
class Check:
    """A bar, and what was measured against it."""

    what: str
    value: float
    relation: Literal["≥", "≤"]
    bar: float

    @property
    def holds(self) -> bool:
        """Whether the bar is met; what is no number meets none."""
        return self.value >= self.bar if self.relation == "≥" else self.value <= self.bar


@dataclass(frozen=True)
class Report:
    """What a benchmark found.

    Attributes:
        title: what was done, with its sizes.
        timings: by the sides' names, in the order of the table.
        checks: the bars.
        unit: what `amount` counts, such as queries; empty where a rate says nothing.
        amount: of it in one run.
        notes: sentences for the reader, about the data, the settings, what was left out.
        columns: further figures by the sides' names, then by column.
    """

    title: str
    timings: Mapping[str, Timing]
    checks: Sequence[Check] = ()
    unit: str = ""
    amount: float = 0.0
    notes: Sequence[str] = ()
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def speedup(
    timings: Mapping[str, Timing], ours: str, peer: str, bar: float, what: str = "time"
) -> Check:
    """How many times longer `peer` takes than `ours`, by medians, which must be `bar` at least."""
    value = timings[peer].median / timings[ours].median
    return Check(f"{what}: {peer} ÷ {ours}", value, "≥", bar)


def memory_share(timings: Mapping[str, Timing], ours: str, peer: str, bar: float) -> Check:
    """The share of `peer`'s peak memory that `ours` takes, which must be `bar` at most."""
    value = timings[ours].peak_mb / timings[peer].peak_mb
    return Check(f"peak memory: {ours} ÷ {peer}", value, "≤", bar)


def _memory(name: str) -> float:
    """``VmRSS`` or ``VmHWM`` of this process in MiB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise OSError(f"/proc/self/status has no {name}")


def _serve(pipe: Connection, side: Side) -> None:
    """Prepare a side, then run it each time the other end asks."""
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
        begun = time.perf_counter()
        result = work()
        pipe.send((time.perf_counter() - begun, _memory("VmHWM"), result))


@dataclass
class _Worker:
    side: Side
    process: Any
    pipe: Connection
    ready: tuple[float, float]
    runs: list[tuple[float, float]] = field(default_factory=list)
    result: Any = None

    def run(self) -> float:
        self.pipe.send(True)
        seconds, peak, self.result = self.pipe.recv()
        self.runs.append((seconds, peak))
        return float(seconds)

    def timing(self) -> Timing:
        return Timing(
            seconds=tuple(round(seconds, 6) for seconds, _ in self.runs),
            peak_mb=round(max((peak for _, peak in self.runs), default=0.0), 1),
            prepared_mb=round(self.ready[1], 1),
            prepare_seconds=round(self.ready[0], 3),
            result=self.result,
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
    """Run every side in turn, `rounds` times; all processes are there from first to last.

    Args:
        sides: what to run.
        rounds: timed runs of each.
        warmup: runs of each that do not count.
    """
    workers = []
    for side in sides:
        _say(f"preparing {side.name}")
        workers.append(_start(side))
    for number in range(warmup + rounds):
        for worker in workers:
            if number >= warmup + (worker.side.rounds or rounds):
                continue
            seconds = worker.run()
            if number < warmup:
                worker.runs.clear()
            _say(f"{worker.side.name}: {seconds:.4g} s{' (warm-up)' if number < warmup else ''}")
    for worker in workers:
        worker.pipe.send(False)
        worker.process.join(timeout=30)
    return {worker.side.name: worker.timing() for worker in workers}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def machine() -> dict[str, Any]:
    """What the figures were taken on, without names."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
    }


def _versions(packages: Sequence[str]) -> dict[str, str]:
    found = {}
    for name in sorted({"hybench", "numpy", "polars", "torch", *packages}):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def checks_table(checks: Sequence[Check]) -> str:
    """The bars and what was measured against them, as Markdown."""
    lines = ["| bar | measured | asked for | |", "| --- | --- | --- | --- |"]
    for check in checks:
        verdict = "met" if check.holds else "**not met**"
        lines.append(
            f"| {check.what} | {check.value:.3g} | {check.relation} {check.bar:g} | {verdict} |"
        )
    return "\n".join(lines)


def table(report: Report) -> str:
    """The report as Markdown."""
    extra = list(dict.fromkeys(name for row in report.columns.values() for name in row))
    rate = [f"{report.unit}/s"] if report.unit else []
    header = ["", "median s", "min – max", *rate, "peak MiB", *extra]
    lines = [f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}"]
    for name, timing in report.timings.items():
        cells = [
            name,
            f"{timing.median:.4g}",
            f"{min(timing.seconds):.4g} – {max(timing.seconds):.4g}",
            *([f"{report.amount / timing.median:,.0f}"] if rate else []),
            f"{timing.peak_mb:,.0f}",
            *(report.columns.get(name, {}).get(column, "") for column in extra),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    if report.checks:
        lines += ["", checks_table(report.checks)]
    return "\n".join([f"### {report.title}", "", *lines, "", *report.notes])


def save(report: Report, name: str, folder: Path, packages: Sequence[str]) -> Path:
    """Write a report with its date, machine and versions to ``{folder}/{name}.json``."""
    value = {
        "name": name,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "versions": _versions(packages),
        **asdict(report),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


@dataclass(frozen=True)
class Options:
    """What a benchmark was asked for.

    Attributes:
        rounds: timed runs of each side.
        quick: sizes that only show that it works; no bar is held against them.
    """

    rounds: int
    quick: bool


def main(
    name: str,
    benchmark: Callable[[Options], Report],
    packages: Sequence[str] = (),
    rounds: int = 5,
) -> None:
    """Run a benchmark as a program.

    Args:
        name: of its file of figures.
        benchmark: what to run.
        packages: the peers' distributions.
        rounds: timed runs of each side, where the caller asks for no other number.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}")
    parser.add_argument("--rounds", type=int, default=rounds, help="timed runs of each side")
    parser.add_argument("--quick", action="store_true", help="small sizes, only to see it work")
    parser.add_argument(
        "--assert", dest="hold", action="store_true", help="fail where a bar is not met"
    )
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="write the figures there")
    given = parser.parse_args()
    report = benchmark(Options(given.rounds, given.quick))
    print(table(report))
    if given.save is not None:
        _say(f"written: {save(report, name, given.save, packages)}")
    missed = [check for check in report.checks if not check.holds]
    if given.hold and missed and not given.quick:
        _say(f"{len(missed)} of {len(report.checks)} bars not met")
        raise SystemExit(1)
