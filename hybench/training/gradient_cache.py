"""Gradient caching: batches larger than memory, with the gradient of the whole batch.

The loss needs the vectors of a whole batch at once, the encoder's activations only those of the
texts that it works on. So the vectors are computed without keeping activations, the loss gives each
its gradient, and each chunk is embedded once more to take its gradient to the weights: one more
forward pass for memory that does not grow with the batch (GradCache, arXiv 2101.06983).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from hybench.encoders.tokens import Tokens

if TYPE_CHECKING:
    from torch import Tensor

Embed = Callable[[Tokens, Tokens], "tuple[Tensor, Tensor]"]
"""Queries and passages to their vectors, float [b, d] each, with gradients."""


def embed_in_chunks(
    embed: Embed, queries: Tokens, passages: Tokens, size: int
) -> tuple[Tensor, Tensor]:
    """`embed` of a batch, in chunks whose activations are not kept.

    The backward pass of the result embeds each chunk again, under the same seed for dropout: drawn
    from the CPU's default generator here, set for all devices before each chunk.

    Args:
        embed: called with the texts of one chunk, twice.
        queries: n tokenised queries.
        passages: their n passages.
        size: pairs per chunk; the last one may have fewer.
    """
    import torch
    from torch.utils.checkpoint import checkpoint

    def seeded(seed: int, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> object:
        torch.manual_seed(seed)
        return embed(queries.take(rows), passages.take(rows))

    # Texts of similar length are together, with little padding.
    order = np.argsort(passages.lengths, kind="stable")
    chunks = np.split(order, range(size, len(queries), size))
    seeds = torch.randint(2**62, (len(chunks),)).tolist()
    parts = [
        # The seed replaces checkpoint's own saving of generators, on every device.
        checkpoint(seeded, seed, rows, use_reentrant=False, preserve_rng_state=False)
        for seed, rows in zip(seeds, chunks, strict=True)
    ]
    back = torch.from_numpy(np.argsort(order))
    query_vectors, passage_vectors = (torch.cat(each)[back] for each in zip(*parts, strict=True))
    return query_vectors, passage_vectors
