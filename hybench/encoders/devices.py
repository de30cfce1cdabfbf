"""The device that a model is loaded on."""

from __future__ import annotations

import re

from hybench.errors import UsageError

_DEVICE = re.compile(r"cpu|mps|cuda(:\d+)?")


def resolve_device(device: str) -> str:
    """The device to use: ``auto`` is cuda if available, else mps (Apple silicon), else cpu.

    Raises:
        UsageError: the device is not available.
    """
    import torch

    if device == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    if _DEVICE.fullmatch(device) is None:
        raise UsageError(f"--device is {device!r}.", "Choose auto, cpu, mps, cuda or cuda:N.")
    if not _is_available(device):
        raise UsageError(
            f"--device {device}: this device is not available.", "Use --device cpu or auto."
        )
    return device


def _is_available(device: str) -> bool:
    import torch

    if device == "mps":
        return torch.backends.mps.is_available()
    number = int(device.partition(":")[2] or 0)
    return device == "cpu" or number < torch.cuda.device_count()
