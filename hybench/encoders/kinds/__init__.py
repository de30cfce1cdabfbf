"""The encoders of ``--encoder``, one file each.

A module binds ``ENCODER`` to an `EncoderKind`; its file's name is what ``--encoder`` takes. Other
packages add theirs as entry points in ``hybench.encoders``. Any other name is a checkpoint's
directory or hub id (`hybench.encoders.named`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.registry import Registry

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from hybench.concurrency.progress import ProgressCallback
    from hybench.encoders.encoder import Encoder

Vocabulary = Callable[[], Path]
"""Returns the file of the vocabulary learned from the training pairs, in all languages of the
training sets, as `hybench.encoders.vocabulary.train_tokenizer` writes it. It is learned on the
first call, and cached."""


@dataclass(frozen=True)
class Shape:
    """The shape of an encoder, from the config.

    Attributes:
        dimension: of the vectors, if the encoder has no fixed one.
        vocabulary: number of tokens of a learned vocabulary.
        query_length: maximum query length, in tokens.
        passage_length: maximum passage length, in tokens.
        seed: of random weights.
    """

    dimension: int
    vocabulary: int
    query_length: int
    passage_length: int
    seed: int

    @property
    def length(self) -> int:
        """The longest text, in tokens."""
        return max(self.query_length, self.passage_length)


WAYS = ("query_prefix", "passage_prefix", "query_length", "passage_length")
"""Fields of `Defaults` that say how texts are treated; a trained model has its own."""


@dataclass(frozen=True)
class Defaults:
    """An encoder's defaults for fields of a training config; None is the model's own.

    Attributes:
        learning_rate: peak of the optimiser's rate.
        batch_size: pairs in a batch.
        temperature: divides the cosines of a softmax.
        query_prefix: prefix of every query.
        passage_prefix: prefix of every passage.
        query_length: maximum query length, in tokens.
        passage_length: maximum passage length, in tokens.
        optimizer: ``adamw`` or ``lazy-adamw``.
    """

    learning_rate: float
    batch_size: int
    temperature: float
    query_prefix: str | None = ""
    passage_prefix: str | None = ""
    query_length: int | None = 256
    passage_length: int | None = 256
    optimizer: str = "adamw"


TRANSFORMER_CHECKPOINT_DEFAULTS = Defaults(
    learning_rate=3e-5,
    batch_size=100,
    temperature=0.05,
    query_prefix=None,
    passage_prefix=None,
    query_length=None,
    passage_length=None,
)
"""For a pre-trained transformer: the hybrid-batch paper's settings, and the model's own ways."""

STATIC_CHECKPOINT_DEFAULTS = Defaults(
    learning_rate=5e-3,
    batch_size=128,
    temperature=0.05,
    query_prefix=None,
    passage_prefix=None,
    query_length=None,
    passage_length=None,
    optimizer="lazy-adamw",
)
"""For pre-trained static embeddings: smaller steps than from noise, larger ones than a transformer
takes; a vocabulary of 100,000 tokens or more, of which a batch touches few."""


Distil = Callable[["Shape", "Encoder", Path, "ProgressCallback"], None]
"""Makes an encoder of a shape from another, and writes it into a folder, which exists."""


def any_shape(shape: Shape) -> None:
    """Accept every shape."""


@dataclass(frozen=True)
class EncoderKind:
    """An encoder that a training can start from.

    Attributes:
        help: what it is, in a few words and a full stop, for the command's help.
        defaults: of the config's fields that depend on the encoder.
        build: makes the untrained model on the CPU, a sentence-transformers model that begins with
            StaticEmbedding or Transformer. Equal shapes and vocabularies give equal weights.
        check: refuses an impossible shape with a `hybench.errors.UsageError` that names the flag.
            It is called for every config, so it must be cheap.
        distil: makes the model from another one (``--init``); None if it cannot.
        distilled: defaults of one that was made from another; None for `defaults`.
    """

    help: str
    defaults: Defaults
    build: Callable[[Shape, Vocabulary], SentenceTransformer]
    check: Callable[[Shape], None] = any_shape
    distil: Distil | None = None
    distilled: Defaults | None = None


DISTILLING_RECIPE = 2
"""Raised when `EncoderKind.distil` makes another model of the same one; caches are named by it."""

ENCODERS = Registry("encoder", __name__, "ENCODER", "hybench.encoders", EncoderKind)
