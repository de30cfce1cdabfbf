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

Embed = Callable[..., "tuple[Tensor, ...]"]
"""Several `Tokens` of n texts each to their vectors, float [n, d] each, with gradients."""


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
    query_vectors, passage_vectors = _in_chunks(embed, (queries, passages), size)
    return query_vectors, passage_vectors


def embed_texts_in_chunks(embed: Embed, texts: Tokens, size: int) -> Tensor:
    """`embed_in_chunks` of n texts alone; `embed` gives a tuple of one tensor."""
    [vectors] = _in_chunks(embed, (texts,), size)
    return vectors


def _in_chunks(embed: Embed, texts: tuple[Tokens, ...], size: int) -> tuple[Tensor, ...]:
    """The vectors of several `Tokens` of n texts each, which are embedded together."""
    import torch
    from torch.utils.checkpoint import checkpoint

    def seeded(seed: int, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> object:
        torch.manual_seed(seed)
        return embed(*(each.take(rows) for each in texts))

    # Texts of similar length are together, with little padding.
    order = np.argsort(texts[-1].lengths, kind="stable")
    chunks = np.split(order, range(size, len(order), size))
    seeds = torch.randint(2**62, (len(chunks),)).tolist()
    parts = [
        # The seed replaces checkpoint's own saving of generators, on every device.
        checkpoint(seeded, seed, rows, use_reentrant=False, preserve_rng_state=False)
        for seed, rows in zip(seeds, chunks, strict=True)
    ]
    back = torch.from_numpy(np.argsort(order))
    return tuple(torch.cat(each)[back] for each in zip(*parts, strict=True))
