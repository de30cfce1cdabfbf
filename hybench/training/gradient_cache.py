"""Gradient caching: batches larger than memory, with the gradient of the whole batch.

The loss needs the vectors of a whole batch at once, the encoder's activations only those of the
texts that it works on. So the vectors are computed without keeping activations, the loss gives each
its gradient, and each chunk is embedded once more to take its gradient to the weights: one more
forward pass for memory that does not grow with the batch (GradCache, arXiv 2101.06983). Of the last
chunk, the activations may be kept, as no other chunk's exist then: it needs no second pass.
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
    embed: Embed, queries: Tokens, passages: Tokens, size: int, *, keep_last: bool = False
) -> tuple[Tensor, Tensor]:
    """`embed` of a batch, in chunks whose activations are not kept.

    The backward pass of the result embeds each chunk again, under the same seed for dropout: drawn
    from the CPU's default generator here, set for all devices before each chunk. A chunk has
    queries of similar length and passages of similar length, which need not belong together.

    Args:
        embed: called with the texts of one chunk, twice.
        queries: n tokenised queries.
        passages: their n passages.
        size: queries per chunk, and passages; the first chunk may have fewer.
        keep_last: keep the activations of the last chunk, which has the longest texts, until its
            backward pass, instead of embedding it twice. Nothing else that keeps activations should
            be embedded between this call and the backward pass, or both are in memory at once.

    Returns:
        The vectors float [n, d] of the queries and of the passages, in the order given.
    """
    vectors = _in_chunks(embed, (queries, passages), size, keep_last=keep_last)
    query_vectors, passage_vectors = vectors
    return query_vectors, passage_vectors


def embed_texts_in_chunks(
    embed: Embed, texts: Tokens, size: int, *, keep_last: bool = False
) -> Tensor:
    """`embed_in_chunks` of n texts alone; `embed` gives a tuple of one tensor."""
    [vectors] = _in_chunks(embed, (texts,), size, keep_last=keep_last)
    return vectors


def _in_chunks(
    embed: Embed, texts: tuple[Tokens, ...], size: int, *, keep_last: bool
) -> tuple[Tensor, ...]:
    """The vectors of several `Tokens` of n texts each, which are embedded together."""
    import torch
    from torch.utils.checkpoint import checkpoint

    def seeded(seed: int, chunk: slice) -> tuple[Tensor, ...]:
        torch.manual_seed(seed)
        return embed(*(each.take(order[chunk]) for each, order in zip(texts, orders, strict=True)))

    # Texts of similar length are together, with little padding; the longest are in the last chunk,
    # which is full: keeping that one saves most.
    orders = [np.argsort(each.lengths, kind="stable") for each in texts]
    count = len(texts[0])
    ends = range((count - 1) % size + 1, count + 1, size)
    seeds = torch.randint(2**62, (len(ends),)).tolist()
    parts = []
    for seed, end in zip(seeds, ends, strict=True):
        chunk = slice(max(0, end - size), end)
        if keep_last and end == count:
            parts.append(seeded(seed, chunk))
        else:
            # The seed replaces checkpoint's own saving of generators, on every device.
            again = checkpoint(seeded, seed, chunk, use_reentrant=False, preserve_rng_state=False)
            parts.append(again)
    return tuple(
        torch.cat(vectors)[torch.from_numpy(np.argsort(order))]
        for vectors, order in zip(zip(*parts, strict=True), orders, strict=True)
    )
