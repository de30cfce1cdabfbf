"""Procrustes: every language is turned onto one of them."""

from __future__ import annotations

import numpy as np

from hybench.derived import Affine, Maps, Method
from hybench.derived.options import Settings
from hybench.derived.statistics import Statistics
from hybench.errors import UsageError


def procrustes(statistics: Statistics, settings: Settings) -> Maps:
    """``W_l x`` with the orthogonal W_l of the least ``Σᵢ ‖W_l f(dᵢˡ) - f(dᵢˢ)‖²`` over the texts
    that language l and the pivot s have in common.

    With X and Y their vectors as rows and ``Yᵀ X = U S Vᵀ``, ``W = U Vᵀ`` (Schönemann 1966,
    doi 10.1007/BF02289451; for embeddings Xing et al. 2015, aclanthology.org/N15-1104). Lengths and
    angles inside a language are unchanged.

    Raises:
        UsageError: a language has fewer texts in common with the pivot than vectors have
            dimensions, which leaves W undetermined.
    """
    maps = {}
    for language in statistics.languages:
        own, pivot = statistics.aligned(language, settings.toward)
        dimension = own.shape[1]
        if language == settings.toward:
            maps[language] = Affine(np.zeros(dimension))
            continue
        if len(own) < dimension:
            raise UsageError(
                f"{language} has {len(own):,} texts in common with {settings.toward}, and vectors "
                f"have {dimension:,} dimensions: the map is not determined.",
                "Use a larger parallel set, leave the language out, or use --method shift.",
            )
        left, _, right = np.linalg.svd(pivot.T @ own)
        maps[language] = Affine(np.zeros(dimension), left @ right)
    return Maps(maps)


METHOD = Method("an orthogonal map of each language onto one.", procrustes, {"toward": "en"})
