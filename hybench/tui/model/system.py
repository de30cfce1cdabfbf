"""The machine that the dashboard runs on: processor, memory, disk, GPUs, and the runs' processes.

psutil and NVML (the package nvidia-ml-py) are asked; where one does not answer, nothing is said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from hybench.files.locks import holder
from hybench.runs.run import LOCK
from hybench.runs.status import AT_WORK
from hybench.tui.model.run_view import RunView

KEPT = 120
"""Readings that are kept."""

MOST_PROCESSES = 32
"""Runs whose processes are looked at, at most."""


@dataclass(frozen=True)
class Gpu:
    """A GPU.

    Attributes:
        name: its model.
        busy: per cent of the time in which it computed; None where NVML does not say.
        used: bytes of its memory that are in use; None likewise.
        total: bytes of its memory; None likewise.
        watts: that it draws; None likewise.
        most_watts: that it may draw; None likewise.
    """

    name: str
    busy: float | None = None
    used: float | None = None
    total: float | None = None
    watts: float | None = None
    most_watts: float | None = None


@dataclass(frozen=True)
class Process:
    """The process of a run, with those that it has started.

    Attributes:
        pid: its number.
        busy: per cent of a core since the reading before; None at the first.
        memory: bytes of physical memory (RSS) of all of them; what they share counts for each.
        count: how many they are.
    """

    pid: int
    busy: float | None
    memory: float
    count: int


@dataclass(frozen=True)
class Reading:
    """The machine at a time.

    Attributes:
        time: in seconds.
        busy: per cent of all cores since the reading before.
        cores: how many.
        load: the load average of the last minute; None where there is none.
        used: bytes of memory in use.
        total: bytes of memory.
        free: bytes that are free on the disk of the runs; None where it is not there.
        disk: bytes of that disk.
        gpus: those that NVML knows.
        processes: of runs on this machine, by the folder of the run.
    """

    time: float
    busy: float
    cores: int
    load: float | None
    used: float
    total: float
    free: float | None = None
    disk: float | None = None
    gpus: tuple[Gpu, ...] = ()
    processes: Mapping[Path, Process] = field(default_factory=dict)


class Machine:
    """Reads the machine again and again.

    Args:
        system: psutil, or what answers as it does; None imports it.
        nvml: pynvml likewise; None imports it where it is installed.
    """

    def __init__(self, system: Any = None, nvml: Any = None) -> None:
        self._system, self._nvml = system, nvml
        self._begun = False
        self._spent: dict[Path, tuple[int, float, float]] = {}

    def read(self, folder: Path, runs: Mapping[Path, int], now: float) -> Reading:
        """The machine now.

        Args:
            folder: of runs, whose disk is looked at.
            runs: numbers of the runs' processes, by folder.
            now: in seconds; it only grows.
        """
        self._begin()
        system = self._system
        memory = system.virtual_memory()
        try:
            disk = system.disk_usage(str(folder))
        except OSError:
            disk = None
        try:
            load = float(system.getloadavg()[0])
        except (AttributeError, OSError):
            load = None
        watched = list(runs.items())[:MOST_PROCESSES]
        below = self._children() if watched else {}
        processes = {
            path: found
            for path, pid in watched
            if (found := self._process(path, pid, below, now)) is not None
        }
        self._spent = {path: spent for path, spent in self._spent.items() if path in processes}
        return Reading(
            now,
            float(system.cpu_percent(None)),
            int(system.cpu_count() or 1),
            load,
            float(memory.total - memory.available),
            float(memory.total),
            None if disk is None else float(disk.free),
            None if disk is None else float(disk.total),
            self._gpus(),
            processes,
        )

    def _begin(self) -> None:
        """Import what was not given, and wake NVML, once."""
        if self._begun:
            return
        self._begun = True
        if self._system is None:
            self._system = import_module("psutil")
        try:
            if self._nvml is None:
                self._nvml = import_module("pynvml")
            self._nvml.nvmlInit()
        except Exception:  # noqa: BLE001 - NVML's errors have a base class only if it is there
            self._nvml = None

    def _children(self) -> dict[int, list[Any]]:
        """The processes of this machine by those that started them, looked up once for all runs."""
        found: dict[int, list[Any]] = {}
        for each in self._system.process_iter(["ppid"]):
            found.setdefault(each.info["ppid"], []).append(each)
        return found

    def _process(
        self, path: Path, pid: int, below: Mapping[int, Sequence[Any]], now: float
    ) -> Process | None:
        """A run's process; None if it has ended."""
        try:
            every = [self._system.Process(pid)]
        except self._system.Error:
            return None
        for each in every:  # it grows
            every += below.get(each.pid, ())
        spent = memory = 0.0
        count = 0
        for each in every:
            try:
                times, size = each.cpu_times(), each.memory_info().rss
            except self._system.Error:
                continue  # it has ended meanwhile
            spent, memory, count = spent + times.user + times.system, memory + size, count + 1
        if not count:
            return None
        before = self._spent.get(path)
        self._spent[path] = (pid, now, spent)
        busy = None
        if before is not None and before[0] == pid and now > before[1]:
            busy = max(0.0, 100 * (spent - before[2]) / (now - before[1]))
        return Process(pid, busy, memory, count)

    def _gpus(self) -> tuple[Gpu, ...]:
        nvml = self._nvml
        if nvml is None:
            return ()
        try:
            handles = [
                nvml.nvmlDeviceGetHandleByIndex(at) for at in range(nvml.nvmlDeviceGetCount())
            ]
        except Exception:  # noqa: BLE001 - as in `_begin`
            return ()
        return tuple(map(self._gpu, handles))

    def _gpu(self, handle: Any) -> Gpu:
        """A GPU; each number by itself, since a GPU may know some and not others."""

        def asked(name: str) -> Any:
            try:
                return getattr(self._nvml, name)(handle)
            except Exception:  # noqa: BLE001 - as in `_begin`
                return None

        name, rates = asked("nvmlDeviceGetName"), asked("nvmlDeviceGetUtilizationRates")
        memory = asked("nvmlDeviceGetMemoryInfo")
        watts, most = asked("nvmlDeviceGetPowerUsage"), asked("nvmlDeviceGetEnforcedPowerLimit")
        return Gpu(
            name.decode() if isinstance(name, bytes) else str(name or "GPU"),
            None if rates is None else float(rates.gpu),
            None if memory is None else float(memory.used),
            None if memory is None else float(memory.total),
            None if watts is None else watts / 1000,
            None if most is None else most / 1000,
        )


