"""The processes that train one student together, each on its part of every batch.

All draw the same batch, embed a part of it, exchange the vectors, and compute the loss of the whole
batch; each backpropagates it only through its own part. The sum of these gradients is the gradient
of the whole batch, by the chain rule. So the number of processes changes neither the batches nor
the number of negatives, and changes the weights only by rounding (except for dropout, which every
process draws independently).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from hybench.errors import TrainingError
from hybench.wording.error_messages import is_out_of_memory

if TYPE_CHECKING:
    from torch import Tensor

Value = TypeVar("Value")


class ProcessEndedError(TrainingError):
    """Another process of the training has ended, so this one must exit."""

    def __init__(self) -> None:
        super().__init__(
            "Another process of this training has ended.",
            "Its last message gives the reason; continue with hybench train --resume.",
        )


BUCKET = 1 << 24
"""Number of weights whose gradients are summed at a time."""


@dataclass(frozen=True)
class ProcessGroup:
    """This process among those that train together; with one process, all methods are trivial.

    Every process of a group makes the same calls in the same order.

    Attributes:
        rank: its number, from 0. Process 0 leads: only it writes, validates and reports.
        size: number of processes.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process leads."""
        return self.rank == 0

    def part(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """This process's rows of a batch, int64 [b]: at least one, which `gathered` may drop."""
        own = self._parts(len(rows))[self.rank]
        return rows[own] if len(own) else rows[:1]

    def gathered(self, vectors: Tensor, rows: int) -> Tensor:
        """The vectors of the whole batch, with a gradient only in this process's part.

        Args:
            vectors: float [n, d], of the rows of `part`.
            rows: rows of the batch.

        Returns:
            float [rows, d].

        Raises:
            ProcessEndedError: another process has ended.
        """
        if self.size == 1:
            return vectors
        import torch
        from torch.distributed import all_gather

        counts = [len(part) for part in self._parts(rows)]
        vectors = vectors[: counts[self.rank]]
        sent = vectors.new_zeros((max(counts), vectors.shape[1]))
        sent[: len(vectors)] = vectors.detach()
        received = [torch.empty_like(sent) for _ in counts]
        with lost_process_errors():
            all_gather(received, sent)
        parts = [part[:count] for part, count in zip(received, counts, strict=True)]
        parts[self.rank] = vectors
        return torch.cat(parts)

    def add_gradients(self, weights: Sequence[Tensor]) -> None:
        """Replace every process's gradients by the sum over all processes, identical to the bit.

        Raises:
            ProcessEndedError: another process has ended.
        """
        if self.size == 1:
            return
        import torch
        from torch.distributed import all_reduce

        dense = []
        for weight in weights:
            if weight.grad is not None and weight.grad.is_sparse:
                weight.grad = self._sum_of_sparse(weight.grad.coalesce())
            elif weight.grad is not None:
                dense.append(weight.grad)
        for bucket in _buckets(dense):
            joined = torch.cat([gradient.flatten() for gradient in bucket])
            with lost_process_errors():
                all_reduce(joined)
            sums = torch.split(joined, [gradient.numel() for gradient in bucket])
            for gradient, total in zip(bucket, sums, strict=True):
                gradient.copy_(total.view_as(gradient))

    def broadcast(self, value: Value) -> Value:
        """The leader's `value`, which must pickle; those of the others are ignored.

        Raises:
            ProcessEndedError: another process has ended.
        """
        if self.size == 1:
            return value
        from torch.distributed import broadcast_object_list

        values = [value]
        with lost_process_errors():
            broadcast_object_list(values)
        return values[0]

    def any(self, flag: bool) -> bool:
        """Whether `flag` is true in any process.

        Raises:
            ProcessEndedError: another process has ended.
        """
        if self.size == 1:
            return flag
        import torch
        from torch.distributed import ReduceOp, all_reduce

        flags = torch.tensor([flag], dtype=torch.uint8)
        with lost_process_errors():
            all_reduce(flags, ReduceOp.MAX)
        return bool(flags)

    @contextmanager
    def leader_first(self) -> Iterator[None]:
        """A context that the leader runs first, then the others, which can read its files.

        Raises:
            ProcessEndedError: another process has ended.
        """
        if not self.leads:
            self.broadcast(None)
        yield
        if self.leads:
            self.broadcast(None)

    def check_same(self, weights: Sequence[Tensor], step: int) -> None:
        """Check that all processes have the leader's weights.

        Raises:
            TrainingError: they differ.
            ProcessEndedError: another process has ended.
        """
        if self.size == 1:
            return
        import torch

        with torch.no_grad():
            sums = [weight.double().sum() for weight in weights]
            own = torch.stack(sums).tolist() if sums else []
        if self.any(self.broadcast(own) != own):
            raise TrainingError(
                f"The weights of the {self.size} processes differ after step {step}.",
                "Their machines or libraries differ; train on one kind, or in one process.",
            )

    def _parts(self, rows: int) -> list[NDArray[np.int64]]:
        return np.array_split(np.arange(rows), self.size)

    def _sum_of_sparse(self, gradient: Tensor) -> Tensor:
        """The sum of all processes' sparse gradients of a table, coalesced."""
        import torch
        from torch.distributed import all_gather

        indices, values = gradient.indices(), gradient.values()
        counts = [torch.zeros(1, dtype=torch.int64) for _ in range(self.size)]
        with lost_process_errors():
            all_gather(counts, torch.tensor([len(values)]))
        most = max(int(count) for count in counts)
        gathered = []
        for part in (indices[0], values):
            sent = part.new_zeros((most, *part.shape[1:]))
            sent[: len(part)] = part
            received = [torch.empty_like(sent) for _ in counts]
            with lost_process_errors():
                all_gather(received, sent)
            kept = [one[: int(count)] for one, count in zip(received, counts, strict=True)]
            gathered.append(torch.cat(kept))
        return torch.sparse_coo_tensor(
            gathered[0][None], gathered[1], gradient.shape, check_invariants=False
        ).coalesce()


ALONE = ProcessGroup()
"""A group of one process."""


def _buckets(gradients: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """The gradients in order, in buckets."""
    held: list[Tensor] = []
    size = 0
    for gradient in gradients:
        if held and size + gradient.numel() > BUCKET:
            yield held
            held, size = [], 0
        held.append(gradient)
        size += gradient.numel()
    if held:
        yield held


@contextmanager
def lost_process_errors() -> Iterator[None]:
    """Turn torch's errors about a lost process into `ProcessEndedError`."""
    try:
        yield
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise
        raise ProcessEndedError from error
