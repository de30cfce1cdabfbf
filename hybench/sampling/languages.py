"""Which languages the examples of a batch have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Places = NDArray[np.int64]


def weights_of(counts: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """n^τ, and 0 where n is 0: of languages, or of ordered pairs of them.

    τ = 0 draws all alike, τ = 1 by size; multilingual BERT has .7, XLM-R .3 (Conneau et al. 2020,
    arXiv 1911.02116, section 3.1).
    """
    return np.where(counts > 0, np.maximum(counts, 1.0) ** temperature, 0.0)


def draw_one(draw: float, languages: list[int], weights: NDArray[np.float64]) -> int:
    """The language, of those that may be, on which a draw of [0, 1) falls.

    Args:
        draw: uniform.
        languages: indexes.
        weights: of these languages, in the same order.
    """
    ends = np.cumsum(weights)
    at = int(np.searchsorted(ends, draw * ends[-1], side="right"))
    return languages[min(at, len(languages) - 1)]


def two_alike(random: np.random.Generator, present: Bools) -> tuple[Places, Places]:
    """Two different languages for each example, all of its pair's alike; twice the same where it
    has one.

    Args:
        random: the batch's.
        present: bool [b, L].

    Returns:
        Of query and passage, int64 [b] each.
    """
    draws = np.where(present, random.random(present.shape), -1.0)
    order = np.argsort(-draws, axis=1, kind="stable")
    return order[:, 0], order[:, min(1, order.shape[1] - 1)]


def two_weighted(
    random: np.random.Generator, present: Bools, weights: NDArray[np.float64]
) -> tuple[Places, Places]:
    """Two different languages for each example, by the weights of ordered pairs of languages;
    twice the same where its pair has one.

    Args:
        random: the batch's.
        present: bool [b, L].
        weights: float64 [L, L], of query and passage language; only the ratios count.
    """
    size = len(weights)
    apart = weights * ~np.eye(size, dtype=np.bool_)
    mass = (present[:, :, None] & present[:, None, :]) * apart
    ends = mass.reshape(len(present), -1).cumsum(axis=1)
    draws = random.random(len(present)) * ends[:, -1]
    drawn = (ends <= draws[:, None]).sum(axis=1)
    alone = np.argmax(present, axis=1) * (size + 1)
    return np.divmod(np.where(ends[:, -1] > 0, drawn, alone), size)


def one_weighted(
    random: np.random.Generator, present: Bools, weights: NDArray[np.float64]
) -> Places:
    """A language for each example, by the weights of languages.

    Args:
        random: the batch's.
        present: bool [b, L].
        weights: float64 [L].
    """
    ends = (present * weights).cumsum(axis=1)
    draws = random.random(len(present)) * ends[:, -1]
    drawn: Places = (ends <= draws[:, None]).sum(axis=1)
    return drawn
