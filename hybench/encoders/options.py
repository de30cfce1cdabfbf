"""How a checkpoint is used where its user says more than its files."""

from __future__ import annotations

from dataclasses import dataclass

from hybench.errors import UsageError

POOLINGS = ("mean", "cls", "last")
"""The mean of all tokens, the first one, the last one."""

ATTENTIONS = ("sdpa", "flash", "eager")
"""Implementations of attention: torch's own, the flash-attn package's, and plain matrices."""


@dataclass(frozen=True)
class EncoderOptions:
    """What is asked of an encoder; None is the model's own.

    Attributes:
        query_prefix: prefix of every query.
        passage_prefix: prefix of every passage.
        query_length: maximum query length, in tokens.
        passage_length: maximum passage length, in tokens.
        pooling: one of `POOLINGS`.
        attention: one of `ATTENTIONS`; None is transformers' choice.
        layers: only the first layers of a transformer.
    """

    query_prefix: str | None = None
    passage_prefix: str | None = None
    query_length: int | None = None
    passage_length: int | None = None
    pooling: str | None = None
    attention: str | None = None
    layers: int | None = None


OWN_WAYS = EncoderOptions()
"""Nothing is asked for."""


def check_one_length(query_length: int | None, passage_length: int | None) -> None:
    """Check the lengths of static embeddings, whose tokenizer has one for all texts.

    Raises:
        UsageError: they differ.
    """
    if query_length != passage_length:
        raise UsageError(
            "--query-length and --passage-length differ, but static embeddings have one length for "
            "both.",
            "Give both the same value.",
        )
