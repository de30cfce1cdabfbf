"""AdamW of embedding tables at the cost of the rows that a batch touches.

A row without a gradient still moves under AdamW: its moments fade, momentum carries it on, and it
decays. Leaving it as it is (`torch.optim.SparseAdam`, TensorFlow Addons' LazyAdam) is another
optimiser, under which hybrid batches lost 8 points of cross-lingual and 16 of multilingual AP on
the Atlas (3 seeds). Here those steps are made up for, all at once, when the row is next read:

    m ← β1ᵏ m,  v ← β2ᵏ v,  w ← w ∏ᵢ(1 - λ ηᵢ) - m/(√v + ε') Σᵢ (aᵢ (β1/√β2)ⁱ ∏ⱼ₎ᵢ(1 - λ ηⱼ))

over the k steps i that it missed, at rates ηᵢ, where aᵢ = ηᵢ √(1 - β2ᵗ)/(1 - β1ᵗ) at step t. That
is AdamW (arXiv 1711.05101, algorithm 2), but for ε' = ε √(1 - β2ᵗ) being that of the first of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_ROWS_AT_ONCE = 1024
"""Rows of 256 and their moments then fit a core's cache between being gathered and put back."""
_LONGEST_PUSH = 160
"""Missed steps in which momentum still carries a row: (β1/√β2)^160 is 5e-8, a float's rounding."""
_STEPS_AT_ONCE = 1024


class LazyAdamW:
    """Steps the rows of embedding tables that have a gradient, and the others when they are read.

    Its state is in the optimiser's, by weight: ``step``, ``exp_avg`` and ``exp_avg_sq`` as AdamW's,
    ``rates`` float32 [steps], of the steps taken; ``rows_step`` float32 [n], the last step that
    each row has seen. A checkpoint of it and of the weights as they are goes on to the same bits.

    Args:
        model: its embedding tables bring the rows that they are asked for up to date.
        optimizer: the settings and the state.
        steps: how many steps there will be.
    """

    def __init__(self, model: torch.nn.Module, optimizer: torch.optim.AdamW, steps: int) -> None:
        import torch

        self._optimizer = optimizer
        self._steps = steps
        self._tables = [
            module
            for module in model.modules()
            if isinstance(module, (torch.nn.Embedding, torch.nn.EmbeddingBag))
        ]
        # What a row misses depends on the steps alone; index t is step t, from 1.
        self._push = np.zeros(steps + 1)
        self._log_decay = np.zeros(steps + 1)
        self._known = 0
        for module in self._tables:
            module.register_forward_pre_hook(self._before)

    @property
    def _group(self) -> dict[str, Any]:
        """AdamW's settings; loading a state puts others in their place."""
        return self._optimizer.param_groups[0]

    def _before(self, module: Any, arguments: tuple[Tensor, ...]) -> None:
        import torch

        rows = np.unique(arguments[0].cpu().numpy()).astype(np.int64)
        self._bring_up_to_date(module.weight, torch.from_numpy(rows))

    def settle(self) -> None:
        """Bring all rows up to date, before the weights themselves are read."""
        import torch

        for module in self._tables:
            self._bring_up_to_date(module.weight, torch.arange(len(module.weight)))

    def _bring_up_to_date(self, weight: Tensor, rows: Tensor) -> None:
        import torch

        state = self._optimizer.state.get(weight)
        if not state:
            return
        step = int(state["step"])
        with torch.no_grad():
            seen = state["rows_step"][rows.to(weight.device)].cpu()
            late = seen < step
            rows, seen = rows[late].to(weight.device), seen[late]
            if not len(rows):
                return
            distinct, which = np.unique(seen.numpy().astype(np.int64), return_inverse=True)
            missed = [
                self._missed(distinct[at : at + _STEPS_AT_ONCE], step, state["rates"])
                for at in range(0, len(distinct), _STEPS_AT_ONCE)
            ]
            factors = torch.from_numpy(np.concatenate(missed)[which]).to(weight)
            tables = (weight, state["exp_avg"], state["exp_avg_sq"])
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                chosen = rows[start : start + _ROWS_AT_ONCE]
                decay, push, first, second, epsilon = torch.unbind(
                    factors[start : start + _ROWS_AT_ONCE, :, None], dim=1
                )
                values, mean, square = (table.index_select(0, chosen) for table in tables)
                values.mul_(decay).sub_(mean.div(square.sqrt().add_(epsilon)).mul_(push))
                parts = (values, mean.mul_(first), square.mul_(second))
                for table, part in zip(tables, parts, strict=True):
                    table.index_copy_(0, chosen, part)
            state["rows_step"][rows] = float(step)

    def _missed(self, seen: NDArray[np.int64], step: int, rates: Tensor) -> NDArray[np.float64]:
        """What rows missed.

        Args:
            seen: int64 [n], the last step that a row has seen.
            step: the last one taken.
            rates: learning rates of the steps taken, from step 1.

        Returns:
            float64 [n, 5]: factor of the weight, of m/(√v + ε'), of m and of v; ε'.
        """
        first, second = self._group["betas"]
        for t in range(self._known + 1, step + 1):
            rate = float(rates[t - 1])
            self._push[t] = rate * math.sqrt(1 - second**t) / (1 - first**t)
            decay = math.log1p(-rate * self._group["weight_decay"])
            self._log_decay[t] = self._log_decay[t - 1] + decay
        self._known = max(self._known, step)
        since = np.arange(1, _LONGEST_PUSH + 1)
        steps = seen[:, None] + since
        missed = steps <= step
        steps = np.minimum(steps, step)
        fading = (first / math.sqrt(second)) ** since
        after = np.exp(self._log_decay[step] - self._log_decay[steps])
        push = (self._push[steps] * after * missed) @ fading
        decay = np.exp(self._log_decay[step] - self._log_decay[seen])
        epsilon = self._group["eps"] * np.sqrt(1 - second ** (seen + 1.0))
        lag = step - seen
        return np.stack([decay, push, first**lag, second**lag, epsilon], axis=1)

    def step(self, weight: Tensor, rows: Tensor, values: Tensor) -> None:
        """Step some rows of a table, which were brought up to date when they were read.

        Args:
            weight: [n, d].
            rows: int64 [u], each once.
            values: their gradients, [u, d].
        """
        import torch
        from torch.optim.adamw import adamw

        state, group = self._optimizer.state[weight], self._group
        if not state:
            state["step"] = torch.zeros((), device=weight.device)
            state["exp_avg"] = torch.zeros_like(weight)
            state["exp_avg_sq"] = torch.zeros_like(weight)
            state["rates"] = torch.zeros(self._steps)
            state["rows_step"] = torch.zeros(len(weight), device=weight.device)
        state["rates"][int(state["step"])] = group["lr"]
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
        state["rows_step"][rows] = state["step"]
