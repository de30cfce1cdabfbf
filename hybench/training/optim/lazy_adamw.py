"""AdamW for embedding tables at the cost of the rows that a batch touches.

A row without a gradient still moves under AdamW: its moments decay, momentum moves it further, and
its weights decay. Leaving it unchanged (`torch.optim.SparseAdam`, TensorFlow Addons' LazyAdam) is
another optimiser, under which hybrid batches lost 8 points of cross-lingual and 16 of multilingual
AP on the Atlas (3 seeds). Here the missed steps are applied at once when the row is next read:

    w ← w ∏ᵢ(1 - λ ηᵢ) - m/(√v + ε') Σᵢ (ηᵢ √(1 - β2ⁱ)/(1 - β1ⁱ) (β1/√β2)ⁱ⁻ˢ ∏ⱼ₎ᵢ(1 - λ ηⱼ))

over the steps i that it missed, with learning rates ηᵢ, weight decay λ and moments m, v of step s.
That is AdamW (arXiv 1711.05101, algorithm 2), except that ε' is ε √(1 - β2ˢ⁺¹) in all of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hybench.training.optim.sparse_embedding import put_rows

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_ROWS_AT_ONCE = 1024
"""This many rows of 256 and their moments fit a core's cache between gather and scatter."""
_LONGEST_PUSH = 160
"""Missed steps in which momentum still moves a row: (β1/√β2)^160 is 5e-8, a float's rounding."""
_STEPS_AT_ONCE = 1024


