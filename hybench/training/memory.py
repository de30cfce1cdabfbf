"""Memory: how much a training has taken, and what to lower where there is too little."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hybench.config.train import TrainConfig
from hybench.encoders.checkpoint import encoder_kind
from hybench.errors import TrainingError
from hybench.wording.error_messages import is_out_of_memory

if TYPE_CHECKING:
    import torch

_MEBIBYTE = 2**20

_RSS_UNIT = 1 if sys.platform == "darwin" else 2**10
"""Bytes in one of what the system counts a process's memory in: getrusage(2)."""


def peak_memory(device: torch.device) -> float:
    """Peak memory in MiB: the GPU's where the device is one, else the process's."""
    import torch

    if device.type == "cuda":
        return round(torch.cuda.max_memory_allocated(device) / _MEBIBYTE, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT
    return round(peak / _MEBIBYTE, 1)


@contextmanager
def saying_what_to_lower(config: TrainConfig, where: str) -> Iterator[None]:
    """Turn running out of memory into an error that a person can act on.

    Args:
        config: a resolved config.
        where: the work inside, for the message.

    Raises:
        TrainingError: the memory of the machine or of the GPU did not do.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        chunk = (config.chunk_size or config.batch_size) // 4
        same_batch = f"Use --chunk-size {chunk} (the same batch, more slowly), or lower"
        options = "--batch-size or --passage-length"
        if encoder_kind(config.encoder).from_scratch:
            options = "--batch-size, --passage-length or --dimension"
        raise TrainingError(
            f"Out of memory in {where}.",
            f"{same_batch if chunk else 'Lower'} {options}.",
        ) from error
