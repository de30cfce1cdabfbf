"""``tiny``: a small DistilBERT (arXiv 1910.01108), trained from random weights in minutes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hybench.encoders.kinds import Defaults, EncoderKind, Shape, Vocabulary
from hybench.encoders.libraries import quiet_libraries
from hybench.encoders.vocabulary import transformers_tokenizer
from hybench.errors import UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_LAYERS = 2
_HEADS = 4


def tiny_model(tokenizer_file: Path, dimension: int, length: int, seed: int) -> SentenceTransformer:
    """A DistilBERT of two layers and four heads (mean pooling, then L2-normalised), random weights.

    Args:
        tokenizer_file: as written by `train_tokenizer`.
        dimension: hidden size and dimension of the vectors; a multiple of four.
        length: the longest text in tokens, special tokens included.
        seed: of the weights.
    """
    import torch
    from safetensors.torch import save_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import DistilBertConfig, DistilBertModel

    tokenizer = transformers_tokenizer(tokenizer_file, length)
    config = DistilBertConfig(
        vocab_size=len(tokenizer),
        dim=dimension,
        hidden_dim=4 * dimension,
        n_layers=_LAYERS,
        n_heads=_HEADS,
        max_position_embeddings=max(length, 16),
        pad_token_id=tokenizer.pad_token_id,
    )
    quiet_libraries()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = DistilBertModel(config)
    with TemporaryDirectory() as folder:
        # Not network.save_pretrained: of processes that train together, it writes only in one.
        config.save_pretrained(folder)
        save_file(network.state_dict(), Path(folder) / "model.safetensors", {"format": "pt"})
        tokenizer.save_pretrained(folder)
        transformer = Transformer(folder)
    return SentenceTransformer(
        modules=[transformer, Pooling(dimension, pooling_mode="mean"), Normalize()], device="cpu"
    )


def build(shape: Shape, vocabulary: Vocabulary) -> SentenceTransformer:
    """See `hybench.encoders.kinds.EncoderKind`."""
    return tiny_model(vocabulary(), shape.dimension, shape.length, shape.seed)


def check(shape: Shape) -> None:
    """Check that the heads divide the dimension evenly."""
    if shape.dimension % _HEADS:
        raise UsageError(
            f"--dimension is {shape.dimension}.", "tiny has four heads: use a multiple of 4."
        )


# From random weights it needs larger steps than a pre-trained encoder.
ENCODER = EncoderKind(
    "a transformer of two layers, from random weights.",
    Defaults(
        learning_rate=1e-3,
        batch_size=64,
        temperature=0.1,
        query_prefix="query: ",
        passage_prefix="passage: ",
    ),
    build,
    check,
)
