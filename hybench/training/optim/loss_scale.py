"""The factor of the loss in fp16, whose small gradients would be 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def gradient_scaler(precision: str, device: torch.device) -> torch.amp.GradScaler:
    """Loss scaling, which keeps small gradients in fp16 (arXiv 1710.03740); inactive otherwise.

    Its state is part of a checkpoint.
    """
    import torch

    return torch.amp.GradScaler(device.type, enabled=precision == "fp16")
