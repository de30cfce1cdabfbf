"""Memory: the peak of a training, and advice when there is too little."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hybench.config.train import TrainConfig
from hybench.encoders.named import is_checkpoint
from hybench.errors import TrainingError
from hybench.wording.error_messages import is_out_of_memory

if TYPE_CHECKING:
    import torch

_MEBIBYTE = 2**20

_RSS_UNIT = 1 if sys.platform == "darwin" else 2**10
"""Bytes in one unit of a process's memory: getrusage(2)."""


def peak_memory(device: torch.device) -> float:
    """Peak memory in MiB: of the GPU if the device is one, else of the process."""
    import torch

    if device.type == "cuda":
        return round(torch.cuda.max_memory_allocated(device) / _MEBIBYTE, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT
    return round(peak / _MEBIBYTE, 1)


@contextmanager
def explain_out_of_memory(config: TrainConfig, where: str) -> Iterator[None]:
    """Turn an out-of-memory error into one that a user can act on.

    Args:
        config: a resolved config.
        where: the work inside, for the message.

    Raises:
        TrainingError: the machine or the GPU is out of memory.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        chunk = (config.chunk_size or config.batch_size) // 4
        same_batch = f"Use --chunk-size {chunk} (the same batch, more slowly), or lower"
        options = "--batch-size or --passage-length"
        if not is_checkpoint(config.encoder):
            options = "--batch-size, --passage-length or --dimension"
        raise TrainingError(
            f"Out of memory in {where}.",
            f"{same_batch if chunk else 'Lower'} {options}.",
        ) from error