class LazyAdamW:
    """Steps rows of embedding tables with a gradient at once, and other rows when they are read.

    Its state is in the optimiser's, by weight: ``step``, ``exp_avg`` and ``exp_avg_sq`` as AdamW's,
    ``rates`` float32 [steps], of the steps taken; ``weights_step`` and ``moments_step`` float32
    [n], the step that a row and its moments are of. Training that resumes from a checkpoint of
    them has identical bits.

    Args:
        model: its embedding tables update the rows that they read.
        optimizer: the settings and the state.
        steps: number of steps of the training.
    """

    def __init__(self, model: torch.nn.Module, optimizer: torch.optim.AdamW, steps: int) -> None:
        import torch

        self._optimizer = optimizer
        self._steps = steps
        self._tables = [
            module
            for module in model.modules()
            if isinstance(module, (torch.nn.Embedding, torch.nn.EmbeddingBag))
            and module.weight.requires_grad
        ]
        # The missed updates of a row depend only on the steps; index t is step t, from 1.
        self._push = np.zeros(steps + 1)
        self._log_decay = np.zeros(steps + 1)
        self._known = 0
        for module in self._tables:
            module.register_forward_pre_hook(self._before)

    @property
    def _group(self) -> dict[str, Any]:
        """AdamW's settings; loading a state replaces them."""
        return self._optimizer.param_groups[0]

    def _before(self, module: Any, arguments: tuple[Tensor, ...]) -> None:
        import torch

        asked = np.zeros(len(module.weight), dtype=np.bool_)
        asked[arguments[0].cpu().numpy()] = True
        rows = torch.from_numpy(np.flatnonzero(asked)).to(module.weight.device)
        self._bring_up_to_date(module.weight, rows)

    def settle(self) -> None:
        """Apply the missed steps of all rows, before the weights themselves are read."""
        import torch

        for module in self._tables:
            weight = module.weight
            self._bring_up_to_date(weight, torch.arange(len(weight), device=weight.device))

    def _bring_up_to_date(self, weight: Tensor, rows: Tensor) -> None:
        import torch

        state = self._optimizer.state.get(weight)
        if not state:
            return
        step = int(state["step"])
        with torch.no_grad():
            rows = rows[state["weights_step"][rows] < step]
            factors = self._missed(
                state["weights_step"][rows].cpu().numpy().astype(np.int64),
                state["moments_step"][rows].cpu().numpy().astype(np.int64),
                step,
                state["rates"],
            )
            columns = torch.from_numpy(factors).to(weight)[:, :, None]
            for chosen, (decay, push, epsilon) in zip(
                torch.split(rows, _ROWS_AT_ONCE),
                (part.unbind(1) for part in torch.split(columns, _ROWS_AT_ONCE)),
                strict=True,
            ):
                values = weight.index_select(0, chosen)
                mean = state["exp_avg"].index_select(0, chosen)
                root = state["exp_avg_sq"].index_select(0, chosen).sqrt_().add_(epsilon)
                put_rows(weight, chosen, values.mul_(decay).sub_(mean.div_(root).mul_(push)))
            state["weights_step"][rows] = float(step)

    def _missed(
        self,
        weights_step: NDArray[np.int64],
        moments_step: NDArray[np.int64],
        step: int,
        rates: Tensor,
    ) -> NDArray[np.float64]:
        """The factors of the steps that rows missed.

        Args:
            weights_step: int64 [n], the step of a row.
            moments_step: int64 [n], the step of its moments, the same or an earlier one.
            step: the last step taken.
            rates: learning rates of the steps taken, from step 1.

        Returns:
            float64 [n, 3]: factor of the weight, factor of m/(√v + ε'), ε'.
        """
        first, second = self._group["betas"]
        for t in range(self._known + 1, step + 1):
            rate = float(rates[t - 1])
            self._push[t] = rate * math.sqrt(1 - second**t) / (1 - first**t)
            decay = math.log1p(-rate * self._group["weight_decay"])
            self._log_decay[t] = self._log_decay[t - 1] + decay
        self._known = max(self._known, step)
        fading = first / math.sqrt(second)
        since = np.arange(1, _LONGEST_PUSH + 1)
        distinct, which = np.unique(weights_step, return_inverse=True)
        pushes = np.empty(len(distinct))
        for at in range(0, len(distinct), _STEPS_AT_ONCE):
            steps = distinct[at : at + _STEPS_AT_ONCE, None] + since
            missed = steps <= step
            steps = np.minimum(steps, step)
            after = np.exp(self._log_decay[step] - self._log_decay[steps])
            terms = self._push[steps] * after * missed
            pushes[at : at + _STEPS_AT_ONCE] = (terms * fading**since).sum(axis=1)
        push = pushes[which] * fading ** (weights_step - moments_step)
        decays = np.exp(self._log_decay[step] - self._log_decay[weights_step])
        epsilon = self._group["eps"] * np.sqrt(1 - second ** (moments_step + 1.0))
        return np.stack([decays, push, epsilon], axis=1)

    def step(self, weight: Tensor, rows: Tensor, values: Tensor) -> None:
        """Step some rows of a table.

        They are up to date since they were read, except for those that another process read.

        Args:
            weight: [n, d].
            rows: int64 [u], each once.
            values: their gradients, [u, d].
        """
        import torch
        from torch.optim.adamw import adamw

        self._bring_up_to_date(weight, rows)
        state, group = self._optimizer.state[weight], self._group
        if not state:
            state["step"] = torch.zeros((), device=weight.device)
            state["exp_avg"] = torch.zeros_like(weight)
            state["exp_avg_sq"] = torch.zeros_like(weight)
            state["rates"] = torch.zeros(self._steps)
            state["weights_step"] = torch.zeros(len(weight), device=weight.device)
            state["moments_step"] = torch.zeros(len(weight), device=weight.device)
        state["rates"][int(state["step"])] = group["lr"]
        tables = (weight, state["exp_avg"], state["exp_avg_sq"])
        first, second = group["betas"]
        for chosen, gradient in zip(
            torch.split(rows, _ROWS_AT_ONCE), torch.split(values, _ROWS_AT_ONCE), strict=True
        ):
            parts = [table.index_select(0, chosen) for table in tables]
            missed = (state["step"] - state["moments_step"][chosen])[:, None]
            parts[1].mul_(first**missed)
            parts[2].mul_(second**missed)
            adamw(
                parts[:1],
                [gradient],
                parts[1:2],
                parts[2:],
                [],
                [state["step"].clone()],
                fused=True,
                amsgrad=False,
                beta1=first,
                beta2=second,
                lr=group["lr"],
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                maximize=False,
            )
            for table, part in zip(tables, parts, strict=True):
                put_rows(table, chosen, part)
        state["step"] += 1
        state["weights_step"][rows] = state["moments_step"][rows] = state["step"]
