"""TIES: changes without their small and disputed parts."""

from __future__ import annotations

import numpy as np

from hybench.derived import Matrix, Merge, Weights
from hybench.derived.options import Settings


def ties(weights: Weights, settings: Settings) -> Matrix:
    """``θ₀ + λ τ``: trim, elect the sign, merge what agrees (Yadav et al. 2023, arXiv 2306.01708).

    Of each model's change ``τᵢ = θᵢ - θ₀`` the ``density`` largest by magnitude are kept; the sign
    of a weight is that of ``Σᵢ wᵢ τᵢ``; τ is the weighted mean of the kept changes that have it.
    Trimmed tensor by tensor, as in mergekit; the paper trims a whole model's change at once.
    """
    start = weights.start
    rows = [change.reshape(len(start) if start.ndim else 1, -1) for change in weights.changes]
    # Of a model's hundred thousands of tokens, most are in no training text: their rows stay.
    moved = np.any([each.any(axis=1) for each in rows], axis=0)
    kept = max(1, int(settings.density * start.size))
    trimmed = [trim(each[moved], kept) for each in rows]
    weighted = [share * each for share, each in zip(weights.shares, trimmed, strict=True)]
    sign = np.sign(np.sum(weighted, axis=0))
    agreeing = [np.sign(each) == sign for each in trimmed]
    total = sum(np.where(own, each, 0.0) for own, each in zip(agreeing, weighted, strict=True))
    share = sum(
        np.where(own & (each != 0), part, 0.0)
        for own, each, part in zip(agreeing, trimmed, weights.shares, strict=True)
    )
    change = np.divide(total, share, out=np.zeros_like(sign), where=np.asarray(share) > 0)
    merged = start.copy()
    merged.reshape(rows[0].shape)[moved] += settings.scale * change
    return merged


def trim(change: Matrix, kept: int) -> Matrix:
    """A change with zeros but for its `kept` largest by magnitude, and all equal to these."""
    if kept >= change.size:
        return change
    sizes = np.abs(change).ravel()
    least = np.partition(sizes, change.size - kept)[change.size - kept]
    return np.where(np.abs(change) >= least, change, 0.0)


MERGE = Merge(
    "large changes whose signs agree (TIES).",
    ties,
    {"density": 0.2, "scale": 1.0},
    needs_base=True,
)
