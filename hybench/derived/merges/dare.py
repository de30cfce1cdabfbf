"""DARE: changes are dropped at random, and the rest is scaled up."""

from __future__ import annotations

import zlib

import numpy as np

from hybench.derived import Matrix, Merge, Weights
from hybench.derived.options import Settings


def dare(weights: Weights, settings: Settings) -> Matrix:
    """``θ₀ + λ Σᵢ wᵢ mᵢ ⊙ (θᵢ - θ₀) / p``: drop and rescale (Yu et al. 2024, arXiv 2311.03099).

    Each change of each model is kept with probability p, ``density``, so that its expectation stays
    what it was. Draws are a function of the seed, the model's place and the tensor's name.
    """
    total = np.zeros_like(weights.models[0])
    for place, (share, change) in enumerate(zip(weights.shares, weights.changes, strict=True)):
        draws = np.random.default_rng(
            [settings.draw_seed, place, zlib.crc32(weights.name.encode())]
        )
        kept = draws.random(change.shape) < settings.density
        total += share * np.where(kept, change, 0.0) / settings.density
    return np.asarray(weights.start + settings.scale * total)


MERGE = Merge(
    "changes kept at random and scaled up (DARE).",
    dare,
    {"density": 0.1, "scale": 1.0, "draw_seed": 0},
    needs_base=True,
)
