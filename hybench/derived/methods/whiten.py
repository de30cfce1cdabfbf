"""Whitening: every direction gets the same variance."""

from __future__ import annotations

import numpy as np

from hybench.derived import Affine, Maps, Matrix, Method
from hybench.derived.options import LANGUAGE, Settings
from hybench.derived.statistics import Statistics

_RANK = 1e-10
"""Of the largest eigenvalue: directions with less variance are not among the texts' own."""


def whiten(statistics: Statistics, settings: Settings) -> Maps:
    """``Σ^(-1/2) (x - m)`` with mean m and covariance Σ: whitening (Su et al. 2021, arXiv
    2103.15316) in its symmetric form (ZCA; Kessy et al. 2018, arXiv 1512.00809).

    By language, m and Σ are those of the text's language, or those of all texts. The symmetric form
    leaves directions where they are, so that languages that are whitened apart can be compared; of
    all texts, it gives the cosines of the form by principal components. Σ is shrunk towards a
    multiple of the identity, ``(1 - λ) S + λ tr(S)/d I``, by λ of Ledoit & Wolf (2004,
    doi 10.1016/S0047-259X(03)00096-4) or the one given; with λ = 0, directions that the texts do
    not span are left out: Σ^(-1/2) is a pseudo-inverse.
    """
    if settings.by == LANGUAGE:
        found = {
            language: _whitening(statistics.vectors(language), settings.shrinkage)
            for language in statistics.languages
        }
        return Maps(
            {language: each[0] for language, each in found.items()},
            said={"by": {language: each[1] for language, each in found.items()}},
        )
    pooled = np.concatenate([statistics.vectors(each) for each in statistics.languages])
    everywhere, said = _whitening(pooled, settings.shrinkage)
    return Maps(everywhere=everywhere, said=said)


def _whitening(vectors: Matrix, shrinkage: float | None) -> tuple[Affine, dict[str, float]]:
    """The map, and what was computed for it."""
    mean = vectors.mean(axis=0)
    centred = vectors - mean
    covariance = centred.T @ centred / len(vectors)
    strength = ledoit_wolf(centred, covariance) if shrinkage is None else shrinkage
    size = np.trace(covariance) / len(covariance)
    covariance = (1 - strength) * covariance + strength * size * np.eye(len(covariance))
    values, directions = np.linalg.eigh(covariance)
    kept = values > _RANK * values[-1]
    inverse = np.zeros_like(values)
    inverse[kept] = values[kept] ** -0.5
    # Every vector is made of unit length afterwards: the largest gain is 1, which loses no digits.
    matrix = (directions * (inverse / inverse.max())) @ directions.T
    said = {"shrinkage": round(float(strength), 6), "rank": int(kept.sum())}
    return Affine(-matrix @ mean, matrix), said


def ledoit_wolf(centred: Matrix, covariance: Matrix) -> float:
    """The shrinkage that expects the least squared error of the covariance (Ledoit & Wolf 2004).

    ``λ = min(1, (1/n² Σᵢ ‖xᵢxᵢᵀ - S‖²) / ‖S - tr(S)/d I‖²)`` in the Frobenius norm.

    Args:
        centred: float64 [n, d], with mean zero.
        covariance: float64 [d, d], S.
    """
    count, dimension = centred.shape
    size = np.trace(covariance) / dimension
    spread = float((covariance**2).sum() - dimension * size**2)
    squares = (centred**2).sum(axis=1)
    chance = float(((squares**2).sum() / count - (covariance**2).sum()) / count)
    return 1.0 if spread <= 0 else min(1.0, max(0.0, chance / spread))


METHOD = Method("equal variance in all directions.", whiten, {"by": LANGUAGE, "shrinkage": None})