@dataclass
class SystemHistory:
    """The last readings of the machine.

    Attributes:
        machine: that is read.
        readings: the last ones, the newest at the end.
    """

    machine: Machine = field(default_factory=Machine)
    readings: deque[Reading] = field(default_factory=lambda: deque(maxlen=KEPT))

    def read(self, folder: Path, views: Iterable[RunView], now: float) -> None:
        """Read the machine, and the processes of the runs that are at work here.

        Args:
            folder: of runs.
            views: of all runs.
            now: in seconds; it only grows.
        """
        runs = {}
        for view in views:
            if view.status.state in AT_WORK and (pid := holder(view.path / LOCK)) is not None:
                runs[view.path] = pid
        self.readings.append(self.machine.read(folder, runs, now))

    def process(self, path: Path) -> Process | None:
        """The process of a run at the last reading; None if it has none here."""
        return self.readings[-1].processes.get(path) if self.readings else None

    def busy_of(self, path: Path) -> Sequence[float | None]:
        """How busy the process of a run was, reading by reading; None where it was not there."""
        found = (each.processes.get(path) for each in list(self.readings))
        return [None if each is None else each.busy for each in found]

    def busy_of_gpu(self, at: int) -> Sequence[float | None]:
        """How busy a GPU was, reading by reading."""
        return [each.gpus[at].busy if at < len(each.gpus) else None for each in list(self.readings)]
