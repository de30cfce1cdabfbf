"""Devices by name, and the choice where none is named."""

from __future__ import annotations

import pytest
import torch

from hybench.encoders.devices import resolve_device
from hybench.errors import UsageError


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, False, "cuda"), (True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_prefers_a_gpu(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, chosen: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert resolve_device("auto") == chosen


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "mps"])
def test_what_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(UsageError, match=f"--device {device}: this device is not available"):
        resolve_device(device)


def test_other_names_are_no_devices() -> None:
    assert resolve_device("cpu") == "cpu"
    for name in ("tpu", "cuda:", "mps:0", "CPU"):
        with pytest.raises(UsageError, match=f"--device is '{name}'"):
            resolve_device(name)
