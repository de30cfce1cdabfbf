"""What a rate was measured on."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from pathlib import Path

from hybench.concurrency.processes import cores
from hybench.wording.amounts import counted

_CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Machine:
    """A processor or a card, and how it is used.

    Attributes:
        processor: its name; of a GPU, the card's.
        threads: cores that work.
        device: cpu, cuda or mps.
        precision: of encoding: fp32, bf16 or fp16.
    """

    processor: str
    threads: int
    device: str
    precision: str

    def __str__(self) -> str:
        return (
            f"{self.processor}, {counted(self.threads, 'threads')}, {self.device}, {self.precision}"
        )


def this_machine(device: str, precision: str) -> Machine:
    """This machine with a device that it has, as `hybench.encoders.devices` gives it."""
    name = device.partition(":")[0]
    return Machine(_card(device) if name == "cuda" else _processor(), cores(), name, precision)


def on_device(machine: Machine, device: str) -> Machine:
    """The machine with a device that it may not have."""
    return replace(machine, device=device.partition(":")[0])


def _card(device: str) -> str:
    import torch

    return torch.cuda.get_device_name(device)


def _processor() -> str:
    if _CPUINFO.is_file():
        for line in _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
