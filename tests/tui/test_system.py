"""The machine over the tabs, asked through fakes of psutil and NVML."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot

from hybench.tui.app import Dashboard
from hybench.tui.draw.glyphs import ASCII, UNICODE
from hybench.tui.draw.sparkline import sparkline
from hybench.tui.model.system import Machine, Process, SystemHistory
from hybench.tui.model.system_text import process_text, system_text
from tests.tui.driving import drive, frozen, options, said, shows, until, write_training

GIB = 2.0**30


class GoneError(Exception):
    """As psutil's of a process that has ended."""


@dataclass
class FakeSystem:
    """What of psutil is asked; `spent` holds processor seconds by process."""

    spent: dict[int, float] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    busy: float = 50.0
    Error = GoneError

    def virtual_memory(self) -> Any:
        return SimpleNamespace(total=16 * GIB, available=4 * GIB)

    def disk_usage(self, folder: str) -> Any:
        if not Path(folder).is_dir():
            raise FileNotFoundError(folder)
        return SimpleNamespace(free=3 * GIB, total=100 * GIB)

    def getloadavg(self) -> tuple[float, float, float]:
        return 1.5, 1.0, 0.5

    def cpu_percent(self, interval: None) -> float:
        return self.busy

    def cpu_count(self) -> int:
        return 8

    def Process(self, pid: int) -> Any:  # noqa: N802 - psutil's name
        if pid not in self.spent:
            raise GoneError

        def times() -> Any:
            if pid not in self.spent:
                raise GoneError
            return SimpleNamespace(user=self.spent[pid], system=0.0)

        return SimpleNamespace(
            cpu_times=times,
            memory_info=lambda: SimpleNamespace(rss=GIB),
            pid=pid,
            info={"ppid": self.parents.get(pid, 1)},
        )

    def process_iter(self, names: list[str]) -> Iterator[Any]:
        assert names == ["ppid"]
        return map(self.Process, list(self.spent))


class FakeNvml:
    """Two GPUs, of which the second does not say what it draws."""

    def nvmlInit(self) -> None: ...  # noqa: N802 - NVML's names, here and below

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetHandleByIndex(self, at: int) -> int:  # noqa: N802
        return at

    def nvmlDeviceGetName(self, handle: int) -> bytes | str:  # noqa: N802
        return (b"A100", "H100")[handle]

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:  # noqa: N802
        return SimpleNamespace(gpu=90 - 80 * handle)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:  # noqa: N802
        return SimpleNamespace(used=20 * GIB, total=80 * GIB)

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:  # noqa: N802
        if handle:
            raise RuntimeError("not supported")
        return 250_000

    def nvmlDeviceGetEnforcedPowerLimit(self, handle: int) -> int:  # noqa: N802
        return 400_000


class NoNvml:
    """A machine without a driver."""

    def nvmlInit(self) -> None:  # noqa: N802
        raise RuntimeError("no driver")


def test_a_process_and_those_that_it_started_are_one(tmp_path: Path) -> None:
    system = FakeSystem({10: 5.0, 11: 0.5, 12: 0.5, 20: 9.0}, {11: 10, 12: 11, 20: 2})
    machine = Machine(system, NoNvml())
    run = tmp_path / "run"
    first = machine.read(tmp_path, {run: 10}, 100.0)
    assert first.processes == {run: Process(10, None, 3 * GIB, 3)}
    assert (first.busy, first.cores, first.load, first.gpus) == (50.0, 8, 1.5, ())
    assert (first.used, first.total, first.free, first.disk) == (
        12 * GIB, 16 * GIB, 3 * GIB, 100 * GIB,
    )  # fmt: skip
    system.spent |= {10: 6.0, 11: 1.5}
    assert machine.read(tmp_path, {run: 10}, 104.0).processes[run].busy == pytest.approx(50)
    del system.spent[11], system.spent[12]  # they take their seconds along
    assert machine.read(tmp_path, {run: 10}, 105.0).processes[run] == Process(10, 0.0, GIB, 1)
    assert machine.read(tmp_path, {run: 12}, 106.0).processes == {}
    system.spent[12] = 9.0
    assert machine.read(tmp_path, {run: 12}, 107.0).processes[run].busy is None
    assert machine.read(tmp_path / "none", {}, 108.0).disk is None


