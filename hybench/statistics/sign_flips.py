"""Random signs of sources: the null distribution of every arm's mean, in every language.

One sign per source, shared by all its languages, directions and arms. So, draw by draw, the mean
over languages is the mean of the languages' values, and the difference of two arms the difference
of theirs: all rows and all pairs of arms use one set of draws.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from hybench.statistics.paired_tests import philox, sign_flip_sums
from hybench.statistics.pairing import FloatArray, Paired

THREADS = min(8, os.cpu_count() or 1)
"""Languages computed at a time."""


def flipped_means(paired: Mapping[str, Paired], draws: int, seed: int) -> dict[str, FloatArray]:
    """Means of every arm under random signs.

    A single arm's means are not meaningful, as its scores are not differences; subtract those of
    two.

    Args:
        paired: scores by language.
        draws: sign assignments.
        seed: of them.

    Returns:
        By language, f64 [draws, arms].
    """
    groups = _sharing(paired)
    with ThreadPoolExecutor(THREADS) as threads:
        found = threads.map(lambda group: _flip(group, paired, draws, seed), groups)
        flat = {language: means for of_group in found for language, means in of_group.items()}
    return {language: flat[language] for language in paired}


def _sharing(paired: Mapping[str, Paired]) -> list[tuple[str, ...]]:
    """Groups of languages that share sources, directly or through others."""
    groups: list[tuple[set[int], list[str]]] = []
    for language, scores in paired.items():
        sources, languages = set(scores.sources.tolist()), [language]
        apart = []
        for known, members in groups:
            if known.isdisjoint(sources):
                apart.append((known, members))
            else:
                sources |= known
                languages = [*members, *languages]
        groups = [*apart, (sources, languages)]
    return [tuple(languages) for _, languages in groups]


def _flip(
    languages: Sequence[str], paired: Mapping[str, Paired], draws: int, seed: int
) -> dict[str, FloatArray]:
    """Means of the languages of a group, whose signs are drawn together."""
    every = [paired[language] for language in languages]
    sources, place = np.unique(
        np.concatenate([each.sources for each in every]), return_inverse=True
    )
    width = sum(len(each.arms) for each in every)
    parts = np.zeros((len(sources), width))
    column = row = 0
    for each in every:
        count, arms = each.values.shape
        # What all arms share cancels in every difference; subtracting it first preserves digits.
        own = (each.values - each.values.mean(axis=1, keepdims=True)) / count
        np.add.at(parts[:, column : column + arms], place[row : row + count], own)
        row, column = row + count, column + arms
    sums = sign_flip_sums(parts, philox(seed, "signs", *languages), draws)
    ends = np.cumsum([len(each.arms) for each in every])[:-1]
    return dict(zip(languages, np.split(sums, ends, axis=1), strict=True))
