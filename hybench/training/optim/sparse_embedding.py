"""Sparse gradients of embedding tables, only for the rows that a batch touches.

A batch of some hundred texts touches a few thousand rows of a vocabulary of 16,000 to 250,000. A
dense gradient is filled with zeros, and its norm, clipping and step read all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def use_sparse_gradients(model: torch.nn.Module, every_table: bool) -> None:
    """Give a model's token embedding tables sparse gradients; its vectors are unchanged.

    Args:
        model: the student.
        every_table: not only the bags of static embeddings, for which this is cheaper with any
            optimiser, but also the tables of a transformer.
    """
    import torch
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    for module in model.modules():
        if isinstance(module, StaticEmbedding) and module.embedding.mode == "mean":
            bag = module.embedding
            bag.forward = partial(_mean_bag(), bag.weight)  # type: ignore[method-assign]
        elif isinstance(module, torch.nn.Embedding) and every_table:
            module.sparse = True


def put_rows(table: Tensor, rows: Tensor, values: Tensor | float) -> None:
    """Set the rows [u] of a table [n, d] to values, [u, d] or one number.

    On a CPU, numpy copies whole rows, two to three times as fast as index_copy_.
    """
    import torch

    if table.device.type == "cpu":
        taken = values.numpy() if isinstance(values, torch.Tensor) else values
        table.detach().numpy()[rows.numpy()] = taken
    else:
        table.detach()[rows] = values


@cache
def _mean_bag() -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """`torch.nn.functional.embedding_bag`'s mean, with a sparse, coalesced gradient.

    It takes the weights [rows, d], token ids [n] and the start of each of b bags [b], and returns
    [b, d]. The gradient of a row is a weighted sum over the bags that contain it, so the backward
    pass is a bag itself, of the transposed assignment.
    """
    import torch
    from scipy.sparse import csr_array
    from torch.nn.functional import embedding_bag

    class MeanBag(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, weight: Tensor, ids: Tensor, starts: Tensor) -> Tensor:
            ctx.save_for_backward(ids, starts)
            ctx.shape = weight.shape
            return embedding_bag(ids, weight, starts, mode="mean")

        @staticmethod
        def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
            ids, starts = (saved.cpu().numpy() for saved in ctx.saved_tensors)
            offsets = np.append(starts, np.array(len(ids), dtype=starts.dtype))
            lengths = np.diff(offsets)
            shares = np.repeat(1 / np.maximum(lengths, 1), lengths).astype(np.float32)
            shape = (len(lengths), ctx.shape[0])
            bags = csr_array((shares, ids, offsets), shape=shape).tocsc()
            rows = np.flatnonzero(np.diff(bags.indptr))
            bag_ids, bag_starts, weights = (
                torch.from_numpy(array).to(gradient.device)
                for array in (bags.indices, bags.indptr[rows], bags.data)
            )
            values = embedding_bag(
                bag_ids,
                gradient,
                bag_starts,
                mode="sum",
                per_sample_weights=weights.to(gradient.dtype),
            )
            indices = torch.from_numpy(rows[None]).to(gradient.device)
            sparse = torch.sparse_coo_tensor(
                indices, values, ctx.shape, is_coalesced=True, check_invariants=False
            )
            return sparse, None, None

    return MeanBag.apply
