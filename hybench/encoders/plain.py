"""Whether hybench encodes as plain sentence-transformers does, tried on four texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hybench.encoders.prompts import PROMPT_NAMES
from hybench.errors import UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_PROBES = ("a", "Nairobi is the capital of Kenya.", "東京は日本の首都です。", "ዘ?! zzz " * 30)


def check_equals_plain(
    model: SentenceTransformer,
    encode: Callable[[Sequence[str]], NDArray[np.float32]],
    language: str | None,
) -> None:
    """Compare hybench's vectors of passages with sentence-transformers' own.

    Args:
        model: the model.
        encode: hybench's vectors of some texts.
        language: that both take the texts for, of a model whose vectors depend on it, else None.

    Raises:
        UsageError: the model does more with a text than tokenise it.
    """
    training = model.training
    plain = model.encode(
        list(_PROBES),
        prompt_name=PROMPT_NAMES["passage"],
        task=language or "document",
        normalize_embeddings=model.truncate_dim is not None,
    )
    ours = encode(_PROBES)
    model.train(training)
    if not np.allclose(plain, ours, atol=1e-3):
        raise UsageError(
            "This checkpoint does more with a text than tokenise it: hybench's vectors differ "
            f"from its own by {np.abs(plain - ours).max():.3g}.",
            "Use a checkpoint without chat templates or prompt-aware pooling.",
        )
