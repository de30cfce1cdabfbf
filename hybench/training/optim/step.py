"""Gradient clipping and optimiser steps with some sparse gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hybench.training.optim.sparse_embedding import put_rows

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from hybench.training.optim.lazy_adamw import LazyAdamW


def clip_gradients(weights: Sequence[Tensor], most: float) -> float:
    """Scale all gradients so that their norm is at most `most`; 0 leaves them unchanged.

    Returns:
        The norm before, over all gradients as one vector; each row of a sparse one counts once.
    """
    import torch

    gradients: list[Tensor] = []
    for weight in weights:
        if weight.grad is not None and weight.grad.is_sparse:
            weight.grad = _coalesced(weight.grad)
            gradients.append(weight.grad.values())
        elif weight.grad is not None:
            gradients.append(weight.grad)
    norm = torch.nn.utils.get_total_norm(gradients)
    scale = most / (norm + 1e-6)  # as in torch's clip_grad_norm_, against a norm of 0
    if most and bool(scale < 1):
        torch._foreach_mul_(gradients, scale)
    return float(norm)


def _coalesced(gradient: Tensor) -> Tensor:
    """A sparse gradient with each row once; autograd does not mark a first one as coalesced."""
    import torch

    rows = gradient._indices()[0]
    if gradient.is_coalesced() or not bool((rows[1:] > rows[:-1]).all()):
        return gradient.coalesce()
    return torch.sparse_coo_tensor(
        rows[None], gradient._values(), gradient.shape, is_coalesced=True, check_invariants=False
    )


class Stepper:
    """Takes AdamW steps (arXiv 1711.05101) where some gradients may be sparse.

    Args:
        optimizer: has the rates and moments, and steps weights with dense gradients.
        lazy: steps the rows of sparse gradients; None steps whole weights, with 0 in other rows.
    """

    def __init__(self, optimizer: torch.optim.AdamW, lazy: LazyAdamW | None) -> None:
        self._optimizer = optimizer
        self._lazy = lazy
        self._dense: dict[Tensor, Tensor] = {}

    def step(self) -> None:
        """Update the weights by their gradients; sparse gradients are consumed."""
        import torch

        filled: list[tuple[Tensor, Tensor]] = []
        with torch.no_grad():
            groups = self._optimizer.param_groups
            for weight in (weight for group in groups for weight in group["params"]):
                if weight.grad is None or not weight.grad.is_sparse:
                    continue
                gradient = _coalesced(weight.grad)
                rows, values = gradient.indices()[0], gradient.values()
                weight.grad = None
                if self._lazy is not None:
                    self._lazy.step(weight, rows, values)
                    continue
                if weight not in self._dense:
                    self._dense[weight] = torch.zeros_like(weight)
                put_rows(self._dense[weight], rows, values)
                weight.grad = self._dense[weight]
                filled.append((weight, rows))
            self._optimizer.step()
            for weight, rows in filled:
                weight.grad = None
                put_rows(self._dense[weight], rows, 0.0)

    def settle(self) -> None:
        """Apply deferred steps, so that all weights are up to date."""
        if self._lazy is not None:
            self._lazy.settle()
