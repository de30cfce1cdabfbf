"""A checkpoint from a directory or the hub: the meaning of any other name in ``--encoder``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hybench.encoders.kinds import CHECKPOINT_DEFAULTS, ENCODERS, EncoderKind, Shape, Vocabulary

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def checkpoint(name: str) -> EncoderKind:
    """The checkpoint of a directory or hub id, as an encoder to start from."""

    def build(shape: Shape, vocabulary: Vocabulary) -> SentenceTransformer:  # noqa: ARG001
        from hybench.encoders.loading import load_model

        return load_model(name, "cpu")

    return EncoderKind(
        "a checkpoint's directory or hub id.", CHECKPOINT_DEFAULTS, build, from_scratch=False
    )


def encoder_kind(name: str) -> EncoderKind:
    """The encoder of that name; for any other name, the checkpoint in a directory or on the hub.

    Raises:
        UsageError: the package that adds it cannot be imported.
    """
    return ENCODERS[name] if name in ENCODERS else checkpoint(name)
