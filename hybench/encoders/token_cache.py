"""Tokens that are kept from one process to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from hybench.encoders.prompts import TextKind
from hybench.encoders.tokens import Tokens
from hybench.files.array_cache import cached_arrays
from hybench.files.documents import sha256_json


class TextTokens(Protocol):
    """The part of an encoder that makes tokens of texts."""

    def tokenizing_digest(self, kind: TextKind) -> str | None:
        """SHA-256 of all that decides the tokens of a text; None if that is unknown."""

    def tokenize(
        self, texts: Sequence[str], kind: TextKind, progress: Callable[[int], None] | None = None
    ) -> Tokens:
        """Prefix, tokenise and truncate texts."""


def cached_tokens(
    encoder: TextTokens,
    texts: Sequence[str],
    kind: TextKind,
    cache: Path | None,
    progress: Callable[[int], None] | None = None,
) -> Tokens:
    """`TextTokens.tokenize`, from the cache if the same texts were tokenised before.

    Args:
        encoder: tokenises them.
        texts: n texts.
        kind: decides the prefix and the length.
        cache: a folder; its `tokens` are named by the digest of the tokenizer and of the texts.
            None for no cache.
        progress: called with the number of texts done, where they are tokenised.
    """
    tokenizer = None if cache is None else encoder.tokenizing_digest(kind)
    if cache is None or tokenizer is None:
        return encoder.tokenize(texts, kind, progress)

    def make() -> dict[str, NDArray[Any]]:
        tokens = encoder.tokenize(texts, kind, progress)
        return {"ids": tokens.ids, "offsets": tokens.offsets}

    arrays = cached_arrays(cache / "tokens" / sha256_json([tokenizer, list(texts)])[:32], make)
    return Tokens(arrays["ids"], arrays["offsets"])
