"""Whether hybench encodes as plain sentence-transformers does, tried on four texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from hybench.encoders.prompts import PROMPT_NAMES, TextKind
from hybench.errors import UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_PROBES = ("a", "Nairobi is the capital of Kenya.", "東京は日本の首都です。", "ዘ?! zzz " * 30)


class Encode(Protocol):
    """hybench's own encoding."""

    def __call__(
        self, texts: Sequence[str], kind: TextKind, *, language: str | None
    ) -> NDArray[np.float32]:
        """Vectors float32 [n, dimension] of texts, L2-normalised."""


def check_equals_plain(model: SentenceTransformer, encode: Encode, language: str | None) -> None:
    """Compare the vectors of passages with sentence-transformers' own.

    Args:
        model: as sentence-transformers has it.
        encode: hybench's encoding with it.
        language: one that the model takes; None for any text.

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
    ours = encode(_PROBES, "passage", language=language)
    model.train(training)
    if not np.allclose(plain, ours, atol=1e-3):
        raise UsageError(
            "This checkpoint does more with a text than tokenise it: hybench's vectors differ "
            f"from its own by {np.abs(plain - ours).max():.3g}.",
            "Use a checkpoint without chat templates or prompt-aware pooling.",
        )
