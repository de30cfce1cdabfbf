"""What the stages need of an encoder, and the check of what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, Protocol

import numpy as np

from hybench.encoders.ahead import encode_parts
from hybench.encoders.encoder import Encoder
from hybench.errors import DataError
from hybench.indexes.exact.keys import Floats


class TextEncoder(Protocol):
    """The part of an encoder that the stages need."""

    @property
    def dimension(self) -> int:
        """Components of a vector."""

    @property
    def precision(self) -> str:
        """What it computes vectors in: fp32, bf16 or fp16."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages whose texts it takes; empty for any text."""

    def encode(
        self,
        texts: Sequence[str],
        kind: Literal["query", "passage"],
        progress: Callable[[int], None] | None = None,
        language: str | None = None,
    ) -> Floats:
        """float32 [n, dimension], rows L2-normalised, in the order of `texts`."""


def encode_checked(
    encoder: TextEncoder,
    texts: Sequence[str],
    kind: Literal["query", "passage"],
    language: str | None,
    progress: Callable[[int], None] | None = None,
) -> Floats:
    """The encoder's vectors, float32 [n, d], if all are finite.

    Args:
        encoder: the encoder.
        texts: n texts of one language.
        kind: of the texts.
        language: its code; None if it is not known.
        progress: called with the number of texts encoded.

    Raises:
        UsageError: the encoder needs to know the language, or does not take it.
        DataError: there is NaN or infinity among them.
    """
    return _checked(encoder.encode(texts, kind, progress, language), kind)


def encode_in_parts(
    encoder: TextEncoder,
    texts: Sequence[str],
    size: int,
    language: str,
    progress: Callable[[int], None],
) -> Iterator[Floats]:
    """`encode_checked` of so many passages at a time, the next ones tokenised meanwhile.

    Args:
        encoder: the encoder.
        texts: n passages of one language.
        size: how many at a time.
        language: its code.
        progress: called with the number of passages encoded.

    Raises:
        UsageError: the encoder does not take the language.
        DataError: there is NaN or infinity among the vectors.
    """
    starts = range(0, len(texts), size)
    if isinstance(encoder, Encoder):
        parts = (texts[start : start + size] for start in starts)
        for vectors in encode_parts(encoder, parts, "passage", progress, language):
            yield _checked(vectors, "passage")
        return
    for start in starts:

        def tell(done: int, start: int = start) -> None:
            progress(start + done)

        part = texts[start : start + size]
        yield encode_checked(encoder, part, "passage", language, tell)


def _checked(vectors: Floats, kind: str) -> Floats:
    if not np.isfinite(vectors).all():
        raise DataError(
            f"The model returns {kind} vectors with NaN or infinity.",
            "Its training diverged: use an earlier checkpoint, or a lower learning rate.",
        )
    return vectors
