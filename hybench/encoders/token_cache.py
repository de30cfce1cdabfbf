"""Tokens that are kept from one process to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from hybench.encoders.prompts import TextKind
from hybench.encoders.tokens import Tokens
from hybench.files.array_cache import cached_arrays
from hybench.files.documents import sha256_json

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder


def cached_tokens(
    encoder: Encoder,
    texts: Sequence[str],
    kind: TextKind,
    cache: Path | None,
    progress: Callable[[int], None] | None = None,
) -> Tokens:
    """`Encoder.tokenize`, from the cache if the same texts were tokenised before.

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