def test_each_number_of_a_gpu_may_be_missing(tmp_path: Path) -> None:
    first, second = Machine(FakeSystem(), FakeNvml()).read(tmp_path, {}, 0.0).gpus
    assert (first.name, first.busy, first.watts, first.most_watts) == ("A100", 90, 250, 400)
    assert (second.name, second.busy, second.watts) == ("H100", 10, None)
    assert second.used == 20 * GIB


def test_a_sparkline_keeps_peaks_and_gaps() -> None:
    assert sparkline([0, 50, 100, 300], 4, 100, UNICODE) == "▁▅██"
    assert sparkline([None, 100], 4, 100, UNICODE) == "   █"
    assert sparkline([0, 0, 100, 0, 0, 0], 3, 100, UNICODE) == "▁█▁"
    assert sparkline([100, 0, 0], 2, 100, ASCII) == "@_"
    assert sparkline([1.0], 2, 0, UNICODE) == " ▁"


def test_the_machine_is_shown_with_the_processes_of_runs(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    run = write_training(folder, "live", 50)
    write_training(folder, "done", alpha=1.0)
    system = FakeSystem({os.getpid(): 1.0})

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        app.system = SystemHistory(Machine(system, FakeNvml()))
        await pilot.press("2", "percent_sign")
        await shows(pilot, "System: this machine")
        for busy in (10.0, 90.0):
            before, system.busy = len(app.system.readings), busy
            system.spent[os.getpid()] += 1.0
            await until(pilot, lambda: not app._reading_system)
            app.read_system()
            await until(pilot, lambda n=before: len(app.system.readings) > n)  # type: ignore[misc]
        await shows(pilot, "90 % of 8 cores, load 1.5")
        text = said(pilot)
        assert "12.0 GiB of 16.0 GiB" in text
        assert "3.0 GiB of 100.0 GiB free" in text
        assert "GPU 0: A100" in text
        assert "250 of 400 W" in text
        assert f"1.0 GiB, pid {os.getpid()}" in text
        assert "done" not in text
        await pilot.press("percent_sign", "1", "w")
        await shows(pilot, "process")
        await shows(pilot, f"GiB, pid {os.getpid()}")

    with run.lock():
        drive(options(folder), script, (100, 30))


def test_without_gpus_and_processes_it_says_so(tmp_path: Path) -> None:
    history = SystemHistory(Machine(FakeSystem(), NoNvml()))
    [_, _, (text, _)] = system_text(history, {}, tmp_path, 80, UNICODE)
    assert text == "Reading…"
    history.read(tmp_path, [], 0.0)
    lines = system_text(history, {}, tmp_path, 60, UNICODE)
    joined = "\n".join(text for text, _ in lines)
    assert "No NVIDIA GPU answers" in joined
    assert "No run is at work in a process of this machine." in joined
    assert [tone for text, tone in lines if "disk" in text] == ["warn"]  # 3 of 100 GiB
    assert process_text(Process(7, 98.4, GIB, 3)) == "98 % CPU, 1.0 GiB, pid 7 and 2 more"


def test_its_picture(tmp_path: Path) -> None:
    history = SystemHistory(Machine(FakeSystem(), FakeNvml()))

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        for now, busy in enumerate((5, 20, 60, 100, 80)):
            history.machine._system.busy = float(busy)
            history.read(Path(), [], float(now))
        app.system = history
        app._reading_system = True  # no reading but these
        await pilot.press("percent_sign")
        await shows(pilot, "80 % of 8 cores")
        frozen(pilot, "system-100x30", hidden=str(tmp_path))

    drive(options(tmp_path / "runs"), script, (100, 30))
