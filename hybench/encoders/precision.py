"""16-bit arithmetic; weights, their gradients and vectors stay float32."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Literal, get_args

from hybench.errors import UsageError
from hybench.values.checks import one_of

if TYPE_CHECKING:
    import torch


Precision = Literal["fp32", "bf16", "fp16"]
PRECISIONS: tuple[str, ...] = get_args(Precision)
FP32: Precision = "fp32"


def _gpu_has_bf16(device: str) -> bool:
    import torch

    with torch.cuda.device(device):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))


def check_precision(
    precision: str, device: str, gpu_has_bf16: Callable[[str], bool] = _gpu_has_bf16
) -> None:
    """Check that a device has a precision.

    Args:
        precision: fp32, bf16 or fp16.
        device: cpu, mps, cuda or cuda:N.
        gpu_has_bf16: whether a GPU computes in bfloat16 itself.

    Raises:
        UsageError: there is no such precision, or the device lacks it.
    """
    one_of("--precision", precision, PRECISIONS)
    is_gpu = device.startswith("cuda")
    if precision == "fp16" and not is_gpu:
        raise UsageError(
            f"--precision fp16 needs an NVIDIA GPU, and the device is {device}.",
            "Use --precision fp32 or bf16, or --device cuda.",
        )
    if precision == "bf16" and is_gpu and not gpu_has_bf16(device):
        raise UsageError(
            f"--precision bf16: the GPU {device} does not compute in bfloat16.",
            "Use --precision fp16 or fp32.",
        )


def autocast(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """The context in which a forward pass computes in a precision."""
    import torch

    types = {"bf16": torch.bfloat16, "fp16": torch.float16}
    if precision not in types:
        return nullcontext()
    return torch.autocast(device.type, types[precision])
