"""``static``: a bag of token embeddings, trained from random weights in seconds on a laptop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.encoders.kinds import (
    STATIC_CHECKPOINT_DEFAULTS,
    Defaults,
    EncoderKind,
    Shape,
    Vocabulary,
)
from hybench.encoders.options import check_one_length
from hybench.errors import UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    from hybench.encoders.checkpoint import Checkpoint

_INSTALL = "pip install 'hybench[distil]'"

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
    check_one_length(shape.query_length, shape.passage_length)


def distil(shape: Shape, start: Checkpoint, folder: Path) -> None:
    """Make static embeddings from a transformer, with model2vec (github.com/MinishLab/model2vec).

    A token's embedding is the transformer's vector of that token alone, projected on the principal
    components of all of them, and weighted by smooth inverse frequency (Arora et al. 2017), whose
    frequencies are taken from the tokens' order (Zipf).

    Args:
        shape: its dimension is kept; a smaller transformer gives fewer.
        start: the transformer.
        folder: where the model is written.

    Raises:
        UsageError: model2vec is not installed, or `start` is static itself.
    """
    from importlib.util import find_spec

    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    if find_spec("model2vec") is None or find_spec("skeletoken") is None:
        raise UsageError("--init: static embeddings are made with model2vec.", _INSTALL)
    if start.is_static:
        raise UsageError(
            f"--init: {start.name} is static already.", f"Train it: --encoder {start.name}."
        )
    embedding = StaticEmbedding.from_distillation(
        str(start.folder), device="cpu", pca_dims=shape.dimension
    )
    model = SentenceTransformer(modules=[embedding, Normalize()], device="cpu")
    model.save(str(folder), create_model_card=False)


# From random weights it needs larger steps and more negatives than a pre-trained encoder. A prefix
# in every bag of tokens would not help.
ENCODER = EncoderKind(
    "the mean of token embeddings, from random weights or another model's (--init).",
    Defaults(learning_rate=2e-2, batch_size=512, temperature=0.1),
    build,
    check,
    distil,
    replace(
        STATIC_CHECKPOINT_DEFAULTS,
        query_prefix="",
        passage_prefix="",
        query_length=256,
        passage_length=256,
    ),
)
