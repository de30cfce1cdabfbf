"""The worker that encodes tokenised texts (`hybench.workers.process`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hybench.encoders.options import EncoderOptions
from hybench.encoders.tokens import Tokens
from hybench.workers.process import Tell

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder


class SharingWorker:
    """Encodes texts that another process has tokenised; each model is loaded once."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[Any, ...], tuple[Encoder, str]] = {}

    def work(self, request: dict[str, Any], tell: Tell) -> str:
        """Encode the tokens of `stem` with the model of `name` and `options`, and write vectors.

        Returns:
            The model's `files_digest`.
        """
        encoder, digest = self._encoder(request)
        encoder.use_precision(request["precision"])
        stem = Path(request["stem"])
        vectors = encoder.encode_tokens(read_tokens(stem), tell, request["route"])
        np.save(vectors_file(stem), vectors)
        return digest

    def _encoder(self, request: dict[str, Any]) -> tuple[Encoder, str]:
        key = (request["name"], tuple(sorted(request["options"].items())))
        if key not in self._loaded:
            from hybench.encoders.loading import load_encoder

            options = EncoderOptions(**request["options"])
            encoder = load_encoder(request["name"], request["device"], options)
            self._loaded[key] = encoder, files_digest(encoder)
        return self._loaded[key]


WORKER = SharingWorker


def files_digest(encoder: Encoder) -> str:
    """SHA-256 of the files that an encoder was loaded from; empty for one made here."""
    checkpoint = encoder.origins.checkpoint
    return "" if checkpoint is None else checkpoint.digest


def write_tokens(stem: Path, tokens: Tokens) -> None:
    """Write tokens to files that another process maps."""
    np.save(stem.with_suffix(".ids.npy"), tokens.ids)
    np.save(stem.with_suffix(".offsets.npy"), tokens.offsets)


def read_tokens(stem: Path) -> Tokens:
    """The tokens that `write_tokens` has written, memory-mapped."""
    ids = np.load(stem.with_suffix(".ids.npy"), mmap_mode="r")
    return Tokens(ids, np.load(stem.with_suffix(".offsets.npy")))


def vectors_file(stem: Path) -> Path:
    """Where the vectors of tokens are written."""
    return stem.with_suffix(".vectors.npy")
