"""Bitext mining by margin: which sentences of two languages are translations of each other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Scores = NDArray[np.float64]
Rows = NDArray[np.int64]

NEIGHBOURS = 4
"""k of Artetxe and Schwenk (2019)."""


@dataclass(frozen=True)
class Mined:
    """Pairs of sentences that may be translations, the best first.

    Attributes:
        left: int64 [m], rows of the first language, each once.
        right: int64 [m], rows of the second, each once.
        scores: float64 [m], their margins, descending.
    """

    left: Rows
    right: Rows
    scores: Scores


@dataclass(frozen=True)
class MiningScore:
    """How good mined pairs are, with those kept whose margin is at least a threshold.

    Attributes:
        threshold: the margin.
        precision: share of the kept pairs that are translations.
        recall: share of the translations that were kept.
    """

    threshold: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def margins(left: Vectors, right: Vectors, k: int = NEIGHBOURS) -> Scores:
    """Ratio margins of all pairs: a cosine over the mean cosine of both sides' k nearest.

    ``cos(x, y) / (Σ_{z ∈ NNk(x)} cos(x, z)/2k + Σ_{z ∈ NNk(y)} cos(y, z)/2k)``: Artetxe & Schwenk
    (2019), arXiv 1811.01136, eq. 2 and the ratio of 3.1; the neighbours of each are in the other
    language.

    Args:
        left: float32 [n, d], of unit length.
        right: float32 [m, d], likewise.
        k: neighbours; all, if a language has fewer.

    Returns:
        float64 [n, m].
    """
    cosines = left.astype(np.float64) @ right.astype(np.float64).T
    of_left = _nearest(cosines, k)
    of_right = _nearest(cosines.T, k)
    found: Scores = cosines / ((of_left[:, None] + of_right[None, :]) / 2)
    return found


def _nearest(cosines: Scores, k: int) -> Scores:
    """The mean of each row's k largest values, float64 [n]."""
    k = min(k, cosines.shape[1])
    found: Scores = np.partition(cosines, -k, axis=1)[:, -k:].mean(axis=1)
    return found


def mine(scores: Scores) -> Mined:
    """The best partner of every sentence, both ways, the best pairs first, each sentence once.

    This is the strategy ``max`` of Artetxe and Schwenk (2019), 3.2: of the union of both
    directions' candidates, a pair is taken unless one of its sentences is in a better one. Of equal
    margins, the one of the earlier sentence is better.

    Args:
        scores: float64 [n, m], of `margins`.
    """
    forward, backward = scores.argmax(axis=1), scores.argmax(axis=0)
    pairs = np.concatenate(
        [
            np.stack([np.arange(len(forward)), forward], axis=1),
            np.stack([backward, np.arange(len(backward))], axis=1),
        ]
    )
    pairs = np.unique(pairs, axis=0)
    values = scores[pairs[:, 0], pairs[:, 1]]
    taken: tuple[set[int], set[int]] = (set(), set())
    kept = []
    for at in np.argsort(-values, kind="stable"):
        one, other = int(pairs[at, 0]), int(pairs[at, 1])
        if one not in taken[0] and other not in taken[1]:
            taken[0].add(one)
            taken[1].add(other)
            kept.append(at)
    return Mined(pairs[kept, 0], pairs[kept, 1], values[kept])


def best_threshold(mined: Mined, gold: Collection[tuple[int, int]]) -> MiningScore:
    """The threshold with the highest F1, and what it gives: as BUCC chooses it, on training data.

    It lies between the last pair that is kept and the next (Zweigenbaum et al. 2018, BUCC; LASER's
    bucc.py).

    Args:
        mined: pairs.
        gold: the translations, as rows of both languages.
    """
    right = _are_right(mined, gold)
    correct = np.cumsum(right)
    kept = np.arange(1, len(right) + 1)
    f1 = 2 * correct / (kept + len(set(gold)))
    at = int(f1.argmax())
    following = mined.scores[at + 1] if at + 1 < len(mined.scores) else mined.scores[at]
    return score_mined(mined, gold, float((mined.scores[at] + following) / 2))


def score_mined(mined: Mined, gold: Collection[tuple[int, int]], threshold: float) -> MiningScore:
    """Precision and recall of the pairs with at least a margin.

    Args:
        mined: pairs.
        gold: the translations, as rows of both languages.
        threshold: the margin.
    """
    gold = set(gold)
    kept = mined.scores >= threshold
    correct = int((_are_right(mined, gold) & kept).sum())
    return MiningScore(threshold, correct / max(1, int(kept.sum())), correct / max(1, len(gold)))


def _are_right(mined: Mined, gold: Collection[tuple[int, int]]) -> NDArray[np.bool_]:
    known = set(gold)
    pairs = zip(mined.left.tolist(), mined.right.tolist(), strict=True)
    return np.array([pair in known for pair in pairs], dtype=np.bool_)
