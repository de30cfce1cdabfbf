"""``static``: a bag of token embeddings, trained from random weights in seconds on a laptop."""

from __future__ import annotations

from contextlib import redirect_stderr
from dataclasses import replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.encoders.description import describe
from hybench.encoders.kinds import (
    STATIC_CHECKPOINT_DEFAULTS,
    Defaults,
    EncoderKind,
    Shape,
    Vocabulary,
)
from hybench.encoders.options import check_one_length
from hybench.errors import UsageError
from hybench.wording.amounts import listed

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    from hybench.encoders.encoder import Encoder

_POOLINGS = {"mean": "mean", "cls": "first", "lasttoken": "last"}
"""sentence-transformers' names of poolings, and model2vec's."""

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


def distil(shape: Shape, start: Encoder, folder: Path, progress: ProgressCallback) -> None:
    """Make static embeddings from a transformer, with model2vec (github.com/MinishLab/model2vec).

    A token's embedding is the transformer's vector of that token alone, projected on the principal
    components of all of them, and weighted by smooth inverse frequency (Arora et al. 2017), whose
    frequencies are taken from the tokens' order (Zipf).

    Args:
        shape: its dimension is kept; a smaller transformer gives fewer.
        start: the transformer.
        folder: where the model is written.
        progress: receives the number of tokens done.

    Raises:
        UsageError: model2vec is not installed, or `start` is not a transformer with a pooling that
            it knows.
    """
    from importlib.util import find_spec

    import numpy as np
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    if find_spec("model2vec") is None or find_spec("skeletoken") is None:
        raise UsageError("--init: static embeddings are made with model2vec.", _INSTALL)
    described = describe(start)
    if described.layers == 0:
        raise UsageError(
            f"--init: {described.name} is static already.", f"Train it: --encoder {described.name}."
        )
    if described.pooling not in _POOLINGS:
        raise UsageError(
            f"--init: {described.name} has the pooling {described.pooling}.",
            f"model2vec knows {listed(list(_POOLINGS))}.",
        )
    from model2vec.distill.distillation import distill_from_model

    first: Any = start.model[0]
    total, done = len(first.tokenizer), 0

    def count(_module: object, _given: object, options: dict[str, Any], _out: object) -> None:
        nonlocal done
        done += len(options["input_ids"])
        progress(Progress("make static embeddings", done, total, "tokens"))

    hook = first.auto_model.register_forward_hook(count, with_kwargs=True)
    with redirect_stderr(StringIO()):  # its own bar
        made = distill_from_model(
            first.auto_model,
            first.tokenizer,
            device=str(start.device),
            pca_dims=shape.dimension,
            quantize_to="float32",
            pooling=_POOLINGS[described.pooling],
        )
    hook.remove()
    # The principal components come column by column, and safetensors would write them as rows.
    made.embedding = np.ascontiguousarray(made.embedding)
    with TemporaryDirectory() as own:
        made.save_pretrained(own)
        embedding = StaticEmbedding.load(own)
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
