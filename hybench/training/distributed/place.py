"""The place of a process in a training of several, and how it joins."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hybench.encoders.devices import resolve_device
from hybench.errors import UsageError
from hybench.training.distributed.accelerate import refuse_single
from hybench.training.distributed.group import ProcessGroup, lost_process_errors
from hybench.wording.amounts import counted

_LONGEST_WAIT = timedelta(hours=12)
"""Longest wait for the leader, which alone validates and caches a teacher's vectors."""


@dataclass(frozen=True)
class Place:
    """A process's place among those of a training, as set by torchrun.

    Attributes:
        rank: its number, from 0.
        size: number of processes.
        local_rank: its number among those of its machine.
        local_size: number of processes of its machine.
    """

    rank: int
    size: int
    local_rank: int
    local_size: int

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> Place | None:
        """The place that torchrun, or another launcher with its variables, gave this process.

        Returns:
            None if it was started alone.

        Raises:
            UsageError: variables are missing or malformed, or the launcher started this process
                alone although it was asked for several.
        """
        size = variables.get("WORLD_SIZE")
        if size is None:
            refuse_single(variables)
        if size in (None, "1"):
            return None
        numbers = [variables.get(name, "") for name in ("RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE")]
        where = [variables.get(name) for name in ("MASTER_ADDR", "MASTER_PORT")]
        if not all(each.isdecimal() for each in (size, *numbers)) or not all(where):
            raise UsageError(
                f"WORLD_SIZE is {size!r}, but not all other variables of torchrun are set.",
                "Start with torchrun, or unset WORLD_SIZE to train in one process.",
            )
        rank, local_rank, local_size = map(int, numbers)
        return cls(rank, int(size), local_rank, local_size)

    def device(self, asked: str) -> str:
        """The device of this process, one GPU for each.

        Args:
            asked: auto, cpu or cuda.

        Raises:
            UsageError: there are GPUs, but not enough; or a single one was requested.
        """
        import torch

        if ":" in asked:
            raise UsageError(
                f"--device {asked} is a single GPU, for {self.local_size} processes.",
                "Choose cuda, which gives each its own, or set CUDA_VISIBLE_DEVICES.",
            )
        available = torch.cuda.device_count()
        if asked == "cpu" or (asked == "auto" and not available):
            return "cpu"
        if available < self.local_size:
            raise UsageError(
                f"{self.local_size} processes, but {counted(available, 'GPUs')}.",
                "Use as many processes as there are GPUs, or --device cpu.",
            )
        return resolve_device(f"cuda:{self.local_rank}")


@contextmanager
def joined(place: Place, device: str, store: Any = None) -> Iterator[ProcessGroup]:
    """Join a training as one of its processes.

    Args:
        place: the place of this process.
        device: of this process.
        store: where the processes connect; None for torchrun's variables.

    Raises:
        ProcessEndedError: another process ended before all had joined.
    """
    import torch

    # If it is imported while there is a group, as optimizers do, the defaults of its functions
    # refer to that group for ever. Then the group's threads outlive it, and one that frees a tensor
    # while Python exits aborts the process.
    import torch.distributed.nn.functional
    from torch import distributed

    on_gpu = device.startswith("cuda")
    if on_gpu:
        torch.cuda.set_device(device)
    with lost_process_errors():
        distributed.init_process_group(
            # Messages other than vectors and gradients are on the CPU.
            "cpu:gloo,cuda:nccl" if on_gpu else "gloo",
            store=store,
            rank=place.rank if store is not None else -1,
            world_size=place.size if store is not None else -1,
            timeout=_LONGEST_WAIT,
        )
    try:
        yield ProcessGroup(place.rank, place.size)
    finally:
        distributed.destroy_process_group()
