"""The energy of work: read from the GPU or the processor, else estimated from the time it takes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hybench.errors import UsageError

WATTS_VARIABLE = "HYBENCH_CPU_WATTS"
"""The variable with the watts of the processor at work, for the estimate."""

WATTS_A_THREAD = 12.0
"""Watts of a thread of a processor that is not known: Lannelongue et al. 2021, Green Algorithms,
Advanced Science 8 (doi 10.1002/advs.202100707), for a core at full load. Memory is not counted."""

POWERCAP = Path("/sys/class/powercap")

Joules = Callable[[], float]


class EnergyMeter:
    """Measures the energy from its making on.

    Of a GPU it is NVML's counter for the whole card, which needs the package nvidia-ml-py. Of a CPU
    it is the counters of the processor's packages (RAPL) where they may be read, with everything
    that runs on them; else watts times seconds.

    Args:
        device: where the work is done: cpu, cuda, cuda:N, mps.
        clock: seconds.

    Raises:
        UsageError: `WATTS_VARIABLE` is not a number of watts.
    """

    def __init__(self, device: str, clock: Callable[[], float] = time.perf_counter) -> None:
        self._counter, self.source = _counter(device, clock)
        self._last = self._counter() if self._counter else 0.0

    def take(self) -> float | None:
        """Joules since the last call, or since its making; None where nothing is known."""
        if self._counter is None:
            return None
        now = self._counter()
        taken, self._last = now - self._last, now
        return taken


def _counter(device: str, clock: Callable[[], float]) -> tuple[Joules | None, str]:
    """The counter for a device, and its name; None and an empty name where nothing is known."""
    if device.startswith("cuda"):
        found = _of_gpu(device)
        return found, "nvml" if found else ""
    if device != "cpu":
        return None, ""
    found = _of_packages(POWERCAP)
    if found:
        return found, "rapl"
    watts = _watts()
    return lambda: watts * clock(), f"{watts:g} W"


def _watts() -> float:
    given = os.environ.get(WATTS_VARIABLE)
    if given is None:
        import torch

        return WATTS_A_THREAD * torch.get_num_threads()
    try:
        watts = float(given)
    except ValueError:
        watts = -1.0
    if not 0 <= watts < 1e6:
        raise UsageError(
            f"{WATTS_VARIABLE} is {given!r}.", "Set it to the watts of the processor at work."
        )
    return watts


def _of_gpu(device: str) -> Joules | None:
    """The energy counter of a GPU; None without NVML, or if the GPU has none."""
    import torch

    try:
        import pynvml

        pynvml.nvmlInit()
        uuid = str(torch.cuda.get_device_properties(device).uuid)
        named = uuid if uuid.startswith(("GPU-", "MIG-")) else f"GPU-{uuid}"
        handle: Any = pynvml.nvmlDeviceGetHandleByUUID(named)
        pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    except Exception:  # noqa: BLE001 - NVML's errors have a base class only if it can be imported
        return None
    return lambda: pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1000


def _of_packages(folder: Path) -> Joules | None:
    """The sum of the processor packages' counters; None if there are none that may be read."""
    packages = [each for each in folder.glob("*-rapl:*") if each.name.count(":") == 1]
    try:
        counters = [_Counter(each) for each in sorted(packages)]
    except (OSError, ValueError):
        return None
    return (lambda: sum(counter.joules() for counter in counters)) if counters else None


class _Counter:
    """A counter in microjoules that begins anew at its range."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "energy_uj"
        self._range = int((folder / "max_energy_range_uj").read_text())
        self._last = int(self._file.read_text())
        self._sum = 0

    def joules(self) -> float:
        """Joules since its making."""
        now = int(self._file.read_text())
        self._sum += (now - self._last) % self._range
        self._last = now
        return self._sum / 1e6
