"""Whether hybench encodes as plain sentence-transformers does, tried on four texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hybench.encoders.prompts import PROMPT_NAMES
from hybench.errors import UsageError

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder

_PROBES = ("a", "Nairobi is the capital of Kenya.", "東京は日本の首都です。", "ዘ?! zzz " * 30)


def check_equals_plain(encoder: Encoder) -> None:
    """Compare the vectors of passages with sentence-transformers' own, in one language if it needs.

    Raises:
        UsageError: the model does more with a text than tokenise it.
    """
    model, training = encoder.model, encoder.model.training
    language = next(iter(encoder.languages), None)
    plain = model.encode(
        list(_PROBES),
        prompt_name=PROMPT_NAMES["passage"],
        task=language or "document",
        normalize_embeddings=model.truncate_dim is not None,
    )
    ours = encoder.encode(_PROBES, "passage", language=language)
    model.train(training)
    if not np.allclose(plain, ours, atol=1e-3):
        raise UsageError(
            "This checkpoint does more with a text than tokenise it: hybench's vectors differ "
            f"from its own by {np.abs(plain - ours).max():.3g}.",
            "Use a checkpoint without chat templates or prompt-aware pooling.",
        )
