"""Tokenising ahead of the device: while it has some texts, a thread tokenises the next ones.

Tokenizers release the interpreter's lock and use cores of their own, so that a thread is enough and
ids are handed over as they are: nothing is copied or pickled, as it would be between processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from hybench.concurrency.prefetch import prefetched
from hybench.encoders.encoder import Encoder
from hybench.encoders.languages import route_of
from hybench.encoders.prompts import TextKind
from hybench.encoders.token_cache import cached_tokens
from hybench.encoders.tokens import Tokens


def encode_parts(
    encoder: Encoder,
    parts: Iterable[Sequence[str]],
    kind: TextKind,
    progress: Callable[[int], None],
    language: str | None = None,
) -> Iterator[NDArray[np.float32]]:
    """`Encoder.encode` of each part, to the same bits.

    Args:
        encoder: the encoder.
        parts: texts, some thousand at a time.
        kind: decides the prefix and the length.
        progress: called with the number of texts encoded so far, of all parts.
        language: code of the texts' language, for a model whose vectors depend on it.

    Raises:
        UsageError: they do, and the encoder does not take it.
    """
    route = route_of(encoder.model, kind, language)
    before = 0

    def tell(done: int) -> None:
        progress(before + done)

    def tokenize(part: Sequence[str]) -> Tokens:
        return cached_tokens(encoder, part, kind, encoder.token_cache)

    with closing(prefetched(tokenize, parts, threads=1)) as ready:
        for tokens in ready:
            yield encoder.encode_tokens(tokens, tell, route)
            before += len(tokens)
