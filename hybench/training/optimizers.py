"""AdamW over gradients that may be sparse: of all rows, or lazily of those that have a gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_ROWS_AT_ONCE = 1024
"""Rows of 256 and their moments then fit a core's cache between being gathered and put back."""


def clip_gradients(weights: Sequence[Tensor], most: float) -> float:
    """Scale all gradients so that their norm is `most` at most; 0 leaves them as they are.

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
    scale = most / (norm + 1e-6)  # torch's clip_grad_norm_ has the same term against a norm of 0
    if most and bool(scale < 1):
        torch._foreach_mul_(gradients, scale)
    return float(norm)


def _coalesced(gradient: Tensor) -> Tensor:
    """A sparse gradient with each row once; autograd forgets of a first one that it is so."""
    import torch

    rows = gradient._indices()[0]
    if gradient.is_coalesced() or not bool((rows[1:] > rows[:-1]).all()):
        return gradient.coalesce()
    return torch.sparse_coo_tensor(
        rows[None], gradient._values(), gradient.shape, is_coalesced=True, check_invariants=False
    )


class Stepper:
    """Takes the steps of an AdamW (arXiv 1711.05101) some of whose gradients may be sparse.

    Args:
        optimizer: keeps rates and moments, and takes the steps of dense gradients.
        lazy: rows without a gradient stay as they are, and so do their moments: their weights do
            not decay, and momentum does not carry them on. The bias correction counts all steps. So
            do TensorFlow Addons' LazyAdam and `torch.optim.SparseAdam`, which has no weight decay.
            Else they are stepped as with a gradient of 0, which is AdamW itself.
    """

    def __init__(self, optimizer: torch.optim.AdamW, lazy: bool) -> None:
        self._optimizer = optimizer
        self._lazy = lazy
        self._dense: dict[Tensor, Tensor] = {}

    def step(self) -> None:
        """Change the weights by their gradients; sparse gradients are used up."""
        import torch

        filled: list[tuple[Tensor, Tensor, Tensor]] = []
        with torch.no_grad():
            for group in self._optimizer.param_groups:
                for weight in group["params"]:
                    if weight.grad is None or not weight.grad.is_sparse:
                        continue
                    gradient = _coalesced(weight.grad)
                    rows, values = gradient.indices()[0], gradient.values()
                    weight.grad = None
                    if self._lazy:
                        self._step_rows(weight, rows, values, group)
                    else:
                        filled.append((weight, rows, values))
            for weight, rows, values in filled:
                if weight not in self._dense:
                    self._dense[weight] = torch.zeros_like(weight)
                weight.grad = self._dense[weight].index_copy_(0, rows, values)
            self._optimizer.step()
            for weight, rows, _ in filled:
                weight.grad = None
                self._dense[weight].index_fill_(0, rows, 0)

    def _step_rows(
        self, weight: Tensor, rows: Tensor, values: Tensor, group: dict[str, Any]
    ) -> None:
        """AdamW of some rows of a weight.

        Args:
            weight: [n, d].
            rows: int64 [u], each once.
            values: their gradients, [u, d].
            group: AdamW's settings for the weight.
        """
        import torch
        from torch.optim.adamw import adamw

        state = self._optimizer.state[weight]
        if not state:
            state["step"] = torch.zeros((), device=weight.device)
            state["exp_avg"] = torch.zeros_like(weight)
            state["exp_avg_sq"] = torch.zeros_like(weight)
        tables = (weight, state["exp_avg"], state["exp_avg_sq"])
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            chosen = rows[start : start + _ROWS_AT_ONCE]
            parts = [table.index_select(0, chosen) for table in tables]
            adamw(
                parts[:1],
                [values[start : start + _ROWS_AT_ONCE]],
                parts[1:2],
                parts[2:],
                [],
                [state["step"].clone()],
                fused=True,
                amsgrad=False,
                beta1=group["betas"][0],
                beta2=group["betas"][1],
                lr=group["lr"],
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                maximize=False,
            )
            for table, part in zip(tables, parts, strict=True):
                table.index_copy_(0, chosen, part)
        state["step"] += 1
