"""Where an encoder is from, and where each choice about it is from."""

from __future__ import annotations

from dataclasses import dataclass

from hybench.encoders.checkpoint import Checkpoint

_HERE = "made here"


@dataclass(frozen=True)
class Origins:
    """Where an encoder is from, and where each choice is from.

    Attributes:
        checkpoint: its files; None for one that was made here.
        pooling: such as ``its files``; empty for static embeddings.
        query_prefix: likewise.
        passage_prefix: likewise.
    """

    checkpoint: Checkpoint | None = None
    pooling: str = ""
    query_prefix: str = _HERE
    passage_prefix: str = _HERE


MADE_HERE = Origins()
