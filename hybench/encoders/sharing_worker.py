"""The worker that encodes tokenised texts (`hybench.workers.process`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hybench.encoders.options import EncoderOptions
from hybench.encoders.tokens import Tokens
from hybench.workers.process import Tell

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder


class SharingWorker:
    """Encodes texts that another process has tokenised; each model is loaded once.

    A request has ``name`` and ``options`` of a model, ``precision`` and ``route``, and the paths of
    the files of ``ids``, ``offsets`` and ``vectors``.
    """

    def __init__(self) -> None:
        self._loaded: dict[tuple[Any, ...], tuple[Encoder, str]] = {}

    def work(self, request: dict[str, Any], tell: Tell) -> str:
        """Encode tokens, and write their vectors.

        Returns:
            The model's `files_digest`.
        """
        encoder, digest = self._encoder(request)
        encoder.use_precision(request["precision"])
        ids = np.load(request["ids"], mmap_mode="r")
        tokens = Tokens(ids, np.load(request["offsets"]))
        np.save(request["vectors"], encoder.encode_tokens(tokens, tell, request["route"]))
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
