"""``static``: a bag of token embeddings, trained from random weights in seconds on a laptop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hybench.encoders.kinds import Defaults, EncoderKind, Shape, Vocabulary
from hybench.errors import UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

# Small compared to trained weights, so that untrained tokens hardly move the mean.
_DEVIATION = 0.02


def static_model(
    tokenizer_file: Path, dimension: int, length: int, seed: int
) -> SentenceTransformer:
    """A bag of token embeddings (mean, then L2-normalised) with random weights.

    Args:
        tokenizer_file: as written by `train_tokenizer`.
        dimension: of the embeddings and of the vectors.
        length: texts are truncated after this many tokens.
        seed: of the weights, drawn from N(0, 0.02²).
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
    from tokenizers import Tokenizer

    tokenizer: Tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.enable_truncation(length)
    random = torch.Generator().manual_seed(seed)
    weights = torch.randn(tokenizer.get_vocab_size(), dimension, generator=random)
    embedding = StaticEmbedding(tokenizer, embedding_weights=weights * _DEVIATION)
    return SentenceTransformer(modules=[embedding, Normalize()], device="cpu")


def build(shape: Shape, vocabulary: Vocabulary) -> SentenceTransformer:
    """See `hybench.encoders.kinds.EncoderKind`."""
    return static_model(vocabulary(), shape.dimension, shape.length, shape.seed)


def check(shape: Shape) -> None:
    """Check that both lengths are equal: the tokenizer of static embeddings has only one."""
    if shape.query_length != shape.passage_length:
        raise UsageError(
            "--query-length and --passage-length differ, but static has one length for both.",
            "Give both the same value.",
        )


# From random weights it needs larger steps and more negatives than a pre-trained encoder. A prefix
# in every bag of tokens would not help.
ENCODER = EncoderKind(
    "the mean of token embeddings, from random weights.",
    Defaults(learning_rate=2e-2, batch_size=512, temperature=0.1),
    build,
    check,
)
