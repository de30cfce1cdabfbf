"""Encodes tokenised texts in batches of similar length that fit into memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hybench.encoders.tokens import Tokens
from hybench.errors import HybenchError
from hybench.wording.error_messages import is_out_of_memory

if TYPE_CHECKING:
    import torch

_TEXTS_AT_ONCE = 4096
# Padding included. Larger batches take as long per token, and are padded more.
_TOKENS_AT_ONCE = {"cpu": 2048, "cuda": 32_768}
_STATIC_TOKENS_AT_ONCE = 262_144


class Batching:
    """The size of batches; one that does not fit into memory is halved, as are all later ones.

    Args:
        static: whether the encoder is a bag of token embeddings, not a transformer.
    """

    def __init__(self, static: bool) -> None:
        self._static = static
        self._most_tokens: int | None = None

    def encode(
        self,
        tokens: Tokens,
        embed: Callable[[Tokens], torch.Tensor],
        dimension: int,
        device: torch.device,
        progress: Callable[[int], None] | None,
    ) -> NDArray[np.float32]:
        """Vectors float32 [n, dimension] of tokenised texts.

        Args:
            tokens: n texts.
            embed: gives vectors of some of them.
            dimension: of a vector.
            device: that they are computed on.
            progress: called with the number of texts done.

        Raises:
            HybenchError: there is too little memory for a single text.
        """
        vectors = np.empty((len(tokens), dimension), dtype=np.float32)
        lengths = tokens.lengths
        order = np.argsort(-lengths, kind="stable")
        start = 0
        while start < len(order):
            longest = max(1, int(lengths[order[start]]))
            rows = order[start : start + self._size(longest, device)]
            try:
                vectors[rows] = embed(tokens.take(rows)).float().cpu().numpy()
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                self._take_less_at_once(device, len(rows), longest, error)
                continue
            start += len(rows)
            if progress is not None:
                progress(start)
        return vectors

    def cuts(self, lengths: NDArray[np.int64], device: torch.device) -> NDArray[np.int64]:
        """Where the batches of texts begin that are sorted by length, the longest first; and n.

        Texts between two of these places make the same batches alone.

        Args:
            lengths: int64 [n], descending.
            device: that vectors are computed on.
        """
        places = [0]
        while places[-1] < len(lengths):
            longest = max(1, int(lengths[places[-1]]))
            places.append(min(len(lengths), places[-1] + self._size(longest, device)))
        return np.array(places, np.int64)

    def _size(self, longest: int, device: torch.device) -> int:
        """Texts of a batch whose longest one has so many tokens."""
        return min(_TEXTS_AT_ONCE, max(1, self._tokens_at_once(device) // longest))

    def _tokens_at_once(self, device: torch.device) -> int:
        """Most tokens of a batch, padding included."""
        if self._most_tokens is not None:
            return self._most_tokens
        if self._static:
            return _STATIC_TOKENS_AT_ONCE
        return _TOKENS_AT_ONCE["cuda" if device.type == "cuda" else "cpu"]

    def _take_less_at_once(
        self, device: torch.device, texts: int, longest: int, error: Exception
    ) -> None:
        if texts == 1:
            raise HybenchError(
                f"Out of memory on {device} for a single text of {longest} tokens.",
                "Use a model with a lower --passage-length and --query-length or a smaller "
                "--encoder, or --device cpu where there is more memory.",
            ) from error
        self._most_tokens = texts * longest // 2
