"""``projected``: the mean of narrow token embeddings, projected to the wanted dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hybench.encoders.kinds import Defaults, EncoderKind, Shape, Vocabulary
from hybench.errors import UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

NARROWER = 4
"""How many times narrower the embeddings of tokens are than the vectors."""


def build(shape: Shape, vocabulary: Vocabulary) -> SentenceTransformer:
    """A table of embeddings, a linear layer and a normalisation, with random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import (
        Dense,
        Normalize,
        StaticEmbedding,
    )
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(vocabulary()))
    tokenizer.enable_truncation(shape.length)
    narrow = shape.dimension // NARROWER
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(shape.seed)
        embedding = StaticEmbedding(tokenizer, embedding_dim=narrow)
        projection = Dense(narrow, shape.dimension, activation_function=torch.nn.Identity())
    return SentenceTransformer(modules=[embedding, projection, Normalize()], device="cpu")


def check(shape: Shape) -> None:
    """Refuse what cannot be divided, and two lengths: static embeddings have one."""
    if shape.dimension % NARROWER:
        raise UsageError(f"--dimension is {shape.dimension}.", "Use a multiple of 4.")
    if shape.query_length != shape.passage_length:
        raise UsageError(
            "--query-length and --passage-length differ, but projected has one for both.",
            "Give both the same value.",
        )


ENCODER = EncoderKind(
    "narrow token embeddings and a projection.",
    Defaults(learning_rate=1e-2, batch_size=256, temperature=0.1),
    build,
    check,
)
